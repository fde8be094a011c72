# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML of strangers: a tree with limits on size and depth, without document types, entities or foreign encodings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

#: The deepest envelope of a client has six levels.
MAXIMUM_DEPTH = 32
MAXIMUM_ELEMENTS = 4096


class InvalidXml(ValueError):  # noqa: N818
    """Not well-formed, or more than a client has reason to send."""


@dataclass(slots=True)
class Element:
    """An element. Names are `namespace local` (one blank between), or only `local` where there is no namespace."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, namespace: str, local: str) -> Iterator[Element]:
        """The children of a name."""
        wanted = f"{namespace} {local}"
        return (child for child in self.children if child.name == wanted)

    def first(self, namespace: str, local: str) -> Element | None:
        """The first child of a name."""
        return next(self.all(namespace, local), None)

    def text_of(self, namespace: str, local: str) -> str | None:
        """The text of the first child of a name, without blanks around it."""
        found = self.first(namespace, local)
        return None if found is None else found.text.strip()


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= MAXIMUM_DEPTH or self.count > MAXIMUM_ELEMENTS:
            raise InvalidXml("The document has too many elements, or they are too deep")
        element = Element(name, attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text


def _refuse(*_arguments: Any) -> None:
    raise InvalidXml("Document types and entities are not accepted")


def parse(content: bytes) -> Element:
    """The root of a document in UTF-8 or, with a byte order mark, UTF-16. Raises InvalidXml, and nothing else."""
    encoding = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "UTF-8"
    builder = _Builder()
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, UnicodeError) as error:
        raise InvalidXml(f"Not well-formed: {error}") from error
    if builder.root is None:
        raise InvalidXml("There is no element")
    return builder.root

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTML page taken apart with the parser of the standard library, and everything about it that could be wrong."""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})
#: In SVG elements may end themselves.
SELF_CLOSING = frozenset({"path", "circle", "rect", "use"})
#: Attributes that make a browser go somewhere or do something.
LEADING = frozenset(
    {"src", "srcset", "action", "formaction", "data", "poster", "background", "cite", "ping", "xlink:href"}
)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    content: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [one for one in self.content if isinstance(one, Element)]

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.content)

    def has_class(self, name: str) -> bool:
        return name in self.attributes.get("class", "").split()

    def __iter__(self) -> t.Iterator[Element]:
        """Itself and everything in it."""
        yield self
        for child in self.children:
            yield from child


class Page(HTMLParser):
    """A page as a tree.

    Attributes:
        root: an element above C(html).
        problems: what is not well-formed.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.root = Element("", {})
        self.problems: list[str] = []
        self._open = self.root
        self.feed(text)
        self.close()
        if self._open is not self.root:
            self.problems.append(f"<{self._open.tag}> is not closed")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)
        if tag not in VOID:
            self._open = t.cast(Element, self._open.content[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SELF_CLOSING:
            self.problems.append(f"<{tag}/> cannot end itself")
        self._add(tag, attrs)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        twice = [name for name, count in Counter(name for name, _value in attrs).items() if count > 1]
        if twice:
            self.problems.append(f"<{tag}> has {twice} twice")
        self._open.content.append(Element(tag, {name: value or "" for name, value in attrs}, self._open))

    def handle_endtag(self, tag: str) -> None:
        if self._open.tag != tag:
            self.problems.append(f"</{tag}> ends <{self._open.tag}> in line {self.getpos()[0]}")
            return
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.content.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"an instruction: {data}")

    def find(self, tag: str, **attributes: str) -> list[Element]:
        """The elements with these attributes; a trailing underscore of a name is dropped."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            element
            for element in self.root
            if element.tag == tag and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.root if "id" in element.attributes]


def complaints(text: str) -> list[str]:
    """Everything that is wrong with the page as a page, whatever it shows."""
    page = Page(text)
    found = list(page.problems)
    found += [f"id {one} twice" for one, count in Counter(page.ids).items() if count > 1]
    known = {f"#{one}" for one in page.ids}
    for element in page.root:
        for name, value in element.attributes.items():
            if name in LEADING or name.startswith("on") or name == "style":
                found.append(f"<{element.tag} {name}={value!r}>")
            if name == "href" and value not in known:
                found.append(f"<{element.tag} href={value!r}> leads nowhere")
            if name in ("aria-labelledby", "aria-describedby", "for") and f"#{value}" not in known:
                found.append(f"<{element.tag} {name}={value!r}> names nothing")
        if element.tag in ("link", "img", "iframe", "object", "embed", "base", "form", "foreignobject", "image"):
            found.append(f"<{element.tag}>")
    found += _policy(page)
    if (scripts := len(page.find("script"))) != 1 or (styles := len(page.find("style"))) != 1:
        found.append(f"{scripts} scripts, {styles} styles")
    if "url(" in text[: text.index("</style>")] or "@import" in text[: text.index("</style>")]:
        found.append("the style refers to something")
    return found


def _policy(page: Page) -> list[str]:
    (meta,) = page.find("meta", **{"http-equiv": "Content-Security-Policy"})
    policy = dict(part.strip().split(" ", 1) for part in meta.attributes["content"].split(";"))
    expected = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    for tag in ("style", "script"):
        match = re.search(rf"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)
        assert match is not None
        octets = hashlib.sha256(match[1].encode()).digest()
        expected[f"{tag}-src"] = f"'sha256-{base64.b64encode(octets).decode()}'"
    return [] if policy == expected else [f"the policy is {policy}, not {expected}"]

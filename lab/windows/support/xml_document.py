# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML files read and written as .NET's XmlDocument does it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.dom import Node as Kind
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from lab.windows.not_modelled import NotModelled

_DECLARATION = re.compile(
    r"<\?xml\s+version\s*=\s*[\"']([^\"']*)[\"'](?:\s+encoding\s*=\s*[\"']([^\"']*)[\"'])?"
    r"(?:\s+standalone\s*=\s*[\"'](yes|no)[\"'])?\s*\?>"
)
_BOM = "\ufeff"
_TEXTS = (Kind.TEXT_NODE, Kind.CDATA_SECTION_NODE)


class InvalidXml(ValueError):  # noqa: N818
    """No well-formed XML. The text is the parser's, not .NET's."""


@dataclass
class XmlDocument:
    """A document with what the DOM does not keep: its declaration, its encoding, and its line ends.

    Attributes:
        dom: The nodes; without those that are only blanks, unless they were to be kept.
        declaration: `<?xml ...?>` as it is written; "" for none.
        encoding: Named by the declaration; "" for none.
        keeps_blanks: XmlDocument.PreserveWhitespace.
        newline: What ends lines within texts.
    """

    dom: Any
    declaration: str
    encoding: str
    keeps_blanks: bool
    newline: str

    @property
    def root(self) -> Any:
        return self.dom.documentElement

    def content(self) -> bytes:
        """The file as XmlDocument.Save writes it: a byte order mark only where an encoding is declared."""
        text = _Writer(self).document()
        if not self.encoding:
            return text.encode("utf-8")
        lower = self.encoding.lower()
        if lower in ("utf-16", "unicode"):
            return (_BOM + text).encode("utf-16-le")
        mark = _BOM if lower in ("utf-8", "utf8") else ""
        return (mark + text).encode(self.encoding, "xmlcharrefreplace")


def load(content: bytes, *, keeps_blanks: bool = False) -> XmlDocument:
    """Read a file. InvalidXml if it is not well-formed; NotModelled for a document type."""
    try:
        dom = minidom.parseString(content)
    except (ExpatError, ValueError, LookupError) as error:
        raise InvalidXml(str(error)) from error
    if dom.doctype is not None:
        raise NotModelled("XML with a document type")
    if not keeps_blanks:
        _drop_blanks(dom)
    head = content[:400].decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    found = _DECLARATION.search(head)
    declaration, encoding = "", ""
    if found:
        encoding = found[2] or ""
        declaration = f'<?xml version="{found[1]}"' + (f' encoding="{encoding}"' if encoding else "")
        declaration += f' standalone="{found[3]}"?>' if found[3] else "?>"
    return XmlDocument(dom, declaration, encoding, keeps_blanks, "\r\n" if b"\r\n" in content else "\n")


def _drop_blanks(node: Any) -> None:
    for child in list(node.childNodes):
        if child.nodeType == Kind.TEXT_NODE and not child.data.strip(" \t\r\n"):
            node.removeChild(child)
        else:
            _drop_blanks(child)


def outer(node: Any) -> str:
    """OuterXml of a node: on one line."""
    document = XmlDocument(None, "", "", True, "\n")
    writer = _Writer(document)
    if node.nodeType == Kind.ATTRIBUTE_NODE:
        return f'{node.name}="{_attribute(node.value)}"'
    writer.node(node, 0, indented=False)
    return "".join(writer.parts)


class _Writer:
    """XmlTextWriter: two blanks a level and CR LF, unless blanks are kept; nothing put beside text."""

    def __init__(self, document: XmlDocument) -> None:
        self.told = document
        self.parts: list[str] = []

    def document(self) -> str:
        indented = not self.told.keeps_blanks
        if self.told.declaration:
            self.parts.append(self.told.declaration)
        for child in self.told.dom.childNodes:
            if self.parts and indented:
                self.parts.append("\r\n")
            elif self.parts and self.told.declaration and len(self.parts) == 1:
                # The blank between the declaration and the root is no node for expat.
                self.parts.append(self.told.newline)
            self.node(child, 0, indented=indented)
        return "".join(self.parts)

    def node(self, node: Any, depth: int, *, indented: bool) -> None:
        kind = node.nodeType
        if kind == Kind.ELEMENT_NODE:
            self.element(node, depth, indented=indented)
        elif kind == Kind.TEXT_NODE:
            self.parts.append(_text(node.data).replace("\n", self.told.newline))
        elif kind == Kind.CDATA_SECTION_NODE:
            self.parts.append(f"<![CDATA[{node.data}]]>")
        elif kind == Kind.COMMENT_NODE:
            self.parts.append(f"<!--{node.data}-->".replace("\n", self.told.newline))
        elif kind == Kind.PROCESSING_INSTRUCTION_NODE:
            self.parts.append(f"<?{node.target} {node.data}?>")
        else:
            raise NotModelled(f"a node of XML of the kind {kind}")

    def element(self, node: Any, depth: int, *, indented: bool) -> None:
        attributes = "".join(
            f' {node.attributes.item(place).name}="{_attribute(node.attributes.item(place).value)}"'
            for place in range(node.attributes.length)
        )
        if not node.childNodes:
            self.parts.append(f"<{node.tagName}{attributes} />")
            return
        self.parts.append(f"<{node.tagName}{attributes}>")
        mixed = False
        for child in node.childNodes:
            mixed = mixed or child.nodeType in _TEXTS
            if indented and not mixed:
                self.parts.append("\r\n" + "  " * (depth + 1))
            self.node(child, depth + 1, indented=indented and not mixed)
        if indented and not mixed:
            self.parts.append("\r\n" + "  " * depth)
        self.parts.append(f"</{node.tagName}>")


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    escaped = _text(text).replace('"', "&quot;")
    return escaped.replace("\r", "&#xD;").replace("\n", "&#xA;").replace("\t", "&#x9;")

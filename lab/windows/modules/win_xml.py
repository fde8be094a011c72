# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""community.windows.win_xml: elements, texts and attributes of an XML file."""

from __future__ import annotations

from typing import Any
from xml.dom import Node as Kind

from lab.windows.exceptions import Unhandled, cannot_convert, method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import FileError
from lab.windows.support import file_access, file_copy, xml_document, xpath
from lab.windows.support.xml_document import InvalidXml, XmlDocument

#: From this verbosity on the module tells what it removed and compared.
DEBUG = 3
_NOTHING = (
    "The supplied xpath did not match any nodes.  If this is unexpected, check your xpath is valid for the xml file at "
    "supplied path."
)


@upstream(
    "community.windows.win_xml",
    mirrors="plugins/modules/win_xml.ps1 of community.windows 3.3.0",
    checked_against=("tests/cases/community.windows.win_xml.yml", "tests/unit/lab/windows/test_xml.py"),
    limits="documents with a document type; XPath beyond lab/windows/support/xpath.py; a new attribute below a root "
    "with a namespace; fragments with a namespace; what -vvv adds to a comparison; .NET's words for XML that is none",
)
def run(call: Call) -> Result:
    given = call.arguments
    path = file_access.full(call.host, call.user, given["path"])
    if not call.host.files.is_file(path):
        raise ModuleFailure(f"Specified path {given['path']} does not exist or is not a file.")
    document = _loaded(call, path)
    nodes = _selected(document, given["xpath"])
    result: Result = {"changed": False}
    if given["count"]:
        result["count"] = len(nodes)
        if not given["fragment"] and not given["content"]:
            return result
    if not nodes:
        return {**result, "msg": _NOTHING}
    result["msg"] = "not changed"
    if given["content"]:
        return {**result, "matches": [{node.nodeName: _content(given["content"], node)} for node in nodes]}
    change = {"element": _elements, "text": _texts, "attribute": _attributes}[given["type"].lower()]
    if change(call, document, nodes, result):
        _save(call, path, document, result)
    return result


def _loaded(call: Call, path: str) -> XmlDocument:
    try:
        content = call.host.files.read(path)
        return xml_document.load(content, keeps_blanks=bool(call.arguments["preserve_whitespace"]))
    except InvalidXml as error:
        reason = method_failed("Load", 1, str(error))
        shown = call.arguments["path"]
        raise ModuleFailure(f"Failed to parse file at '{shown}' as an XML document: {reason}") from error


def _selected(document: XmlDocument, expression: str) -> list[Any]:
    root = document.root
    prefixes = {root.prefix: root.namespaceURI} if root.prefix else {}
    try:
        return xpath.select(document.dom, expression, prefixes)
    except xpath.XPathError as error:
        # Whether .NET would refuse it, too, is not known of each.
        raise NotModelled(f"the XPath {expression}: {error}") from error


def _content(kind: str, node: Any) -> Any:
    if kind.lower() == "text":
        return xpath.text_of(node) or None
    return dict(node.attributes.items()) if node.nodeType == Kind.ELEMENT_NODE else {}


def _elements(call: Call, document: XmlDocument, nodes: list[Any], result: Result) -> bool:
    if call.arguments["state"].lower() == "absent":
        if call.internal.get("_ansible_verbosity", 0) >= DEBUG:
            result["removed"] = ", ".join(xml_document.outer(node) for node in nodes)
        # The module removes nothing in check mode, and then says that nothing is to be changed.
        if call.check_mode:
            return False
        for node in nodes:
            if node.nodeType == Kind.ATTRIBUTE_NODE or node.parentNode is None:
                raise Unhandled("You cannot call a method on a null-valued expression.")
            node.parentNode.removeChild(node)
        return True
    fragment = _fragment(call.arguments["fragment"])
    changed = False
    for found in nodes:
        candidate = _copied(document, fragment)
        node = document.root if found.nodeType == Kind.DOCUMENT_NODE else found
        # What the last node was like decides, as in the module.
        changed = not any(_same(candidate, element) for element in node.childNodes or [node])
        if changed:
            node.appendChild(candidate)
            result["msg"] += "xml added "
    return changed


def _fragment(text: str | None) -> Any:
    try:
        root = xml_document.load((text or "").encode()).root
    except InvalidXml as error:
        reason = cannot_convert(text or "", "System.Xml.XmlDocument", str(error))
        raise ModuleFailure(f"Failed to parse fragment as XML: {reason}", msg="") from error
    if root.namespaceURI:
        raise NotModelled("a fragment of XML with a namespace")
    return root


def _copied(document: XmlDocument, source: Any) -> Any:
    """A copy in the namespace of the root, as the module makes it: a text takes the place of what was before it."""
    made = document.dom.createElementNS(document.root.namespaceURI, source.tagName)
    for place in range(source.attributes.length):
        attribute = source.attributes.item(place)
        made.setAttribute(attribute.name, attribute.value)
    for child in source.childNodes:
        if child.nodeType == Kind.ELEMENT_NODE:
            made.appendChild(_copied(document, child))
        elif child.nodeType == Kind.TEXT_NODE:
            _set_text(document, made, child.data)
    return made


def _same(candidate: Any, element: Any) -> bool:
    """Compare-XmlDoc: names, attributes in their order, children and text, without regard to case."""
    if not _equal(candidate.nodeName, element.nodeName):
        return False
    if candidate.nodeType == element.nodeType == Kind.ELEMENT_NODE:
        first, second = (list(node.attributes.items()) for node in (candidate, element))
        if len(first) != len(second) or not all(
            _equal(left[0], right[0]) and _equal(left[1], right[1]) for left, right in zip(first, second, strict=True)
        ):
            return False
    if len(candidate.childNodes) != len(element.childNodes):
        return False
    if not all(_same(left, right) for left, right in zip(candidate.childNodes, element.childNodes, strict=True)):
        return False
    return _equal(xpath.text_of(candidate), xpath.text_of(element))


def _texts(call: Call, document: XmlDocument, nodes: list[Any], _result: Result) -> bool:
    wanted = call.arguments["fragment"] or ""
    differing = [node for node in nodes if not _equal(xpath.text_of(node), wanted)]
    for node in differing:
        _set_text(document, node, wanted)
    return bool(differing)


def _attributes(call: Call, document: XmlDocument, nodes: list[Any], _result: Result) -> bool:
    given = call.arguments
    name, wanted, state = given["attribute"], given["fragment"] or "", given["state"].lower()
    if state not in ("present", "absent"):
        raise NotModelled(f"the state {given['state']} of an attribute")
    changed = False
    for node in nodes:
        if node.nodeType == Kind.ATTRIBUTE_NODE:
            if state == "absent":
                owner = node.ownerElement
                if owner.hasAttribute(name):
                    owner.removeAttribute(name)
                changed = True
            elif _equal(node.name, name) and not _equal(node.value, wanted):
                node.value = wanted
                changed = True
        elif node.nodeType != Kind.ELEMENT_NODE:
            raise NotModelled("an attribute of what is no element")
        elif state == "absent":
            if node.hasAttribute(name):
                node.removeAttribute(name)
                changed = True
        elif not node.hasAttribute(name) or not _equal(node.getAttribute(name), wanted):
            if not node.hasAttribute(name) and document.root.namespaceURI:
                raise NotModelled("a new attribute below a root with a namespace")
            node.setAttribute(name, wanted)
            changed = True
    return changed


def _set_text(document: XmlDocument, node: Any, text: str) -> None:
    """Set InnerText."""
    if node.nodeType == Kind.ATTRIBUTE_NODE:
        node.value = text
    elif node.nodeType == Kind.ELEMENT_NODE:
        for child in list(node.childNodes):
            node.removeChild(child)
        if text:
            node.appendChild(document.dom.createTextNode(text))
    else:
        node.data = text


def _equal(left: str, right: str) -> bool:
    """PowerShell's -eq of two texts."""
    return left.casefold() == right.casefold()


def _save(call: Call, path: str, document: XmlDocument, result: Result) -> None:
    given = call.arguments
    result["changed"] = True
    if call.check_mode:
        result["msg"] += " check mode"
        return
    try:
        if given["backup"]:
            result["backup_file"] = file_copy.backup(call, path)
        file_copy.put(call, path, document.content())
    except FileError as error:
        raise Unhandled(method_failed("Save", 1, str(error))) from error
    result["msg"] = f"{given['type']} {'removed' if given['state'].lower() == 'absent' else 'changed'}"

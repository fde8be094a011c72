# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML on a host: XPath, and files as .NET's XmlDocument writes them."""

from __future__ import annotations

import contextlib
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.not_modelled import NotModelled
from lab.windows.support import xml_document, xpath
from lab.windows.support.xml_document import InvalidXml
from tests.unit.lab.windows.hosts import host, run

DOCUMENT = """<r xmlns:p="urn:p"><a k="1" n="x">one</a><!--c--><b><a k="2">two</a><a k="3"/></b><p:a k="4"/></r>"""


def selected(expression: str) -> list[str]:
    found = xpath.select(minidom.parseString(DOCUMENT), expression, {"p": "urn:p"})
    return [node.getAttribute("k") if hasattr(node, "getAttribute") else xpath.text_of(node) for node in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("/r/a", ["1"]),
        ("//a", ["1", "2", "3"]),
        ("/r/*/a", ["2", "3"]),
        ("//a[2]", ["3"]),
        ("(//a)[1]", ["1"]),
        ("(//a)[last()]", ["3"]),
        ("//a[last()]", ["1", "3"]),
        ("//a[position() > 1]", ["3"]),
        ("//a[@k='2']", ["2"]),
        ("//a[@k!='2']", ["1", "3"]),
        ("//a[@k>=2]", ["2", "3"]),
        ("//a[@n]", ["1"]),
        ("//a[not(@n)]", ["2", "3"]),
        ("//a[.='two' or @k='3']", ["2", "3"]),
        ("//a[@k='1' and @n='x']", ["1"]),
        ("//a[contains(., 'w')]", ["2"]),
        ("//a[starts-with(@n, 'x')]", ["1"]),
        ("//*[local-name()='a']", ["1", "2", "3", "4"]),
        ("//*[name()='p:a']", ["4"]),
        ("//p:a", ["4"]),
        ("//p:*", ["4"]),
        ("//a/@k", ["1", "2", "3"]),
        ("//a/text()", ["one", "two"]),
        ("/r/comment()", ["c"]),
        ("//b/a | /r/a", ["1", "2", "3"]),
        ("//a[@k='2']/..", [""]),
        ("//b[a/@k='3']/a[1]", ["2"]),
        ("//b[count(a)=2]/descendant::*", ["2", "3"]),
        ("//a[@k='2']/following-sibling::a", ["3"]),
        ("//b/preceding-sibling::a", ["1"]),
        ("//a[@k='3']/ancestor::r/a", ["1"]),
        ("/r/none", []),
    ],
)
def test_select(expression: str, expected: list[str]) -> None:
    assert selected(expression) == expected


@pytest.mark.parametrize(
    "expression", ["", "//", "//a[", "//@[x]", "a b", "count(//a)", "//q:a", "//a[id('x')]", "$x", "1+1"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(xpath.XPathError):
        selected(expression)


@given(st.text(st.sampled_from("/ab@[]()'=.*|:1 ,"), max_size=15))
def test_any_expression_is_answered_or_refused(expression: str) -> None:
    with contextlib.suppress(xpath.XPathError):
        xpath.select(minidom.parseString(DOCUMENT), expression, {})


@pytest.mark.parametrize(
    ("source", "keeps", "written"),
    [
        (b"<a><b/><c>x</c></a>", False, b"<a>\r\n  <b />\r\n  <c>x</c>\r\n</a>"),
        (b'<?xml version="1.0"?>\n<a>\n <b/>\n</a>\n', False, b'<?xml version="1.0"?>\r\n<a>\r\n  <b />\r\n</a>'),
        (
            b'<?xml version="1.0" encoding="utf-8"?><a/>',
            False,
            b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<a />',
        ),
        (b'<a b="&quot;&lt;"> x <b/>y</a>', False, b'<a b="&quot;&lt;"> x <b />y</a>'),
        (b"<a>\r\n <!-- c -->\r\n <b/>\r\n</a>", True, b"<a>\r\n <!-- c -->\r\n <b />\r\n</a>"),
        (b"<a>\n <b/>\n</a>", True, b"<a>\n <b />\n</a>"),
        (b"<a><![CDATA[<x>]]></a>", False, b"<a><![CDATA[<x>]]></a>"),
        (b"<?p x?><a/>", False, b"<?p x?>\r\n<a />"),
    ],
)
def test_files_are_written_as_dotnet_does(source: bytes, keeps: bool, written: bytes) -> None:
    document = xml_document.load(source, keeps_blanks=keeps)
    assert document.content() == written
    assert xml_document.load(written, keeps_blanks=keeps).content() == written


def test_what_is_no_xml_is_refused() -> None:
    for content in (b"", b"<a>", b"<a></b>", b"text"):
        with pytest.raises(InvalidXml):
            xml_document.load(content)
    with pytest.raises(NotModelled):
        xml_document.load(b"<!DOCTYPE a []><a/>")


def changed(content: bytes, **arguments: Any) -> tuple[dict[str, Any], bytes]:
    target = host()
    target.files.write("C:\\x.xml", content)
    result = run(target, "community.windows.win_xml", {"path": "C:\\x.xml", **arguments})
    return result, target.files.read("C:\\x.xml")


def test_the_connectors_configuration() -> None:
    content = b'<configuration>\r\n  <add key="A" value="1"/>\r\n</configuration>'
    result, after = changed(content, xpath="//add[@key='A']", type="attribute", attribute="value", fragment="2")
    assert result == {"changed": True, "msg": "attribute changed"}
    assert after == b'<configuration>\r\n  <add key="A" value="2" />\r\n</configuration>'


def test_an_attribute_goes() -> None:
    for expression in ("//b", "//b/@c"):
        result, after = changed(
            b'<a><b c="1" /></a>', xpath=expression, type="attribute", attribute="c", state="absent"
        )
        assert result == {"changed": True, "msg": "attribute removed"}
        assert after == b"<a>\r\n  <b />\r\n</a>"


def test_only_the_last_node_decides_whether_anything_was_added() -> None:
    """The module forgets what it added to the nodes before: it then does not write the file."""
    content = b"<a><b /><b><c /></b></a>"
    result, after = changed(content, xpath="//b", fragment="<c/>")
    assert (result["changed"], after) == (False, content)


def test_a_new_attribute_below_a_namespace_is_not_modelled() -> None:
    content = b'<a xmlns="urn:a"><b /></a>'
    result, after = changed(content, xpath="//*[local-name()='b']", type="attribute", attribute="c", fragment="1")
    assert result["failed"]
    assert "does not model" in result["msg"]
    assert after == content

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Envelopes of clients: real ones, foreign ones, broken ones."""

from __future__ import annotations

import contextlib
import re
import typing as t
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given

from lab.winrm import envelope, names, xml_tree
from lab.winrm.faults import fault

from .messages import COMMAND, SHELL, recorded
from .mutations import mutated

MESSAGES = recorded()


def changed(old: str, new: str, kind: str = "Send") -> bytes:
    text = MESSAGES[kind].decode()
    assert re.search(old, text)
    return re.sub(old, lambda _: new, text, count=1).encode()


@pytest.mark.parametrize("kind", list(MESSAGES))
def test_messages_of_pywinrm(kind: str) -> None:
    request = envelope.read(MESSAGES[kind])
    assert request.kind == kind
    assert re.fullmatch("uuid:[0-9a-f-]{36}", request.message_id)
    assert (request.timeout, request.maximum) == (20, 153600)
    assert request.selectors == ({} if kind == "Create" else {"ShellId": SHELL})


def test_options_of_pywinrm() -> None:
    request = envelope.read(MESSAGES["Command"])
    assert request.flag("WINRS_CONSOLEMODE_STDIN") is False
    assert request.flag("WINRS_SKIP_CMD_SHELL") is False
    assert request.flag("WINRS_NOPROFILE") is None


def test_options_that_are_to_be_complied_with() -> None:
    content = changed('Name="WINRS_CODEPAGE"', 'Name="NEW" MustComply="true"', "Create")
    assert envelope.read(content).must_comply == ("NEW",)


def test_body_of_pywinrm() -> None:
    body = envelope.read(MESSAGES["Receive"]).body
    assert body is not None
    stream = body.first(names.SHELL, "DesiredStream")
    assert stream is not None
    assert (stream.text, stream.attributes["CommandId"]) == ("stdout stderr", COMMAND)


def test_utf_16() -> None:
    text = MESSAGES["Create"].decode().replace("utf-8", "utf-16")
    assert envelope.read(text.encode("utf-16")).kind == "Create"


HEADER = "<env:Header>"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "invalid_message"),
        (b"hello", "invalid_message"),
        (b"<a/>", "invalid_message"),
        (MESSAGES["Send"][:-1], "invalid_message"),
        (changed(names.SOAP, "http://schemas.xmlsoap.org/soap/envelope/"), "invalid_message"),
        (changed(r"<\?xml[^>]*>", '<!DOCTYPE a [<!ENTITY b "c">]>'), "invalid_message"),
        (changed(r"<\?xml[^>]*>", '<!DOCTYPE Envelope SYSTEM "http://127.0.0.1/x">'), "invalid_message"),
        (changed(HEADER, HEADER + "&b;"), "invalid_message"),
        (changed(HEADER, HEADER + "<a>" * 40 + "</a>" * 40), "invalid_message"),
        (changed(HEADER, HEADER + "<a/>" * 5000), "invalid_message"),
        (changed("PT20S", "PT20"), "invalid_message"),
        (changed("153600", "many"), "invalid_message"),
        (changed("153600", "8191"), "envelope_too_small"),
        (changed("windows/shell/Send", "windows/shell/Sned"), "invalid_action"),
        (changed("<a:Action.*</a:Action>", ""), "missing_header"),
        (changed("<a:MessageID.*</a:MessageID>", ""), "missing_header"),
        (changed(HEADER, HEADER + '<x:New env:mustUnderstand="1">1</x:New>'), "not_understood"),
    ],
)
def test_refused(content: bytes, name: str) -> None:
    with pytest.raises(envelope.RefusedEnvelope) as caught:
        envelope.read(content)
    assert caught.value.fault.name == name


def test_a_refusal_relates_to_its_message() -> None:
    with pytest.raises(envelope.RefusedEnvelope) as caught:
        envelope.read(changed("153600", "1"))
    answer = ET.fromstring(envelope.refusal(caught.value.fault, "host", caught.value.message_id))
    related = answer.findtext(f"{{{names.SOAP}}}Header/{{{names.ADDRESSING}}}RelatesTo")
    assert related == caught.value.message_id != ""


def test_headers_that_need_not_be_understood_are_ignored() -> None:
    assert envelope.read(changed(HEADER, HEADER + '<x:New env:mustUnderstand="false">1</x:New>')).kind == "Send"


def test_must_understand_of_a_known_header_is_fine() -> None:
    text = MESSAGES["Send"].decode().replace("mustUnderstand", "env:mustUnderstand")
    assert envelope.read(text.encode()).kind == "Send"


@given(mutated(list(MESSAGES.values())))
def test_an_envelope_is_read_or_refused(content: bytes) -> None:
    try:
        request = envelope.read(content)
    except envelope.RefusedEnvelope:
        return
    assert request.kind in names.KINDS


@given(mutated([b"<a xmlns='b' c='d'>e<f/></a>", "<a>\u00e5</a>".encode("utf-16"), b"<?xml version='1.0'?><a/>"]))
def test_xml_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(xml_tree.InvalidXml):
        assert isinstance(xml_tree.parse(content), xml_tree.Element)


def test_a_foreign_encoding_is_not_believed() -> None:
    with pytest.raises(xml_tree.InvalidXml):
        xml_tree.parse("<?xml version='1.0' encoding='iso-8859-1'?><a>\u00e5</a>".encode("latin-1"))


@pytest.mark.parametrize(
    ("name", "value", "action"),
    [
        ("operation_timeout", "s:Receiver", names.WSMAN_FAULT_ACTION),
        ("access_denied", "s:Sender", names.WSMAN_FAULT_ACTION),
        ("invalid_action", "s:Sender", names.ADDRESSING_FAULT_ACTION),
        ("not_understood", "s:MustUnderstand", names.ADDRESSING_FAULT_ACTION),
    ],
)
def test_faults_as_soap(name: str, value: str, action: str) -> None:
    space = {"s": names.SOAP, "a": names.ADDRESSING, "f": names.FAULT}
    root: t.Any = ET.fromstring(envelope.refusal(fault(name), "host", "uuid:1"))
    assert root.findtext("s:Header/a:Action", None, space) == action
    assert root.findtext("s:Body/s:Fault/s:Code/s:Value", None, space) == value
    assert root.find("s:Body/s:Fault/s:Detail/f:WSManFault", space).get("Machine") == "host"

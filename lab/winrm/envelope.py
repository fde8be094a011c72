# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP envelopes: requests read, answers written with the prefixes of Windows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from . import duration, faults, names, xml_tree
from .faults import Fault, WsmanFault
from .xml_tree import Element

#: DSP0226 13.1: less may not be asked for.
SMALLEST_ENVELOPE = 8192

#: What DSP0226 R5.x and MS-WSMV name; a header outside of these that must be understood is refused.
_UNDERSTOOD = frozenset(
    [f"{names.ADDRESSING} {name}" for name in ("To", "ReplyTo", "FaultTo", "From", "Action", "MessageID", "RelatesTo")]
    + [
        f"{names.WSMAN} {name}"
        for name in ("ResourceURI", "SelectorSet", "OptionSet", "OperationTimeout", "MaxEnvelopeSize", "Locale")
    ]
    + [
        f"{names.WSMAN_MICROSOFT} {name}"
        for name in ("DataLocale", "SessionId", "OperationID", "SequenceId", "CompressionType", "ActivityId")
    ]
)


@dataclass
class Request:
    """A request, its headers taken apart.

    Attributes:
        kind: Of names.KINDS.
        message_id: As it was sent, for RelatesTo; empty for Identify.
        timeout: Seconds of OperationTimeout, None without one.
        maximum: Bytes that the answer may have, None where the client leaves it to the server.
        body: The first element of the body, None without one.
    """

    kind: str
    message_id: str = ""
    resource: str = ""
    selectors: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    timeout: float | None = None
    maximum: int | None = None
    body: Element | None = None
    #: Options that are to be complied with.
    must_comply: tuple[str, ...] = ()

    def flag(self, option: str) -> bool | None:
        """An option that is TRUE or FALSE; None where the client did not say."""
        value = self.options.get(option)
        return None if value is None else value.strip().lower() in {"true", "1"}


class RefusedEnvelope(Exception):  # noqa: N818
    """A request that is answered with a fault before it is known what it asks for."""

    def __init__(self, fault: Fault, message_id: str) -> None:
        super().__init__(fault.text)
        self.fault = fault
        self.message_id = message_id


def read(content: bytes) -> Request:
    """Read a request. Raises RefusedEnvelope, and nothing else."""
    message_id = ""
    try:
        root = xml_tree.parse(content)
        if root.name != f"{names.SOAP} Envelope":
            raise WsmanFault("invalid_message", reason="the root is no envelope of SOAP 1.2")
        header = root.first(names.SOAP, "Header") or Element("", {})
        message_id = header.text_of(names.ADDRESSING, "MessageID") or ""
        body = root.first(names.SOAP, "Body")
        inner = body.children[0] if body is not None and body.children else None
        if inner is not None and inner.name == f"{names.IDENTITY} Identify":
            return Request("Identify", message_id)
        return _read_header(header, message_id, inner)
    except xml_tree.InvalidXml as error:
        raise RefusedEnvelope(faults.fault("invalid_message", reason=str(error)), message_id) from error
    except WsmanFault as error:
        raise RefusedEnvelope(error.fault, message_id) from error


def _read_header(header: Element, message_id: str, body: Element | None) -> Request:
    for element in header.children:
        must = element.attributes.get(f"{names.SOAP} mustUnderstand", "").strip().lower()
        if must in {"1", "true"} and element.name not in _UNDERSTOOD:
            raise WsmanFault("not_understood", header=element.name)
    action = header.text_of(names.ADDRESSING, "Action")
    if not action or not message_id:
        raise WsmanFault("missing_header", header="MessageID" if action else "Action")
    kind = names.ACTIONS.get(action)
    if kind is None:
        raise WsmanFault("invalid_action", action=action[:256])
    return Request(
        kind,
        message_id,
        header.text_of(names.WSMAN, "ResourceURI") or "",
        _named(header, "SelectorSet", "Selector"),
        _named(header, "OptionSet", "Option"),
        _timeout(header),
        _maximum(header),
        body,
        _must_comply(header),
    )


def _named(header: Element, outer: str, inner: str) -> dict[str, str]:
    found = header.first(names.WSMAN, outer)
    if found is None:
        return {}
    return {element.attributes.get("Name", ""): element.text.strip() for element in found.all(names.WSMAN, inner)}


def _must_comply(header: Element) -> tuple[str, ...]:
    found = header.first(names.WSMAN, "OptionSet")
    options = found.all(names.WSMAN, "Option") if found is not None else ()
    return tuple(
        option.attributes.get("Name", "")
        for option in options
        if option.attributes.get("MustComply", "").strip().lower() in {"1", "true"}
    )


def _timeout(header: Element) -> float | None:
    text = header.text_of(names.WSMAN, "OperationTimeout")
    if text is None:
        return None
    try:
        return duration.parse(text)
    except duration.InvalidDuration as error:
        raise WsmanFault("invalid_message", reason=str(error)) from error


def _maximum(header: Element) -> int | None:
    text = header.text_of(names.WSMAN, "MaxEnvelopeSize")
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        raise WsmanFault("invalid_message", reason="MaxEnvelopeSize is no number")
    if int(text) < SMALLEST_ENVELOPE:
        raise WsmanFault("envelope_too_small")
    return int(text)


_PREFIXES = (
    f'xmlns:s="{names.SOAP}" xmlns:a="{names.ADDRESSING}" xmlns:x="{names.TRANSFER}" xmlns:w="{names.WSMAN}" '
    f'xmlns:rsp="{names.SHELL}" xmlns:p="{names.WSMAN_MICROSOFT}"'
)


def answer(action: str, body: str, relates_to: str, extra: str = "") -> bytes:
    """An envelope with a body that is XML already."""
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f'<s:Envelope xml:lang="en-US" {_PREFIXES}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{names.ANONYMOUS}</a:To>{related}{extra}"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def refusal(fault: Fault, machine: str, relates_to: str) -> bytes:
    """An envelope with a fault."""
    return answer(fault.action, faults.body(fault, machine), relates_to)


def identification(version: str) -> bytes:
    """The answer to Identify (DSP0226 11)."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{names.SOAP}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{names.IDENTITY}">'
        f"<wsmid:ProtocolVersion>{names.WSMAN}</wsmid:ProtocolVersion>"
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>{escape(version)}</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()

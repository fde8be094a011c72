# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the WinRM service (data/faults.yml), and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import yaml

from . import names

_TABLE: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "faults.yml").read_text("utf-8"))

#: The faults there are.
NAMES = frozenset(_TABLE)

#: The settings whose limits faults tell.
LIMITS: dict[str, str] = {name: row["limit"] for name, row in _TABLE.items() if "limit" in row}


@dataclass(frozen=True)
class Fault:
    """A fault as it goes to the client.

    Attributes:
        code: Windows' number for it.
        value: SOAP's value for it: `Sender`, `Receiver`, `MustUnderstand`.
        subcode: With its prefix, `w:TimedOut`.
        is_wmi: Whether the number is in a MSFT_WmiError.
    """

    name: str
    code: int
    value: str
    subcode: str | None
    text: str
    is_wmi: bool = False

    @property
    def action(self) -> str:
        addressing = self.subcode is None or self.subcode.startswith("a:")
        return names.ADDRESSING_FAULT_ACTION if addressing else names.WSMAN_FAULT_ACTION


class WsmanFault(Exception):  # noqa: N818
    """Ends an operation with a fault."""

    def __init__(self, name: str, **values: Any) -> None:
        self.fault = fault(name, **values)
        super().__init__(self.fault.text)


class _Given(dict[str, Any]):
    """What a text asks for and nobody gave, which an ordered fault may lack, stands there by its name."""

    def __missing__(self, key: str) -> str:
        return key


def fault(name: str, **values: Any) -> Fault:
    """A fault by its name, its text filled in."""
    row = _TABLE[name]
    subcode = row["subcode"]
    return Fault(
        name,
        row["code"],
        row.get("code_value") or ("Sender" if row["sender"] else "Receiver"),
        subcode and f"{row.get('prefix', 'w')}:{subcode}",
        row["text"].format_map(_Given(values)),
        row.get("form") == "wmi",
    )


def body(given: Fault, machine: str) -> str:
    """The s:Fault element. The prefixes s, a and w are those of lab.winrm.envelope."""
    subcode = f"<s:Subcode><s:Value>{given.subcode}</s:Value></s:Subcode>" if given.subcode else ""
    detail = _wmi_error(given) if given.is_wmi else _wsman_fault(given, machine)
    return (
        f"<s:Fault><s:Code><s:Value>s:{given.value}</s:Value>{subcode}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(given.text)}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )


def _wsman_fault(given: Fault, machine: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{names.FAULT}" Code="{given.code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{escape(given.text)}</f:Message></f:WSManFault>"
    )


def _wmi_error(given: Fault) -> str:
    # Properties and their types as in the recording of test_protocol.py of pywinrm 0.5.0.
    nothing = ("cimString", None)
    zero = ("cimUnsignedShort", "0")
    properties = {
        "CIMStatusCode": ("cimUnsignedInt", "27"),
        "CIMStatusCodeDescription": nothing,
        "ErrorSource": nothing,
        "ErrorSourceFormat": zero,
        "ErrorType": zero,
        "Message": ("cimString", given.text),
        "MessageID": ("cimString", f"HRESULT 0x{given.code:08x}"),
        "OtherErrorSourceFormat": nothing,
        "OtherErrorType": nothing,
        "OwningEntity": nothing,
        "PerceivedSeverity": zero,
        "ProbableCause": zero,
        "ProbableCauseDescription": nothing,
        "error_Category": ("cimUnsignedInt", "30"),
        "error_Code": ("cimUnsignedInt", str(given.code)),
        "error_Type": ("cimString", "HRESULT"),
        "error_WindowsErrorMessage": ("cimString", given.text),
    }
    elements = "".join(
        f'<p:{name} xsi:type="cim:{kind}" xsi:nil="true"/>'
        if value is None
        else f'<p:{name} xsi:type="cim:{kind}">{escape(value)}</p:{name}>'
        for name, (kind, value) in properties.items()
    )
    return (
        f'<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="{names.SCHEMA_INSTANCE}" xmlns:b="{names.CIM_BINDING}"'
        f' xmlns:p="{names.WMI_ERROR}" xmlns:cim="{names.CIM}" xsi:type="p:MSFT_WmiError_Type">'
        f"{elements}</p:MSFT_WmiError>"
    )

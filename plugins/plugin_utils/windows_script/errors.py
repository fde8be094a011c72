# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script's failure: what was attempted, on which host, and what Windows said.

The records are those of ansible.windows.win_powershell 3.8.0 (its return value `error`).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

#: Exceptions that PowerShell and .NET put around the one that tells what happened. Their text is PowerShell's.
WRAPPERS = frozenset(
    {
        "System.Management.Automation.ActionPreferenceStopException",
        "System.Management.Automation.CmdletInvocationException",
        "System.Management.Automation.CmdletProviderInvocationException",
        "System.Management.Automation.MethodInvocationException",
        "System.Management.Automation.ProviderInvocationException",
        "System.Reflection.TargetInvocationException",
        "System.AggregateException",
    }
)

#: HRESULTs of exceptions that carry no code of their own: COR_E_EXCEPTION, COR_E_SYSTEM, E_FAIL and what is alike.
#: Source: corerror.h and winerror.h of the Windows SDK.
NO_CODE = frozenset(range(0x80131500, 0x80131540)) | {0x80004005, 0x00000000}

#: HRESULTs with this upper half wrap a Win32 code (FACILITY_WIN32 of winerror.h).
WIN32_FACILITY = 0x8007


class ScriptError(Exception):
    """A script did not do what was asked.

    Attributes:
        attempted: What the script was to do, as a phrase: `read what the server is`.
        host: The inventory's name of the host.
        text: The system's own text, in the system's language.
        hresult: The HRESULT of the exception, unsigned; None where it carries none of its own.
        win32_code: The Win32 code inside it; None where it is none.
        error_id: PowerShell's FullyQualifiedErrorId; None where the script was not run.
        exception_type: The .NET type of the exception; None where the script was not run.
    """

    def __init__(
        self,
        attempted: str,
        host: str,
        text: str,
        *,
        hresult: int | None = None,
        error_id: str | None = None,
        exception_type: str | None = None,
    ) -> None:
        self.attempted = attempted
        self.host = host
        self.text = text
        self.hresult = hresult
        self.error_id = error_id
        self.exception_type = exception_type
        code = "" if hresult is None else f" (0x{hresult:08X})"
        super().__init__(f"Failed to {attempted} on {host}: {text}{code}")

    @property
    def win32_code(self) -> int | None:
        if self.hresult is None or self.hresult >> 16 != WIN32_FACILITY:
            return None
        return self.hresult & 0xFFFF

    def as_result(self) -> dict[str, t.Any]:
        """What a failed task returns: `msg` for people, `error` for programs."""
        return {
            "failed": True,
            "msg": str(self),
            "error": {
                "text": self.text,
                "hresult": None if self.hresult is None else f"0x{self.hresult:08X}",
                "win32_code": self.win32_code,
                "error_id": self.error_id,
                "exception_type": self.exception_type,
            },
        }


def from_record(attempted: str, host: str, record: dict[str, t.Any]) -> ScriptError:
    """The failure that an error record tells of."""
    chain = list(_chain(record.get("exception")))
    if not chain:
        return ScriptError(attempted, host, str(record.get("output") or "no reason was given").strip())
    told = next((link for link in chain if link.get("type") not in WRAPPERS), chain[-1])
    codes = [int(link["hresult"]) & 0xFFFFFFFF for link in chain if link.get("hresult") is not None]
    return ScriptError(
        attempted,
        host,
        str(told.get("message") or "no reason was given").strip(),
        hresult=next((code for code in codes if code not in NO_CODE), None),
        error_id=record.get("fully_qualified_error_id"),
        exception_type=told.get("type"),
    )


def _chain(exception: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """An exception and those inside it, the outermost first."""
    while isinstance(exception, dict):
        yield exception
        exception = exception.get("inner_exception")

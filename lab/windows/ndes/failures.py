# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cmdlet says when it cannot: its own words, the text of the code in the host's language, the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows import win32
from lab.windows.ndes.facts import facts
from lab.windows.scripts import ScriptError

if TYPE_CHECKING:
    from lab.authority import Refused
    from lab.windows.host import Host

#: The type of the exception, and its identifier (not verified on Windows).
EXCEPTION = "Microsoft.CertificateServices.Deployment.Common.NDES.NetworkDeviceEnrollmentServiceSetupException"


def failure(host: Host, kind: str) -> ScriptError:
    """The error for a failure of ndes.yml."""
    row = facts()["failures"][kind]
    said = row.get(host.identity.language, "").format(templates=" ".join(facts()["templates"]))
    return _error(said, row["code"], system_text(host, row["code"]), facts()["texts"][row["code"]]["name"])


def logon_failure(host: Host, code: int) -> ScriptError:
    """The error for a logon that failed with a Win32 error code."""
    hresult = 0x80070000 | code
    known = facts()["texts"].get(hresult)
    if known is None:
        hresult = 0x80070000 | win32.LOGON_FAILURE
        known = facts()["texts"][hresult]
    return _error("", hresult, system_text(host, hresult), known["name"])


def refused(host: Host, refusal: Refused) -> ScriptError:
    """The error for a request that the CA denies."""
    return _error("", refusal.hresult, refusal.text(host.identity.language).rstrip("."), refusal.name)


def no_cmdlet(name: str) -> ScriptError:
    """What PowerShell says of a cmdlet whose module is not there."""
    return ScriptError(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program."
        " Check the spelling of the name, or if a path was included, verify that the path is correct and try again.",
        category="ObjectNotFound",
        exception="System.Management.Automation.CommandNotFoundException",
        error_id="CommandNotFoundException",
        target=(name, "String"),
    )


def system_text(host: Host, hresult: int) -> str:
    """The text of a code, without full stop."""
    language = host.identity.language
    known: dict[str, str] = facts()["texts"][hresult]
    return known[language] if language in known else win32.text(hresult & 0xFFFF, language)


def _error(said: str, hresult: int, text: str, name: str) -> ScriptError:
    code = f"0x{hresult:08x}"
    number = hresult & 0xFFFF
    shown = f"{code} (WIN32: {number} {name})" if hresult >> 16 == 0x8007 else f"{code} ({hresult - 2**32} {name})"
    return ScriptError(
        f"{facts()['prefix']}{said}{text}. {shown}",
        hresult,
        activity=facts()["cmdlet"],
        exception=EXCEPTION,
        error_id=f"InstallNDES,{facts()['cmdlet']}",
    )

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the twins of scripts that call cmdlets of WebAdministration have in common. No twin itself."""

from __future__ import annotations

from lab.windows.parts.iis import ConfigurationError

from . import ScriptCall, ScriptError

#: Types of exceptions, and where the classes of the cmdlets are that stand in the FullyQualifiedErrorId. Not verified
#: on Windows.
DENIED = "System.UnauthorizedAccessException"
REFUSED = "System.Runtime.InteropServices.COMException"
_CLASSES = "Microsoft.IIs.PowerShell.Provider"


def failed(error: ConfigurationError, cmdlet: str) -> ScriptError:
    """The failure of a cmdlet that the configuration refuses."""
    denied = error.kind == "denied"
    exception = DENIED if denied else REFUSED
    return ScriptError(
        f"Filename: redirection.config\r\nError: {error.text}" if denied else error.framework,
        error.code,
        activity=cmdlet,
        exception=exception,
        error_id=f"{exception},{_CLASSES}.{cmdlet.replace('-', '')}Command",
    )


def require_administrator(call: ScriptCall, cmdlet: str) -> None:
    """Refuse a user who is no administrator, as the first cmdlet that reads the configuration does."""
    if not call.user.is_administrator:
        raise failed(ConfigurationError("denied"), cmdlet)


def require_module(call: ScriptCall, cmdlet: str) -> None:
    """Refuse what a host without IIS does not know."""
    if not call.host.iis.installed:
        raise ScriptError(
            f"The term '{cmdlet}' is not recognized as the name of a cmdlet, function, script file, or operable "
            "program. Check the spelling of the name, or if a path was included, verify that the path is correct and "
            "try again.",
            category="ObjectNotFound",
            exception="System.Management.Automation.CommandNotFoundException",
            error_id="CommandNotFoundException",
            target=(cmdlet, "String"),
        )

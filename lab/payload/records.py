# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error records of PowerShell, and the text that Windows PowerShell 5.1 makes of them."""

from __future__ import annotations

from dataclasses import dataclass

#: ErrorCategory by number (System.Management.Automation.ErrorCategory).
CATEGORIES = (
    "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData InvalidOperation"
    " InvalidResult InvalidType MetadataError NotImplemented NotInstalled ObjectNotFound OperationStopped"
    " OperationTimeout SyntaxError ParserError PermissionDenied ResourceBusy ResourceExists ResourceUnavailable"
    " ReadError WriteError FromStdErr SecurityError ProtocolError ConnectionError AuthenticationError LimitsExceeded"
    " QuotaExceeded NotEnabled"
).split()

#: HRESULT of an exception that names none of its own (COR_E_EXCEPTION).
COR_E_EXCEPTION = -2146233088
#: HRESULT of System.Management.Automation.RuntimeException (COR_E_SYSTEM).
COR_E_SYSTEM = -2146233087


@dataclass(frozen=True)
class ErrorRecord:
    """One error.

    Attributes:
        message: Of its exception.
        activity: Cmdlet or program that it came from; "" for `throw`.
        category: One of CATEGORIES.
        exception: Full name of the exception's type.
        error_id: FullyQualifiedErrorId.
        hresult: Of the exception, signed.
        line: The statement where it happened, for the lines that tell the place; "" leaves them out.
        number: Line of the text, from 1.
        character: Character of that line, from 1.
    """

    message: str
    activity: str = ""
    category: str = "NotSpecified"
    exception: str = "System.Management.Automation.RuntimeException"
    error_id: str = ""
    target_name: str = ""
    target_type: str = ""
    hresult: int = COR_E_SYSTEM
    line: str = ""
    number: int = 1
    character: int = 1

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise ValueError(f"no ErrorCategory: {self.category}")

    @property
    def reason(self) -> str:
        """Short name of the exception's type."""
        return self.exception.rpartition(".")[2]

    @property
    def category_info(self) -> str:
        return f"{self.category}: ({self.target_name}:{self.target_type}) [{self.activity}], {self.reason}"

    def text(self) -> str:
        """As Out-String shows it, lines ended with CR LF. Windows breaks lines at the width of the console; this does
        not.
        """
        said = f"{self.activity} : {self.message}" if self.activity else self.message
        lines = said.splitlines() or [""]
        if self.line:
            first = self.line.splitlines()[0]
            lines += [f"At line:{self.number} char:{self.character}", f"+ {first}", f"+ {'~' * len(first)}"]
        lines += [f"    + CategoryInfo          : {self.category_info}"]
        lines += [f"    + FullyQualifiedErrorId : {self.error_id}", " "]
        return "".join(f"{line}\r\n" for line in lines)


def thrown(message: str, line: str = "") -> ErrorRecord:
    """What `throw 'message'` makes."""
    return ErrorRecord(
        message,
        category="OperationStopped",
        error_id=message,
        target_name=message,
        target_type="String",
        line=line,
    )


def written(message: str, line: str = "") -> ErrorRecord:
    """What `Write-Error 'message'` makes."""
    return ErrorRecord(
        message,
        activity="Write-Error",
        exception="Microsoft.PowerShell.Commands.WriteErrorException",
        error_id="Microsoft.PowerShell.Commands.WriteErrorException",
        hresult=COR_E_EXCEPTION,
        line=line,
    )

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard error of a Windows PowerShell 5.1 that was started with -EncodedCommand: CLIXML.

Shapes and escapes are those of data that a real PowerShell wrote; the end of a line as two characters, the lines that
tell an error's place, and the record of progress at the beginning are those of Windows PowerShell 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .records import ErrorRecord

HEADER = "#< CLIXML\r\n"
_OPEN = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
_CLOSE = "</Objs>"
# The first cmdlet of a module that is not loaded yet shows progress, which nobody sees but here.
_PROGRESS = (
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T>'
    '<T>System.Object</T></TN><MS><I64 N="SourceId">1</I64><PR N="Record">'
    "<AV>Preparing modules for first use.</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR>"
    "<SD> </SD></PR></MS></Obj>"
)
# Control characters, halves of surrogate pairs and what XML forbids; an underscore that would begin an escape.
_ESCAPED = re.compile("_(?=[xX])|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """A text as the content of <S>."""

    def units(found: re.Match[str]) -> str:
        data = found[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"_x{data[at] << 8 | data[at + 1]:04X}_" for at in range(0, len(data), 2))

    return re.sub("[&<>]", lambda found: _MARKUP[found[0]], _ESCAPED.sub(units, text))


def unescape(text: str) -> str:
    """The inverse of `escape`, for the content of an element that XML has been read of."""

    def letters(found: re.Match[str]) -> str:
        units = bytes.fromhex(found[0].replace("_x", "").replace("_", ""))
        return units.decode("utf-16-be", "surrogatepass")

    return re.sub("(?:_x[0-9a-fA-F]{4}_)+", letters, text)


def _lines(stream: str, text: str) -> Iterable[str]:
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        yield f'<S S="{stream}">{escape(line)}</S>'


def stderr(
    errors: Iterable[ErrorRecord | str] = (),
    warnings: Iterable[str] = (),
    verbose: Iterable[str] = (),
    debug: Iterable[str] = (),
    *,
    progress: bool = True,
) -> bytes:
    """What is on standard error; empty where there is nothing to say.

    Args:
        errors: Records, or texts that a wrapper wrote with WriteErrorLine.
        progress: Whether cmdlets of modules were used.
    """
    parts = [_PROGRESS] if progress else []
    for name, texts in (("verbose", verbose), ("debug", debug), ("warning", warnings)):
        parts += [f'<S S="{name}">{escape(text)}</S>' for text in texts]
    for error in errors:
        parts += _lines("Error", error.text() if isinstance(error, ErrorRecord) else f"{error}\r\n")
    return f"{HEADER}{_OPEN}{''.join(parts)}{_CLOSE}".encode() if parts else b""

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines that start a PowerShell with an encoded text, and those that stand around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from .clixml import unescape
from .invocation import DamagedPayload
from .reading import COMMAND_LINE_LIMIT, from_base64, from_utf16

# Ansible writes PowerShell or powershell with these options and no others; a path of powershell.exe may stand there.
_POWERSHELL = re.compile(
    r"""^"?(?:[A-Za-z]:[^"<>|]*\\)?powershell(?:\.exe)?"?
        (?P<options>(?:\s+-(?:NoProfile|NoLogo|NonInteractive|ExecutionPolicy\s+\w+|InputFormat\s+\w+))*)
        \s+-(?:EncodedCommand|enc|ec|e)\s+"?(?P<text>[^\s"]*)"?
        (?:\s+-EncodedArguments\s+"?(?P<arguments>[^\s"]*)"?)?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# `cd FOLDER ; ...` of the shell plugin powershell, `cd FOLDER && ...` of cmd.
_CHANGE = re.compile(
    r"^cd\s+(?P<folder>\"[^\"]*\"|'[^']*'|[^\s;&]+)\s*(?:;|&&)\s+(?P<rest>\S.*)$", re.IGNORECASE | re.DOTALL
)
# A module that was put on the host, as the input of the bootstrap wrapper.
_PIPED = re.compile(r"^type\s+(?P<file>\"[^\"]*\"|'[^']*'|[^\s|]+)\s*\|\s*(?P<rest>\S.*)$", re.IGNORECASE | re.DOTALL)

#: How often an encoded text may hold nothing but another command line.
LAYERS = 4


@dataclass(frozen=True)
class CommandLine:
    """A command line without its wrappings.

    Attributes:
        text: The PowerShell text, or None where none is started.
        line: The command line itself where there is no text.
        directory: Folder that is changed to before.
        piped: File on the host that stands on standard input.
        arguments: Texts of -EncodedArguments.
    """

    text: str | None
    line: str = ""
    directory: str | None = None
    piped: str | None = None
    arguments: tuple[str, ...] = ()


def unwrap(line: str) -> CommandLine:
    """Take away `cd`, `type` and every layer of -EncodedCommand.

    ansible-core 2.18 encodes a command line that is one already a second time.
    """
    directory: str | None = None
    piped: str | None = None
    text: str | None = None
    arguments: tuple[str, ...] = ()
    rest = line.strip()
    if len(rest) > COMMAND_LINE_LIMIT:
        raise DamagedPayload(f"the command line is longer than {COMMAND_LINE_LIMIT} characters")
    for _ in range(LAYERS):
        if changed := _CHANGE.match(rest):
            if not _starts_powershell(changed["rest"]):
                break
            directory, rest = unquote(changed["folder"]), changed["rest"]
        if filled := _PIPED.match(rest):
            if not _starts_powershell(filled["rest"]):
                break
            piped, rest = unquote(filled["file"]), filled["rest"]
        started = _POWERSHELL.match(rest)
        if started is None:
            break
        if started["arguments"]:
            arguments = _arguments(started["arguments"])
        text = from_utf16(from_base64(started["text"], "-EncodedCommand"), "-EncodedCommand")
        rest = text.strip()
    else:
        raise DamagedPayload(f"-EncodedCommand holds itself more than {LAYERS} times")
    return CommandLine(text, "" if text is not None else rest, directory, piped, arguments)


def _arguments(encoded: str) -> tuple[str, ...]:
    """The texts of an ArrayList, as CLIXML in UTF-16."""
    what = "-EncodedArguments"
    data = from_utf16(from_base64(encoded, what), what)
    if "<!" in data:
        raise DamagedPayload(f"{what} declare entities")
    try:
        document = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise DamagedPayload(f"{what} are not XML: {error}") from None
    return tuple(unescape(one.text or "") for one in document.iter() if one.tag.rpartition("}")[2] == "S")


def _starts_powershell(line: str) -> bool:
    """Whether what stands behind `cd` or `type` is a PowerShell with an encoded text, and not a user's own line."""
    piped = _PIPED.match(line)
    return _POWERSHELL.match(piped["rest"] if piped else line) is not None


def unquote(text: str) -> str:
    """A path without the quotes around it."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text

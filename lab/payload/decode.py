# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what arrives over WinRM to what is wanted: one decoder for ansible-core 2.18 to 2.21."""

from __future__ import annotations

from .commandline import unwrap
from .invocation import Invocation, PipedFile, Program, UnknownPayload
from .texts import recognise
from .wrapper import is_bootstrap, read


def decode(command_line: str, stdin: bytes) -> Invocation:
    """Say what a process that a client starts is to do.

    Args:
        command_line: As it arrives in the shell's Command, arguments joined with blanks.
        stdin: Everything sent to its standard input.

    Raises:
        UnknownPayload: nobody knows what this is; the message names its kind.
        DamagedPayload: it is of a known kind and cannot be read.
    """
    line = unwrap(command_line)
    if line.text is None:
        if not line.line:
            raise UnknownPayload("an empty command line")
        return Program(line.line)
    if not is_bootstrap(line.text):
        if line.arguments:
            raise UnknownPayload("a PowerShell text with -EncodedArguments that is not the bootstrap wrapper")
        if line.piped is not None:
            raise UnknownPayload("a file on the input of a PowerShell text that is not the bootstrap wrapper")
        return recognise(line.text, stdin, line.directory)
    # 2.21 names the file to the wrapper itself.
    file = line.arguments[0] if line.arguments else line.piped
    if file is not None:
        return PipedFile(file)
    return read(stdin, line.directory)


def decode_input(content: bytes) -> Invocation:
    """The same for a wrapper's input that lay in a file on the host (PipedFile)."""
    return read(content)

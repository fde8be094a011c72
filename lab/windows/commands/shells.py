# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cmd.exe and powershell.exe as programs: command lines in command lines."""

from __future__ import annotations

import ntpath
import re
from dataclasses import replace

from lab.payload import UnknownPayload
from lab.payload.commandline import unwrap
from lab.windows import tables
from lab.windows.not_modelled import NotModelled

from . import Around, NoProgram, ProgramCall, Ran, program, refused, start_line
from .options import english_only, lines
from .quoting import split

_PART = re.compile(r'\s*(?P<text>(?:[^"&|<>^]|"[^"]*"?)+)(?P<link>&&|\|\||&)?')


@program(
    "cmd",
    mirrors="cmd, echo, exit, ver, cd, rem, set of one variable (Windows Commands, Microsoft Learn)",
    limits="pipes, redirections, blocks, batch files, every other internal command",
)
def cmd(call: ProgramCall) -> Ran:
    found = re.match(r"(?s).*?\s/(?P<letters>[cC]|[sS]\s+/[cC]|[dD]\s+/[cC])\s*(?P<line>.*)\Z", call.line)
    if found is None:
        raise refused(call, "without /c")
    line = found["line"].strip()
    # The first and the last quote go, unless they are those of one program's path (cmd /?).
    alone = line.count('"') == 2 and (" " not in line or _is_program(call.around, line.strip('"')))
    if line.startswith('"') and line.endswith('"') and not alone:
        line = line[1:-1]
    return run_cmd(call.around, line)


def _is_program(around: Around, name: str) -> bool:
    return around.host.files.exists(ntpath.join(around.directory, name))


class _Exit(Exception):  # noqa: N818
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def run_cmd(around: Around, line: str) -> Ran:
    """Run a line as cmd.exe does."""
    stdout, stderr, status = "", "", 0
    at = 0
    skip = ""
    while at < len(line):
        part = _PART.match(line, at)
        if part is None:
            raise NotModelled(f"the line {line!r} of cmd.exe")
        at = part.end()
        if not (skip == "&&" and status) and not (skip == "||" and not status):
            try:
                done, around = _command(around, part["text"].strip())
            except _Exit as exited:
                return Ran(stdout, stderr, exited.status)
            stdout, stderr, status = stdout + done.stdout, stderr + done.stderr, done.status
        skip = part["link"] or ""
    return Ran(stdout, stderr, status)


def _command(around: Around, text: str) -> tuple[Ran, Around]:
    expanded = re.sub(r"%([^%]+)%", lambda found: around.variable(found[1]) or found[0], text)
    name = re.match(r"[^\s/\\.:]*", expanded)
    word = name[0].lower() if name else ""
    rest = expanded[len(word) :]
    if word == "echo" and rest[:1] in ("", " ", ".", ":"):
        # Without a text it says whether it is on.
        return Ran(lines(rest[1:] if rest.strip() or rest[:1] in (".", ":") else "ECHO is on.")), around
    words = split(expanded)
    if word == "exit":
        numbers = [one for one in words[1:] if re.fullmatch(r"-?\d+", one)]
        raise _Exit(int(numbers[0]) & 0xFFFFFFFF if numbers else 0)
    if word in ("rem", "@rem"):
        return Ran(), around
    if word == "ver" and len(words) == 1:
        english_only(ProgramCall(around, "cmd", (), text), "ver")
        release = tables.release(around.host.identity)
        version = f"{release['major']}.{release['minor']}.{release['build']}.{release['ubr']}"
        return Ran(lines("", f"Microsoft Windows [Version {version}]")), around
    if word in ("cd", "chdir"):
        return _change(around, words[1:])
    try:
        return start_line(around, expanded), around
    except NoProgram:
        if word in tables.load("programs")["internal"].split():
            raise NotModelled(f"{word} of cmd.exe") from None
        english_only(ProgramCall(around, "cmd", (), text), "cmd.exe about a missing program")
        said = f"'{words[0]}' is not recognized as an internal or external command,"
        return Ran(stderr=lines(said, "operable program or batch file."), status=1), around


def _change(around: Around, arguments: list[str]) -> tuple[Ran, Around]:
    places = [one for one in arguments if one.lower() != "/d"]
    if not places:
        return Ran(lines(around.directory)), around
    path = ntpath.normpath(ntpath.join(around.directory, places[0]))
    if not around.host.files.is_folder(path):
        english_only(ProgramCall(around, "cmd", (), ""), "cd to a folder that is not there")
        return Ran(stderr=lines("The system cannot find the path specified."), status=1), around
    return Ran(), replace(around, directory=path)


@program(
    "powershell",
    mirrors="about_PowerShell_exe (Microsoft Learn)",
    limits="-File, an interactive shell, everything that lab/windows/powershell does not read",
)
def powershell(call: ProgramCall) -> Ran:
    from lab.windows.powershell import Run, run  # it runs programs in turn
    from lab.windows.powershell.shown import standard_error, standard_output

    encoded = True
    try:
        text = unwrap(call.line).text
    except UnknownPayload as damage:
        raise refused(call, f"({damage})") from damage
    if text is None:
        encoded = False
        words = list(call.arguments)
        while words and words[0].lower() in ("-noprofile", "-nop", "-noninteractive", "-noni", "-nologo"):
            words.pop(0)
        if words[:1] and words[0].lower() in ("-executionpolicy", "-ex", "-ep"):
            words = words[2:]
        if words[:1] and words[0].lower() in ("-command", "-c"):
            words.pop(0)
        if not words or words[0].startswith("-"):
            raise refused(call, " ".join(call.arguments))
        text = " ".join(words)
    ran = run(Run(call.around), text)
    if encoded:
        return Ran(standard_output(ran), standard_error(ran).decode(), ran.status)
    return Ran(standard_output(ran), "".join(error.text() for error in ran.errors), ran.status)

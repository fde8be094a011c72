# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_shell."""

from __future__ import annotations

import ntpath
import re

from lab.windows import commands
from lab.windows.commands.results import finished, skipped
from lab.windows.commands.shells import run_cmd
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, Result, upstream
from lab.windows.powershell import Run
from lab.windows.powershell import run as run_powershell
from lab.windows.powershell.shown import standard_output
from lab.windows.running import session


@upstream(
    "ansible.windows.win_shell",
    mirrors="plugins/modules/win_shell.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_shell.yml",),
    limits="texts that the lab does not read; interpreters other than powershell and cmd; `delta` is always the same",
)
def win_shell(call: Call) -> Result:
    arguments = call.arguments
    text = arguments["cmd"].strip()
    early = skipped(call)
    if early is not None:
        return {"cmd": text, **early, "rc": 0}
    around = session.around(call.host, call.user, directory=arguments["chdir"] or None, stdin=arguments["stdin"] or "")
    executable = arguments["executable"] or "powershell"
    stem = re.sub(r"\.exe\Z", "", ntpath.basename(executable), flags=re.IGNORECASE).lower()

    def start() -> commands.Ran:
        commands.locate(around, executable if executable.lower().endswith(".exe") else f"{executable}.exe")
        if stem == "cmd":
            return run_cmd(around, text)
        if stem != "powershell":
            raise NotModelled(f"the interpreter {executable}")
        ran = run_powershell(Run(around), text)
        # Of CLIXML the module keeps the errors, with their line ends taken out.
        errors = "".join(line + "\r\n" for error in ran.errors for line in error.text().splitlines())
        return commands.Ran(standard_output(ran), errors.strip(), ran.status)

    # The message of the module names a variable that it never sets.
    return {**finished(call, text, around, start, shown="")}

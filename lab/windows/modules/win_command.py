# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_command."""

from __future__ import annotations

from lab.windows import commands
from lab.windows.commands.quoting import quote
from lab.windows.commands.results import finished, skipped
from lab.windows.operation import Call, Result, upstream
from lab.windows.running import session

commands.load()


@upstream(
    "ansible.windows.win_command",
    mirrors="plugins/modules/win_command.ps1 and plugins/module_utils/Process.psm1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_command.yml",),
    limits="programs that the lab does not know; `delta` is always the same; other encodings of the output",
)
def win_command(call: Call) -> Result:
    arguments = call.arguments
    around = session.around(call.host, call.user, directory=arguments["chdir"] or None, stdin=arguments["stdin"] or "")
    name: str | None = None
    if arguments["cmd"]:
        line = arguments["cmd"]
    elif arguments["_raw_params"]:
        line = arguments["_raw_params"].strip()
    else:
        argv = arguments["argv"] or [""]
        try:
            name = commands.locate(around, argv[0])
        except commands.NoProgram:
            # "Just hope for the best": the name is used as it was given, with an extension.
            name = argv[0] if "." in argv[0].rpartition("\\")[2] else f"{argv[0]}.exe"
        line = " ".join(map(quote, [name, *argv[1:]]))
    early = skipped(call)
    if early is not None:
        return {"cmd": line, "rc": 0, **early}
    return finished(call, line, around, lambda: commands.start_line(around, line, name), shown=line)

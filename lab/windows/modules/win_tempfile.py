# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_tempfile: a new file or folder with a name of its own."""

from __future__ import annotations

import secrets

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import FileError, NoFolder, paths
from lab.windows.running.environment import expand
from lab.windows.support import file_access

#: Letters of Path.GetRandomFileName: eight, a dot, three.
LETTERS = "abcdefghijklmnopqrstuvwxyz012345"
ATTEMPTS = 5


@upstream(
    "ansible.windows.win_tempfile",
    mirrors="plugins/modules/win_tempfile.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_tempfile.yml",),
    limits="paths outside of the file system",
)
def run(call: Call) -> Result:
    given, host = call.arguments, call.host
    folder = given["path"] or expand(host, call.user, "%TEMP%")
    prefix, suffix = (expand(host, call.user, given[option] or "") for option in ("prefix", "suffix"))
    name = f"{prefix}{_random(8)}.{_random(3)}{suffix}"
    path = file_access.full(host, call.user, paths.join(folder, name))
    if not call.check_mode:
        try:
            file_access.check_write(call, path)
            if given["state"] == "directory":
                host.files.make_folder(path)
            elif not host.files.is_folder(paths.above(path)):
                raise NoFolder(path)
            else:
                host.files.write(path, b"")
        except FileError as error:
            raise ModuleFailure(
                f"No random temporary file worked in {ATTEMPTS} attempts. Error: {error}",
                changed=True,
                state=given["state"],
            ) from error
        host.security.created("file", path, call.user)
    return {"changed": True, "state": given["state"], "path": path}


def _random(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))

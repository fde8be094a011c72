# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.slurp: the content of a file in Base64."""

from __future__ import annotations

import base64

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import FileError
from lab.windows.support import file_access


@upstream(
    "ansible.windows.slurp",
    mirrors="plugins/modules/slurp.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.slurp.yml",),
    limits="paths outside of the file system",
)
def run(call: Call) -> Result:
    source = call.arguments["src"]
    path = file_access.full(call.host, call.user, source)
    entry = call.host.files.get(path, follow=True)
    if entry is None:
        raise ModuleFailure(f"Path {source} is not found")
    if entry.is_folder:
        raise ModuleFailure(f"Path {source} is a directory")
    if not call.host.security.allows(call.user, "file", entry.path, 0x1, container=False):
        raise Unhandled(method_failed("ReadAllBytes", 1, f"Access to the path '{path}' is denied."))
    try:
        content = call.host.files.read(path)
    except FileError as error:
        raise Unhandled(method_failed("ReadAllBytes", 1, str(error))) from error
    return {"changed": False, "content": base64.b64encode(content).decode(), "encoding": "base64"}

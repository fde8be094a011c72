# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.async_status: what the file of a job says."""

from __future__ import annotations

import json
import ntpath
from typing import Any

from lab.windows.arguments.dotnet import powershell_text
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import Denied
from lab.windows.running import jobs


@upstream(
    "ansible.windows.async_status",
    mirrors="plugins/modules/async_status.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/unit/lab/payload/test_actions.py",),
    check_mode_leaks="cleanup removes the file of the job",
)
def async_status(call: Call) -> Result:
    job, folder = call.arguments["jid"], call.arguments["_async_dir"]
    path = ntpath.join(folder, powershell_text(job))
    files = call.host.files
    if not files.exists(path):
        raise ModuleFailure(f"could not find job at '{folder}'", ansible_job_id=job, started=1, finished=1)
    if call.arguments["mode"] == "cleanup":
        # The module does not look at check mode here.
        try:
            files.remove(path)
        except Denied as error:
            raise NotModelled(f"the removal of {path}: it is the file of no job") from error
        return {"ansible_job_id": job, "erased": path}
    text = "" if files.is_folder(path) else jobs.read(files.read(path))
    if not text.strip():
        return {"results_file": path, "ansible_job_id": job, "started": 1, "finished": 0}
    try:
        data: dict[str, Any] = json.loads(text)
    except ValueError:
        raise ModuleFailure(
            "Could not parse job output: ", ansible_job_id=job, results_file=path, started=1, finished=1
        ) from None
    if "started" not in data:
        data |= {"finished": 1, "ansible_job_id": job}
    elif "finished" not in data:
        data["finished"] = 0
    return data

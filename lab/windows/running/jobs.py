# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asynchronous jobs: the file under the user's profile that tells what became of one.

A module of the lab never waits, so that a job is over when its start is answered; who asks for the job sees it finished
the first time. What the wrapper answers is what it answers on Windows: started, not finished.
"""

from __future__ import annotations

import json
import ntpath
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lab.payload.invocation import Asynchronous, Generation
from lab.windows.running import environment

if TYPE_CHECKING:
    from lab.windows.commands import Around


def start(
    around: Around, job: Asynchronous, generation: Generation, work: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    """Run a job, leave its result in a file, and return what the wrapper answers."""
    known = environment.substituted(environment.variables(around.host, around.user), job.directory)
    # The process that the wrapper runs in; Windows counts them in fours.
    name = f"{job.job}.{4 * (250 + secrets.randbelow(4000))}"
    path = ntpath.join(known, name)
    yes, no = (1, 0) if generation == "2.18" else (True, False)
    started: dict[str, Any] = {
        "started": yes,
        "finished": no,
        "results_file": path,
        "ansible_job_id": name,
        "_ansible_suppress_tmpdir_delete": True,
        "ansible_async_watchdog_pid": 4 * (250 + secrets.randbelow(4000)),
    }
    around.host.files.make_folder(known)
    around.host.files.write(path, _file(started, generation))
    around.host.files.write(path, _file({**started, "finished": yes, **work()}, generation))
    return started


def _file(result: Mapping[str, Any], generation: Generation) -> bytes:
    """As Set-Content writes it: the code page of Windows in 2.18, UTF-8 with its mark later."""
    text = json.dumps(result, ensure_ascii=False) + "\r\n"
    return text.encode("cp1252", "replace") if generation == "2.18" else text.encode("utf-8-sig")


def read(content: bytes) -> str:
    """As Get-Content reads it."""
    mark = content.startswith(b"\xef\xbb\xbf")
    return content.decode("utf-8-sig", "replace") if mark else content.decode("cp1252", "replace")

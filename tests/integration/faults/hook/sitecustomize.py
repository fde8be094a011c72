# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read by every Python below a run of ansible-playbook whose PYTHONPATH has this folder: the seam for whole plays.

The environment variable FAULT_PLAN names a JSON file: `count` (a file, one line per write of the run), `at` (number of
the write at which something happens), `when` (before or after it is made), and `command` (run and waited for), or
`kill` (end the whole run as a power cut would: this process and all above it that have the variable). With `calls`, a
file, every call of a module is written there with its parameters, secrets included.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

VARIABLE = "FAULT_PLAN"
LIBRARY = "ldap.ldapobject"
MODULES = "ansible.module_utils.basic"


def ancestors() -> t.Iterator[int]:
    """This process and those above it that run with the variable, the outermost first to be named last."""
    pid = os.getpid()
    while pid > 1:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            status = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return
        if f"{VARIABLE}=".encode() not in environment:
            return
        yield pid
        pid = int(status.rpartition(")")[2].split()[1])


def kill_all() -> None:
    for pid in reversed(list(ancestors())):
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def happens(wanted: dict[str, t.Any]) -> None:
    if wanted.get("kill"):
        kill_all()
    environment = {name: value for name, value in os.environ.items() if name not in {VARIABLE, "PYTHONPATH"}}
    subprocess.run(wanted["command"], check=True, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def plan() -> dict[str, t.Any]:
    content: dict[str, t.Any] = json.loads(Path(os.environ[VARIABLE]).read_text())
    return content


def on_write(kind: str, dn: str, perform: t.Callable[[], None]) -> bool:
    wanted = plan()
    with Path(wanted["count"]).open("a+") as file:
        file.write(f"{kind} {dn}\n")
        file.flush()
        file.seek(0)
        number = len(file.readlines())
    if number != wanted.get("at"):
        return True
    if wanted["when"] == "after":
        perform()
    happens(wanted)
    return not wanted.get("answer_lost", False)


def on_call(module: t.Any) -> None:
    calls = plan().get("calls")
    if calls:
        with Path(calls).open("a") as file:
            file.write(
                json.dumps({"module": module._name, "arguments": module.params, "check": module.check_mode}) + "\n"
            )


def alter(module: t.Any) -> None:
    """Put the seam into a module that was just loaded."""
    if module.__name__ == LIBRARY:
        # This folder is on the path of these processes alone.
        importlib.import_module("seam").install(module.SimpleLDAPObject, on_write)
        return
    init = module.AnsibleModule.__init__

    def initialise(self: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        init(self, *args, **kwargs)
        on_call(self)

    module.AnsibleModule.__init__ = initialise


class Loader(importlib.abc.Loader):
    """Loads the module as it is, then puts the seam in."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self.loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> t.Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: t.Any) -> None:
        self.loader.exec_module(module)
        alter(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the two modules that are altered, each once."""

    def __init__(self) -> None:
        self.awaited = {LIBRARY, MODULES}

    def find_spec(self, fullname: str, path: t.Any, target: t.Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.awaited:
            return None
        self.awaited.discard(fullname)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader)
        return spec


if VARIABLE in os.environ:
    sys.meta_path.insert(0, Finder())

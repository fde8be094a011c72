# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of modules and of playbooks to which something happens: at a write, or after a task."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from ansible.module_utils.testing import patch_module_args
from ansible_collections.certops.intune.plugins.module_utils.directory import writing

from tools.tree import TOP

from .hook import seam

if t.TYPE_CHECKING:
    from ..conftest import Lab

Result: t.TypeAlias = dict[str, t.Any]
HERE = Path(__file__).parent
MODULES = "ansible_collections.certops.intune.plugins.modules"
PREFIX = "certops.intune."


@dataclass(frozen=True)
class Fault:
    """Something that happens at the O(at)-th write of a module, before or after it is made; in the module's process.

    Attributes:
        answer_lost: the module does not hear what became of the write.
    """

    at: int
    when: t.Literal["before", "after"]
    does: t.Callable[[], object]
    answer_lost: bool = False


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Call:
    """A module and its parameters, and whether it only looks."""

    module: str
    arguments: dict[str, t.Any] = field(repr=False)
    check: bool = False

    def __str__(self) -> str:
        name = self.arguments.get("name") or self.arguments.get("account") or ""
        return f"{self.module} {name} {self.arguments.get('state') or ''}".strip()


@dataclass(frozen=True)
class Ended:
    """How a module ended.

    Attributes:
        result: what it printed; None when it was killed.
        writes: kind and distinguished name of each write that it began.
    """

    result: Result | None
    writes: list[str]

    @property
    def whole(self) -> Result:
        assert self.result is not None, "the module was killed"
        return self.result

    @property
    def failed(self) -> bool:
        return bool(self.whole.get("failed"))

    @property
    def changed(self) -> bool:
        return bool(self.whole.get("changed"))

    @property
    def message(self) -> str:
        return str(self.whole.get("msg", ""))


def run(call: Call, home: Path, fault: Fault | None = None) -> Ended:
    """Run a module in a process of its own, a copy of this one, so that it can be killed for true."""
    with tempfile.TemporaryDirectory() as folder:
        printed, counted = Path(folder) / "printed", Path(folder) / "counted"
        printed.touch()
        counted.touch()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.environ["HOME"] = str(home)
                _child(call, printed, counted, fault)
                status = 0
            except BaseException:
                printed.write_text(json.dumps({"failed": True, "msg": f"not told: {traceback.format_exc()}"}))
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        writes = counted.read_text().splitlines()
        if os.WIFSIGNALED(status):
            return Ended(None, writes)
        text = printed.read_text()
        return Ended(json.loads(text) if text else {"failed": True, "msg": "the module printed nothing"}, writes)


def _child(call: Call, printed: Path, counted: Path, fault: Fault | None) -> None:
    import ldap.ldapobject  # noqa: PLC0415 - it is altered in this process alone

    number = 0

    def on_write(kind: str, dn: str, perform: t.Callable[[], None]) -> bool:
        nonlocal number
        number += 1
        with counted.open("a") as file:
            file.write(f"{kind} {dn}\n")
        if fault is None or number != fault.at:
            return True
        if fault.when == "after":
            perform()
        fault.does()
        return not fault.answer_lost

    # How long a lost server is waited for is a matter of the library's own tests.
    writing._PAUSES = (0, 0, 0, 0)
    seam.install(ldap.ldapobject.SimpleLDAPObject, on_write)
    internal = {"_ansible_check_mode": call.check, "_ansible_diff": True, "_ansible_remote_tmp": tempfile.gettempdir()}
    main = importlib.import_module(f"{MODULES}.{call.module}").main
    output = io.StringIO()
    arguments = patch_module_args({**call.arguments, **internal})
    with arguments, contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main()
    printed.write_text(output.getvalue())


@dataclass(frozen=True)
class Played:
    """How a run of ansible-playbook ended; C(status) is negative when it was killed."""

    status: int
    output: str
    writes: list[str]
    calls: list[Call]
    tasks: list[str]

    @property
    def changed(self) -> int:
        """The sum of the PLAY RECAP; -1 when the run did not come to it."""
        sums = [int(word.removeprefix("changed=")) for word in self.output.split() if word.startswith("changed=")]
        return sum(sums) if sums else -1


class Playbooks:
    """Runs playbooks in the lab.

    Args:
        home: for all that Ansible writes of its own.
    """

    def __init__(self, lab: Lab, home: Path) -> None:
        self.lab = lab
        self.home = home

    def run(
        self,
        playbook: str | Path,
        *options: str,
        wishes: t.Mapping[str, t.Any] | None = None,
        kill_after_change: bool = False,
        fault: t.Mapping[str, t.Any] | None = None,
        environment: t.Mapping[str, str] | None = None,
        enter: t.Sequence[str] = (),
    ) -> Played:
        """Run a playbook.

        Args:
            wishes: variables that go before those of the inventory.
            kill_after_change: whether the run is killed after the first task that changed something.
            fault: see hook/sitecustomize.py.
            enter: what the command line begins with.
        """
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            scratch = Path(folder)
            plan = {"count": str(scratch / "count"), "calls": str(scratch / "calls"), **(fault or {})}
            (scratch / "plan").write_text(json.dumps(plan))
            (scratch / "wishes.json").write_text(json.dumps(wishes or {}))
            for name in ("count", "calls", "tasks"):
                (scratch / name).touch(0o600)
            command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self.lab.inventory)]
            # The servers are no part of these tests.
            command += ["--limit", "directory"]
            command += ["-e", f"@{scratch / 'wishes.json'}", str(TOP / playbook), *options]
            done = subprocess.run(
                [*enter, *command],
                cwd=TOP,
                env={
                    **os.environ,
                    "HOME": str(self.home),
                    "ANSIBLE_HOME": str(self.home / ".ansible"),
                    "ANSIBLE_COLLECTIONS_PATH": str(TOP / "build" / "collections"),
                    "ANSIBLE_NOCOLOR": "1",
                    "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
                    "ANSIBLE_CALLBACKS_ENABLED": "moments",
                    "MOMENTS_RECORD": str(scratch / "tasks"),
                    **({"MOMENTS_KILL": "1"} if kill_after_change else {}),
                    "FAULT_PLAN": str(scratch / "plan"),
                    "PYTHONPATH": str(HERE / "hook"),
                    **(environment or {}),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                start_new_session=True,
            )
            return Played(
                done.returncode,
                done.stdout,
                (scratch / "count").read_text().splitlines(),
                [call for call in map(_call, (scratch / "calls").read_text().splitlines()) if call is not None],
                (scratch / "tasks").read_text().splitlines(),
            )


def _call(text: str) -> Call | None:
    """The call of a module of the collection; None for one of Ansible's own."""
    line = json.loads(text)
    if not line["module"].startswith(PREFIX):
        return None
    return Call(line["module"].removeprefix(PREFIX), _given(line["arguments"]), line["check"])


def _given(value: t.Any) -> t.Any:
    """Parameters without those that were not given."""
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items() if inner is not None}
    return [_given(inner) for inner in value] if isinstance(value, list) else value

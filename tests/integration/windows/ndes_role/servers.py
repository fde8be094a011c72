# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of site.yml on simulated NDES servers: disturbed, killed, begun from a state that was kept."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tools.runs import CALLBACK, RECORD, Run, read_run
from tools.tree import TOP

from ...faults.runs import HERE as FAULTS
from ..conftest import PROGRAMS, Windows

SITE = TOP / "playbooks" / "site.yml"

#: Plain servers of the lab that are NDES servers for these tests.
MORE = tuple(f"srv{number:03}" for number in range(1, 11))


@dataclass(frozen=True)
class Played:
    """How a run of ansible-playbook ended.

    Attributes:
        status: of the process; negative when it was killed.
        tasks: names of the tasks that ended.
        whole: what became of each task; None when the run was killed.
    """

    status: int
    output: str = field(repr=False)
    tasks: list[str] = field(repr=False)
    whole: Run | None = field(repr=False)

    @property
    def run(self) -> Run:
        assert self.whole is not None, "the run was killed"
        return self.whole

    @property
    def changed(self) -> list[str]:
        return [outcome.place for outcome in self.run.outcomes if outcome.changed]

    @property
    def messages(self) -> str:
        """What the tasks say that failed."""
        failed = ("failed", "unreachable")
        return "\n".join(one.message for one in self.run.outcomes if one.outcome in failed)


class Servers(Windows):
    """The Windows hosts of a lab, and site.yml on them."""

    @property
    def home(self) -> Path:
        """Where Ansible keeps what it writes of its own."""
        folder = self.scratch / "home"
        folder.mkdir(exist_ok=True)
        return folder

    def keep(self, host: str) -> bytes:
        """The state of a host with its secrets, to be put back."""
        return (self.lab.dir / "windows" / f"{host}.json").read_bytes()

    def put(self, **kept: bytes) -> None:
        """Give hosts states that were kept of them."""
        self.bin_lab("stop", "windows")
        for host, state in kept.items():
            (self.lab.dir / "windows" / f"{host}.json").write_bytes(state)
        self.bin_lab("start", "windows")

    def blank(self, *hosts: str) -> None:
        """Make hosts anew, with the profile that the first logon makes."""
        for host in hosts:
            self.reset(host)
        self.log_on(*hosts)

    def log_on(self, *hosts: str) -> None:
        """Log on to hosts, which makes a profile the first time."""
        task: dict[str, t.Any] = {"ansible.windows.win_ping": {}}
        self.play([{"hosts": ",".join(hosts), "gather_facts": False, "tasks": [task]}])

    def site(
        self,
        *options: str,
        limit: str,
        playbook: Path = SITE,
        seen: Path | None = None,
        environment: t.Mapping[str, str] | None = None,
        **variables: t.Any,
    ) -> Played:
        """Run site.yml.

        Args:
            *options: of ansible-playbook.
            limit: the hosts.
            playbook: another one.
            seen: names of tasks; after the first that is not in it the run is killed, see callbacks/moments.py.
            environment: variables of the process beside those of this one.
            **variables: that go before those of the inventory.
        """
        record, tasks, extra = self.scratch / "site.json", self.scratch / "tasks", self.scratch / "site-variables.json"
        tasks.write_text("")
        extra.touch(0o600)
        extra.write_text(json.dumps(variables))
        more = self.scratch / "more.ini"
        more.write_text("\n".join(["[ndes]", *MORE, ""]))
        inventories = ("-i", self.lab.inventory, "-i", more)
        command: list[str | Path] = [PROGRAMS / "ansible-playbook", *inventories, playbook, *options]
        done = self.lab.ansible(
            [*command, "-e", f"@{extra}", "--limit", limit],
            {
                "ANSIBLE_COLLECTIONS_PATH": str(TOP / "build" / "collections"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_CALLBACK_PLUGINS": f"{TOP / CALLBACK['ANSIBLE_CALLBACK_PLUGINS']}:{FAULTS / 'callbacks'}",
                "ANSIBLE_CALLBACKS_ENABLED": f"{CALLBACK['ANSIBLE_CALLBACKS_ENABLED']},moments",
                "MOMENTS_RECORD": str(tasks),
                RECORD: str(record),
                "HOME": str(self.home),
                "ANSIBLE_HOME": str(self.home / ".ansible"),
                **({"MOMENTS_SEEN": str(seen)} if seen else {}),
                **(environment or {}),
            },
        )
        whole = read_run(record) if done.returncode >= 0 else None
        return Played(done.returncode, done.stdout + done.stderr, tasks.read_text().splitlines(), whole)

    def features(self, *hosts: str, **variables: t.Any) -> None:
        """Give servers the role services and features, and no more."""
        task = {"ansible.builtin.include_role": {"name": "certops.intune.ndes_server", "tasks_from": "features"}}
        playbook = self.scratch / "features.json"
        playbook.write_text(json.dumps([{"hosts": "ndes", "gather_facts": False, "tasks": [task]}]))
        done = self.site("--forks", "4", playbook=playbook, limit=",".join(hosts), **variables)
        assert done.status == 0, done.messages

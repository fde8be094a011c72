# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_eventlog"""

from __future__ import annotations

import re
from typing import Any

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.event_logs import Channel
from lab.windows.support import event_sources

UNITS = {"KB": 1024, "MB": 1024**2, "GB": 1024**3}
SLICE = 64 * 1024


@upstream(
    "ansible.windows.win_eventlog",
    mirrors="plugins/modules/win_eventlog.ps1 of ansible.windows 3.8.0",
    checked_against=(
        "tests/cases/ansible.windows.win_eventlog.yml",
        "tests/unit/lab/windows/test_firewall_and_logs.py",
    ),
    limits="the sources that Windows itself brings: of the classic logs only those that were made here are known",
)
def win_eventlog(call: Call) -> Result:
    return _EventLog(call).run()


class _EventLog:
    def __init__(self, call: Call) -> None:
        self.host = call.host
        self.arguments = call.arguments
        self.check_mode = call.check_mode
        self.name: str = call.arguments["name"]
        self.sources = [str(one) for one in call.arguments["sources"] or ()]
        self.result: Result = {"changed": False, "name": self.name, "sources_changed": []}

    def run(self) -> Result:
        self._refuse()
        {"present": self._present, "clear": self._clear, "absent": self._absent}[self.arguments["state"].lower()]()
        return self.result | self._details()

    def _log(self) -> Channel | None:
        found = self.host.event_logs.get(self.name)
        return found if found is not None and found.classic else None

    def _fail(self, message: str) -> None:
        raise ModuleFailure(message, **self.result)

    def _refuse(self) -> None:
        state, log = self.arguments["state"].lower(), self._log()
        own = self.name.lower() in (one.lower() for one in self.sources)
        if state == "present" and log is None and not self.sources:
            self._fail("You must specify one or more sources when creating a log for the first time")
        elif state == "present" and log is not None and own and any(self._files().values()):
            self._fail(f"Cannot modify default source {self.name} of log {self.name} - you must remove the log")
        elif state == "clear" and log is None:
            self._fail(f"Cannot clear log {self.name} as it does not exist")
        elif state == "absent" and own:
            self._fail(f"Cannot remove default source {self.name} from log {self.name} - you must remove the log")

    def _files(self) -> dict[str, str]:
        given = {kind: self.arguments[f"{kind}_file"] for kind in event_sources.FILES}
        return {kind: path for kind, path in given.items() if path}

    def _exists(self, source: str, *, new_log: bool) -> bool:
        log = event_sources.log_of(self.host, source)
        if log is not None and new_log:
            self._fail(f"Source {source} already exists and cannot be created")
        if log is not None and log.lower() != self.name.lower():
            self._fail(f"Source {source} does not belong to log {self.name} and cannot be modified")
        return log is not None

    def _present(self) -> None:
        before = self._log()
        known = {name.lower(): files for name, files in event_sources.sources(self.host, self.name).items()}
        for source in self.sources:
            # As the log was at first, not as the sources before this one have made it.
            exists = self._exists(source, new_log=before is None)
            if exists:
                present = known.get(source.lower(), {})
                if all(present.get(kind, "").lower() == path.lower() for kind, path in self._files().items()):
                    continue
            if not self.check_mode:
                if exists:
                    event_sources.remove(self.host, source)
                event_sources.add(self.host, self.name, source, self._files())
                self.result["sources_changed"].append(source)
            self.result["changed"] = True
        self._limits(before)

    def _limits(self, before: Channel | None) -> None:
        size = self._size() if self.arguments["maximum_size"] else None
        overflow, days = self.arguments["overflow_action"], self.arguments["retention_days"]
        differs = (
            size is not None and (before is None or before.maximum_size != size),
            bool(overflow) and (before is None or before.overflow.lower() != overflow.lower()),
            bool(days) and (before is None or before.retention_days != days),
        )
        if not any(differs):
            return
        self.result["changed"] = True
        log = self._log()
        if self.check_mode or log is None:
            return
        action = _spelled(overflow) if overflow else log.overflow
        kept = days or log.retention_days
        if action == "OverwriteOlder" and not 1 <= kept <= 365:
            self._fail("'retentionDays' must be between 1 and 365 days.")
        log.maximum_size = size if size is not None else log.maximum_size
        log.overflow = action
        log.retention_days = {"OverwriteOlder": kept, "OverwriteAsNeeded": 0, "DoNotOverwrite": -1}[action]

    def _size(self) -> int:
        text = self.arguments["maximum_size"]
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(KB|MB|GB)", text, re.IGNORECASE)
        if not found:
            raise ModuleFailure(f"Maximum size {text} is not properly specified", **self.result)
        size = float(found[1]) * UNITS[found[2].upper()]
        if not SLICE <= size < 4 * UNITS["GB"]:
            self._fail("Maximum size must be between 64KB and 4GB")
        if size % SLICE:
            self._fail("Maximum size must be divisible by 64KB")
        return int(size)

    def _clear(self) -> None:
        log = self._log()
        if log is not None and log.events:
            if not self.check_mode:
                self.host.event_logs.clear(self.name)
            self.result["changed"] = True

    def _absent(self) -> None:
        if self._log() is None:
            return
        if self.sources:
            for source in self.sources:
                if self._exists(source, new_log=False):
                    if not self.check_mode:
                        event_sources.remove(self.host, source)
                        self.result["sources_changed"].append(source)
                    self.result["changed"] = True
            return
        if not self.check_mode:
            self.result["sources_changed"] += event_sources.sources(self.host, self.name)
            event_sources.remove_log(self.host, self.name)
        self.result["changed"] = True

    def _details(self) -> dict[str, Any]:
        log = self._log()
        if log is None:
            return {"name": self.name, "exists": False}
        return {
            "name": self.name,
            "exists": True,
            "maximum_size_kb": log.maximum_size // 1024,
            "overflow_action": log.overflow,
            "retention_days": log.retention_days,
            "entries": len(log.events),
            "sources": list(event_sources.sources(self.host, self.name)),
        }


def _spelled(action: str) -> str:
    known = ("OverwriteOlder", "OverwriteAsNeeded", "DoNotOverwrite")
    return next(one for one in known if one.lower() == action.lower())

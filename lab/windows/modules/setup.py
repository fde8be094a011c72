# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.setup: facts about the host."""

from __future__ import annotations

import json
from collections.abc import Callable

from lab.windows import tables
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, Result, upstream
from lab.windows.support import facts

GROUPS: dict[str, tuple[str, ...]] = {
    "min": ("date_time", "distribution", "dns", "env", "local", "platform", "powershell_version", "user"),
    "network": ("all_ipv4_addresses", "all_ipv6_addresses", "interfaces", "windows_domain", "winrm"),
    "hardware": ("bios", "memory", "processor", "uptime", "virtual"),
    "external": ("facter",),
}
ALL = frozenset(name for names in GROUPS.values() for name in names)

Gatherer = Callable[[Call], Result]

#: What gathers which subsets, in upstream's order; `facter` and `local` are asked apart.
GATHERERS: tuple[tuple[tuple[str, ...], Gatherer], ...] = (
    (("all_ipv4_addresses", "all_ipv6_addresses"), facts.addresses),
    (("bios",), facts.bios),
    (("date_time",), facts.date_time),
    (("distribution",), facts.distribution),
    (("env",), facts.environment),
    (("interfaces",), facts.interfaces),
    (("memory",), facts.memory),
    (("platform",), facts.platform),
    (("powershell_version",), facts.powershell_version),
    (("processor",), facts.processor),
    (("uptime",), facts.uptime),
    (("user",), facts.user),
    (("windows_domain",), facts.windows_domain),
    (("winrm",), facts.winrm),
    (("virtual",), facts.virtual),
)


@upstream(
    "ansible.windows.setup",
    mirrors="plugins/modules/setup.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.setup.yml", "tests/unit/lab/windows/test_setup.py"),
    limits="facter; facts of scripts in fact_path; fact_path with wildcards; _measure_subset; hardware and addresses "
    "are the lab's own; the certificate of the listener is the first in LocalMachine\\My",
)
def run(call: Call) -> Result:
    arguments = call.arguments
    if arguments.get("_measure_subset"):
        raise NotModelled("how long facts take")
    warnings: list[str] = []
    release = tables.release(call.host.identity)
    if release["major"] < 10:
        version = f"{release['major']}.{release['minor']}"
        warnings.append(f"The Windows version '{version}' is no longer supported or tested by Ansible.")
    subsets = _subsets(arguments["gather_subset"], warnings)
    found: Result = {"gather_subset": list(arguments["gather_subset"]), "module_setup": True}
    for names, gather in GATHERERS:
        if subsets.intersection(names):
            found.update(gather(call))
    if "facter" in subsets:
        _refuse_facter(call)
    if "local" in subsets and arguments["fact_path"]:
        found.update(_local(call.host, arguments["fact_path"], warnings))
    return {"ansible_facts": found, "warnings": warnings}


def _subsets(wanted: list[str], warnings: list[str]) -> frozenset[str]:
    """The subsets to gather: all, without those that are excluded, with those that are named."""
    named: set[str] = set()
    excluded: set[str] = set()
    groups = {**GROUPS, "all": tuple(sorted(ALL))}
    for item in wanted:
        name = item.removeprefix("!")
        if item.startswith("!"):
            # What is excluded may be misspelt, as in the setup of other systems.
            excluded.update(ALL - set(GROUPS["min"]) if name == "all" else groups.get(name, (name,)))
        elif name in groups:
            named.update(groups[name])
        elif name in ALL:
            named.add(name)
        else:
            warnings.append(f"invalid value {name} specified in gather_subset")
    return frozenset((ALL - excluded) | named)


def _refuse_facter(call: Call) -> None:
    path = facts.environment(call)["ansible_env"].get("Path", "")
    for folder in path.split(";"):
        if folder.strip() and call.host.files.exists(f"{folder.rstrip(chr(92))}\\facter.exe"):
            raise NotModelled("facter")


def _local(host: Host, path: str, warnings: list[str]) -> Result:
    """Facts of the files in a folder, or of one file."""
    if any(letter in path for letter in "*?["):
        raise NotModelled("wildcards in fact_path")
    if not host.files.exists(path):
        warnings.append(f"Non existing path was set for local facts - {path}")
        return {}
    paths = [entry.path for entry in host.files.children(path)] if host.files.is_folder(path) else [path]
    found: Result = {}
    for each in paths:
        name = each.rpartition("\\")[2]
        if host.files.is_folder(each):
            continue
        if name.endswith(".ps1"):
            raise NotModelled(f"facts of a script ({each})")
        if name.endswith(".json"):
            value = json.loads(host.files.read(each).decode("utf-8-sig"))
            if value is not None:
                found[f"ansible_{name.removesuffix('.json')}"] = value
    return found

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""community.windows.win_firewall_rule"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.firewall import ICMP, TCP, UDP, Rule
from lab.windows.running.environment import expand

#: Property of INetFwRule -> option, in the order in which upstream compares and tells them.
PROPERTIES = {
    "Description": "description",
    "Direction": "direction",
    "Action": "action",
    "ApplicationName": "program",
    "Grouping": "group",
    "ServiceName": "service",
    "Enabled": "enabled",
    "Profiles": "profiles",
    "LocalAddresses": "localip",
    "RemoteAddresses": "remoteip",
    "LocalPorts": "localport",
    "RemotePorts": "remoteport",
    "Protocol": "protocol",
    "InterfaceTypes": "interfacetypes",
    "EdgeTraversalOptions": "edge",
    "SecureFlags": "security",
    "IcmpTypesAndCodes": "icmp_type_code",
}
#: Those whose `any` (or `no`) leaves the property of a new rule alone, in the order in which they are set.
SET = (
    "Description",
    "Grouping",
    "ApplicationName",
    "ServiceName",
    "Protocol",
    "LocalPorts",
    "RemotePorts",
    "LocalAddresses",
    "RemoteAddresses",
    "IcmpTypesAndCodes",
    "Direction",
    "Action",
    "Profiles",
    "InterfaceTypes",
    "EdgeTraversalOptions",
    "SecureFlags",
)
UNSET = {"EdgeTraversalOptions": "no", "SecureFlags": "notrequired", "Description": None, "Grouping": None}
DIRECTIONS = {"in": 1, "out": 2}
ACTIONS = {"block": 0, "allow": 1}
PROFILES = {"domain": 1, "private": 2, "public": 4}
ALL_PROFILES = 0x7FFFFFFF
INTERFACES = {"wireless": "Wireless", "lan": "Lan", "ras": "RemoteAccess"}
EDGE = {"yes": 1, "deferapp": 2, "deferuser": 3}
SECURITY = {"authnoencap": 1, "authenticate": 2, "authdynenc": 3, "authenc": 4}


@upstream(
    "community.windows.win_firewall_rule",
    mirrors="plugins/modules/win_firewall_rule.ps1 of community.windows 3.3.0",
    checked_against=(
        "tests/cases/community.windows.win_firewall_rule.yml",
        "tests/unit/lab/windows/test_firewall_and_logs.py",
    ),
)
def win_firewall_rule(call: Call) -> Result:
    if not call.arguments["name"] and not call.arguments["group"]:
        raise ModuleFailure("Either name or group must be specified", changed=False)
    try:
        return _FirewallRule(call).run()
    except ValueError as error:
        raise ModuleFailure(str(error), changed=False, exception=str(error)) from error


class _FirewallRule:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.firewall = call.host.firewall
        self.name = str(call.arguments["name"] or "")
        self.given: Mapping[str, Any] = {key: call.arguments[option] for key, option in PROPERTIES.items()}
        self.result: Result = {"changed": False}
        self.diff: list[str] = []

    def run(self) -> Result:
        group = self.call.arguments["group"]
        existing = self.firewall.named(self.name) if self.name else self.firewall.grouped(group)
        new = self._new()
        if self.call.arguments["state"] == "absent":
            self._absent(existing)
        elif existing:
            self._update(existing, new)
        elif self.name:
            self.diff.append(f"+[{new['Name']}]\n")
            self.diff += [f"+{key}='{_shown(new[key])}'\n" for key in PROPERTIES]
            if not self.call.check_mode:
                self.firewall.add(new)
            self.result |= {"changed": True, "msg": f"Firewall rule '{self.name}' created."}
        if self.call.diff:
            self.result["diff"] = {"prepared": "".join(self.diff)}
        return self.result

    def _new(self) -> Rule:
        new = Rule()
        if self.name:
            new.set("Name", self.name)
        new.set("Enabled", True if self.given["Enabled"] is None else self.given["Enabled"])
        for key in SET:
            value = self.given[key]
            joined = ",".join(map(str, value)) if isinstance(value, list) else value
            unset = UNSET.get(key, "any")
            if value is None or (unset is not None and str(joined).lower() == unset):
                continue
            new.set(key, self._converted(key, value))
        return new

    def _converted(self, key: str, value: Any) -> Any:
        if key == "ApplicationName":
            return expand(self.call.host, self.call.user, value)
        if key == "Protocol":
            return _protocol(str(value))
        if key == "Direction":
            return DIRECTIONS[str(value).lower()]
        if key == "Action":
            return ACTIONS[str(value).lower()]
        if key == "Profiles":
            total = sum(_known(PROFILES, one, "profile") for one in _unique(value))
            return ALL_PROFILES if total == sum(PROFILES.values()) else total
        if key == "InterfaceTypes":
            return ",".join(_known(INTERFACES, one, "interface type") for one in _unique(value))
        if key == "EdgeTraversalOptions":
            return EDGE[str(value).lower()]
        if key == "SecureFlags":
            return SECURITY[str(value).lower()]
        return ",".join(map(str, value)) if isinstance(value, list) else value

    def _absent(self, existing: list[Rule]) -> None:
        if not existing:
            group = self.call.arguments["group"]
            said = f"Firewall rule '{self.name}' does not exist." if self.name else ""
            self.result["msg"] = said or f"No firewall rules in group '{group}' exist."
            return
        for rule in existing:
            self.diff.append(f"-[{rule['Name']}]\n")
            self.diff += [f"-{key}='{_shown(rule[key])}'\n" for key in PROPERTIES]
            if not self.call.check_mode:
                self.firewall.remove(str(rule["Name"]))
        names = "', '".join(str(rule["Name"]) for rule in existing)
        self.result |= {"changed": True, "msg": f"Firewall rule(s) '{names}' removed."}

    def _update(self, existing: list[Rule], new: Rule) -> None:
        changed: list[str] = []
        unchanged: list[str] = []
        for rule in existing:
            self.diff.append(f"[{rule['Name']}]\n")
            differing = [key for key in PROPERTIES if self.given[key] is not None and _differ(key, rule, new)]
            for key in differing:
                self.diff.append(f"-{key}='{_shown(rule[key])}'\n+{key}='{_shown(new[key])}'\n")
                if not self.call.check_mode:
                    rule.values[key] = new[key]
            (changed if differing else unchanged).append(str(rule["Name"]))
        told = "', '".join(changed), "', '".join(unchanged)
        self.result["changed"] = bool(changed)
        self.result["msg"] = f"Firewall rule(s) changed '{told[0]}' - unchanged '{told[1]}'"


def _differ(key: str, one: Rule, other: Rule) -> bool:
    first, second = (value.lower() if isinstance(value, str) else value for value in (one[key], other[key]))
    if key.endswith("Addresses"):
        return sorted(str(first).split(",")) != sorted(str(second).split(","))
    return first != second


def _protocol(text: str) -> int:
    if text.lstrip("-").isdigit():
        return int(text)
    known = {"tcp": TCP, "udp": UDP}
    for prefix, number in (("icmpv4", ICMP[0]), ("icmpv6", ICMP[1])):
        if text.lower().startswith(prefix):
            return number
    if text.lower() not in known:
        raise ValueError(f"Unknown protocol '{text}'.")
    return known[text.lower()]


def _unique(value: Any) -> list[str]:
    """Select-Object -Unique, which tells cases apart."""
    return list(dict.fromkeys(str(one) for one in (value if isinstance(value, list) else [value])))


def _known(known: Mapping[str, Any], text: str, kind: str) -> Any:
    if text.lower() not in known:
        raise ValueError(f"Unknown {kind} '{text}'.")
    return known[text.lower()]


def _shown(value: Any) -> str:
    return str(value)

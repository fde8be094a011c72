# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and profiles of the Windows firewall.

Exported as `{"profiles": {name: {"enabled", "inbound", "outbound"}}, "rules": [{"Name", "Enabled", "Protocol", ...}]}`,
a rule with the properties of INetFwRule. Several rules may have one name.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

TCP, UDP, ANY_PROTOCOL = 6, 17, 256
ICMP = (1, 58)

#: Words that may stand for addresses.
KEYWORDS = {"*", "defaultgateway", "dhcp", "wins", "dns", "localsubnet"}

Property = str | int | bool


class InvalidRuleError(ValueError):
    """A value that the firewall does not take (E_INVALIDARG)."""

    def __init__(self) -> None:
        super().__init__("Value does not fall within the expected range.")


class Rule:
    """A rule: the properties of INetFwRule by name, in any case."""

    def __init__(self, values: dict[str, Property] | None = None) -> None:
        self.values: dict[str, Property] = {**tables.load("firewall")["new_rule"], **(values or {})}

    def __getitem__(self, name: str) -> Property:
        return self.values[name]

    def set(self, name: str, value: Property) -> None:
        """Set a property as the firewall keeps it.

        Raises:
            InvalidRuleError: Ports without a protocol that has them, or what is no port, address or ICMP type.
        """
        if name == "Protocol" and value != self["Protocol"]:
            ports = "*" if value in (TCP, UDP) else ""
            self.values |= {"LocalPorts": ports, "RemotePorts": ports}
            self.values["IcmpTypesAndCodes"] = "*" if value in ICMP else ""
        elif name in ("LocalPorts", "RemotePorts"):
            value = self._ports(str(value))
        elif name in ("LocalAddresses", "RemoteAddresses"):
            value = ",".join(_address(part.strip()) for part in str(value).split(","))
        elif name == "IcmpTypesAndCodes" and self["Protocol"] not in ICMP:
            raise InvalidRuleError
        self.values[name] = value

    def _ports(self, text: str) -> str:
        if self["Protocol"] not in (TCP, UDP):
            raise InvalidRuleError
        parts = [part.strip() for part in text.split(",")]
        for part in parts:
            if part and part[0].isdigit() and not all(_is_port(one) for one in part.split("-", 1)):
                raise InvalidRuleError
            if not part:
                raise InvalidRuleError
        return ",".join(parts)


class Firewall:
    """Rules and profiles of the Windows firewall."""

    def __init__(self, rules: list[Rule], profiles: dict[str, dict[str, Any]]) -> None:
        self.rules = rules
        self.profiles = profiles

    @classmethod
    def blank(cls, identity: Identity) -> Firewall:
        table = tables.load("firewall")
        rules = [Rule({**one["values"], "Name": one["name"][identity.language]}) for one in table["rules"]]
        return cls(rules, {name: dict(profile) for name, profile in table["profiles"].items()})

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Firewall:
        return cls(
            [Rule(dict(one)) for one in state["rules"]], {key: dict(one) for key, one in state["profiles"].items()}
        )

    def export(self) -> Json:
        return {
            "profiles": {name: dict(profile) for name, profile in self.profiles.items()},
            "rules": [dict(one.values) for one in self.rules],
        }

    def named(self, name: str) -> list[Rule]:
        return [one for one in self.rules if str(one["Name"]).lower() == name.lower()]

    def grouped(self, group: str) -> list[Rule]:
        return [one for one in self.rules if str(one["Grouping"]).lower() == group.lower()]

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def remove(self, name: str) -> bool:
        """Remove the first rule of a name, as INetFwRules.Remove does; whether there was one."""
        found = self.named(name)[:1]
        self.rules = [one for one in self.rules if one not in found]
        return bool(found)


def _is_port(text: str) -> bool:
    return text.isdigit() and int(text) <= 65535


def _address(text: str) -> str:
    """An address as the firewall keeps it: IPv4 with its mask, IPv6 with its prefix; ranges and words as they are."""
    if text.lower() in KEYWORDS:
        return text
    try:
        if "-" in text:
            first, last = (ipaddress.ip_address(part) for part in text.split("-", 1))
            if first.version != last.version or int(first) > int(last):
                raise InvalidRuleError
            return f"{first}-{last}"
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidRuleError from None
    if network.version == 4:
        return f"{network.network_address}/{network.netmask}"
    return f"{network.network_address}/{network.prefixlen}"

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""judged.yml and judged_objects.yml as directory objects: attributes in octets, security in SDDL with names in it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

DATA = Path(__file__).with_name("judged.yml")
OBJECTS = Path(__file__).with_name("judged_objects.yml")

#: What every name of the set begins with.
PREFIX = "Judged"

ADMINISTRATORS = "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)"
READERS = "(A;;LCRPLORC;;;AU)"

#: Octet strings that all templates have: digital signature and key encipherment, one year, six weeks.
OCTETS = {
    "pKIKeyUsage": bytes.fromhex("a000"),
    "pKIExpirationPeriod": bytes.fromhex("004039872ee1feff"),
    "pKIOverlapPeriod": bytes.fromhex("0080a60affdeffff"),
}

#: Marks values that are OIDs below the forest's own root.
OWN_ARC = "<root>.1."


@dataclass(frozen=True)
class Judged:
    """One template of the set."""

    name: str
    #: How it differs from the template that has all conditions.
    what: str
    published: bool
    #: Values by LDAP name; OWN_ARC stands for the forest's OID root.
    attributes: dict[str, list[bytes]]
    #: SDDL with <names> of accounts. Without "D:" there is no list, and the directory gives that of the class.
    sddl: str

    @property
    def about(self) -> str:
        """The id of the hazard that the name begins with."""
        found = re.match(rf"{PREFIX}(Esc\d+)", self.name)
        if found is None:
            raise ValueError(f"{self.name}: a name begins with the hazard it is about")
        return found.group(1).upper()


@dataclass(frozen=True)
class JudgedObject:
    """One object of the public key services that is no template."""

    name: str
    #: How it differs from one that nobody but administrators controls.
    what: str
    object_class: str
    #: The RDN of the container below Public Key Services.
    container: str
    attributes: dict[str, list[bytes]]
    sddl: str
    #: The attributes, or classes of children, with which whoever may write them has won something.
    decisive: frozenset[str]


def load(path: Path = DATA) -> dict[str, t.Any]:
    """The data as it is written."""
    data: dict[str, t.Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def templates(data: dict[str, t.Any]) -> list[Judged]:
    """The templates of the data, in its order."""
    return [_template(data, row, number) for number, row in enumerate(data["templates"], 1)]


def objects(data: dict[str, t.Any]) -> list[JudgedObject]:
    """The objects of the data, in its order."""
    return [_object(data, row, number) for number, row in enumerate(data["objects"], 1)]


def _object(data: dict[str, t.Any], row: dict[str, t.Any], number: int) -> JudgedObject:
    kind = data["kinds"][row["kind"]]
    name = f"{PREFIX}{row['name']}"
    values = {**kind["attributes"], "displayName": name}
    if row["kind"] == "policy":
        values["msPKI-Cert-Template-OID"] = f"{OWN_ARC}{9500 + number}"
    return JudgedObject(
        name=name,
        what=row["what"],
        object_class=kind["class"],
        container=kind["container"],
        attributes={attribute: _octets(value) for attribute, value in values.items()},
        sddl=_sddl(data, row.get("owner", "EA"), row.get("entries", "")),
        decisive=frozenset(kind["decisive"]),
    )


def _template(data: dict[str, t.Any], row: dict[str, t.Any], number: int) -> Judged:
    shape = data["shapes"][row["shape"]]
    values = {**data["common"], **shape["attributes"], **row.get("attributes", {})}
    usages = values.get("pKIExtendedKeyUsage")
    if values["msPKI-Template-Schema-Version"] not in (None, 1):
        values.setdefault("msPKI-Certificate-Application-Policy", usages)
    if values.get("msPKI-Certificate-Policy"):
        values["msPKI-Certificate-Policy"] = [f"{OWN_ARC}{arc}" for arc in values["msPKI-Certificate-Policy"]]
    name = f"{PREFIX}{row['name']}"
    values |= {"displayName": name, "msPKI-Cert-Template-OID": f"{OWN_ARC}{9100 + number}"}
    entries = row.get("entries", shape.get("entries", ""))
    return Judged(
        name=name,
        what=row["what"],
        published=row.get("published", True),
        attributes={attribute: _octets(value) for attribute, value in values.items() if value is not None}
        | {attribute: [value] for attribute, value in OCTETS.items()},
        sddl=_sddl(data, row.get("owner", "EA"), entries if row.get("list", True) else None),
    )


def _octets(value: t.Any) -> list[bytes]:
    return [str(each).encode() for each in (value if isinstance(value, list) else [value])]


def _sddl(data: dict[str, t.Any], owner: str, entries: str | None) -> str:
    head = f"O:{owner}G:EA"
    if entries is None:
        return head
    guids = data["guids"]
    entries = re.sub(r"<([^>]+)>", lambda found: guids.get(found.group(1), found.group()), entries)
    return f"{head}D:PAI{entries}{ADMINISTRATORS}{READERS}"

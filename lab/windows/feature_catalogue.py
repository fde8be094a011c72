# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of features that a release and edition of Windows Server has, out of data/features.yml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from . import tables
from .fold import fold

if TYPE_CHECKING:
    from .identity import Identity

#: Where the ids of features begin whose real number is not known.
OWN_IDS = 9000


@dataclass(frozen=True)
class Feature:
    """A role, role service or feature.

    Attributes:
        name: `Web-Server`.
        parent: Name of the feature above, None at the top.
        display_name: In the language of the host, where it is known.
        number: What Windows calls NumericId.
        install_name: Its name in DISM.
        kind: `Role`, `Role Service` or `Feature`.
        path: Display names from the top down to it, with backslashes.
        depth: 1 at the top.
        state: On a fresh server: `Installed`, `Available` or `Removed`.
        default: Whether it comes with its parent.
        needs: What must be installed with it, in the order of the table.
        management_tools: What comes with it where management tools are asked for.
        services: Names of its services as Get-WindowsFeature shows them.
        removal_restarts: Whether only a restart finishes its removal.
    """

    name: str
    parent: str | None
    display_name: str
    number: int
    install_name: str
    kind: str
    path: str
    depth: int
    state: str
    default: bool
    needs: tuple[str, ...]
    management_tools: tuple[str, ...]
    services: tuple[str, ...]
    removal_restarts: bool
    description: str


class Catalogue:
    """All features of a release, edition and language."""

    def __init__(self, release: str, edition: str, language: str) -> None:
        table = tables.load("features")
        net = tables.load("releases")["releases"][release]["feature_net"]
        rows: list[tuple[int, dict[str, Any]]] = [
            (number, row)
            for number, row in enumerate(table["features"])
            if edition in row.get("editions", [edition]) and release in row.get("releases", [release])
        ]
        known = {row["name"] for _, row in rows}
        self._features: dict[str, Feature] = {}
        for number, row in rows:
            parent = self._features.get(fold(row["parent"])) if "parent" in row else None
            name = row["display_name"]
            if language == "sv-SE":
                name = row.get("display_name_sv", name)
            name = name.replace("{net}", net)
            top = row["name"] if parent is None else self.ancestors(parent.name, with_itself=True)[-1]
            role = "Role" if parent is None else "Role Service"
            self._features[fold(row["name"])] = Feature(
                name=row["name"],
                parent=parent.name if parent else None,
                display_name=name,
                number=row.get("id", OWN_IDS + number),
                install_name=row["install_name"],
                kind=role if top in table["roles"] else "Feature",
                path=f"{parent.path}\\{name}" if parent else name,
                depth=parent.depth + 1 if parent else 1,
                state=row.get("state", "Available"),
                default=row.get("default", False),
                needs=tuple(need for need in row.get("needs", ()) if need in known),
                management_tools=tuple(tool for tool in row.get("management_tools", ()) if tool in known),
                services=tuple(row.get("services", ())),
                removal_restarts=row.get("removal_restarts", False),
                description=row.get("description", ""),
            )
        self._children: dict[str, list[str]] = {}
        self._wanted_by: dict[str, list[str]] = {}
        for feature in self._features.values():
            if feature.parent:
                self._children.setdefault(feature.parent, []).append(feature.name)
            for need in feature.needs:
                self._wanted_by.setdefault(need, []).append(feature.name)

    def find(self, name: str) -> Feature | None:
        """The feature of that name, in any case."""
        return self._features.get(fold(name))

    def __getitem__(self, name: str) -> Feature:
        return self._features[fold(name)]

    def all(self) -> tuple[Feature, ...]:
        """All of them, in the order of Get-WindowsFeature."""
        return tuple(self._features.values())

    def children(self, name: str) -> tuple[str, ...]:
        return tuple(self._children.get(self[name].name, ()))

    def descendants(self, name: str) -> tuple[str, ...]:
        """All below a feature."""
        found: list[str] = []
        for child in self.children(name):
            found += [child, *self.descendants(child)]
        return tuple(found)

    def ancestors(self, name: str, *, with_itself: bool = False) -> tuple[str, ...]:
        """All above a feature, the nearest first."""
        found = [self[name].name] if with_itself else []
        parent = self[name].parent
        while parent:
            found.append(parent)
            parent = self[parent].parent
        return tuple(found)

    def defaults(self, name: str) -> tuple[str, ...]:
        """What comes with a feature because it is asked for: its default children, and theirs."""
        found: list[str] = []
        for child in self.children(name):
            if self[child].default:
                found += [child, *self.defaults(child)]
        return tuple(found)

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """The features with everything above them and everything that they need."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            feature = self[waiting.pop()]
            if feature.name not in found:
                found.add(feature.name)
                waiting += feature.needs
                if feature.parent:
                    waiting.append(feature.parent)
        return frozenset(found)

    def dependents(self, names: Iterable[str]) -> frozenset[str]:
        """The features with everything that cannot be without them: what is below them, and what needs one of them."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = self[waiting.pop()].name
            if name not in found:
                found.add(name)
                waiting += [*self.children(name), *self._wanted_by.get(name, ())]
        return frozenset(found)


@cache
def _catalogue(release: str, edition: str, language: str) -> Catalogue:
    return Catalogue(release, edition, language)


def catalogue(identity: Identity) -> Catalogue:
    """The features that a host can have."""
    return _catalogue(identity.release, identity.edition, identity.language)

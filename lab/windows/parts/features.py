# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and features: the tree, what is installed, whose payload is removed.

Exported: {"Web-Server": "Available", ...}, the state of every feature by its name: Installed, Available or Removed
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.windows.feature_catalogue import Catalogue, Feature, catalogue

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

INSTALLED = "Installed"
AVAILABLE = "Available"
REMOVED = "Removed"

#: What was installed on the lab's certification authority before the lab began.
AUTHORITY = ("AD-Certificate", "ADCS-Cert-Authority")


class UnknownFeature(Exception):  # noqa: N818
    """There is no feature of that name; `name` is what was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no feature {name}")
        self.name = name


class PayloadMissing(Exception):  # noqa: N818
    """Features whose payload is removed cannot be installed without a source; `names` are theirs."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"no payload for {', '.join(names)}")
        self.names = names


@dataclass(frozen=True)
class Change:
    """What an installation or a removal does.

    Attributes:
        features: What comes or goes, in the order of their names.
        restart: Whether only a restart finishes it.
    """

    features: tuple[Feature, ...]
    restart: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)


class Features:
    """Roles and features: the tree, what is installed, whose payload is removed."""

    def __init__(self, tree: Catalogue, states: dict[str, str]) -> None:
        self.catalogue = tree
        self._states = states

    @classmethod
    def blank(cls, identity: Identity) -> Features:
        tree = catalogue(identity)
        features = cls(tree, {feature.name: feature.state for feature in tree.all()})
        if identity.role == "certification_authority":
            features.install(AUTHORITY)
        return features

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Features:
        return cls(catalogue(identity), dict(state))

    def export(self) -> Json:
        return dict(self._states)

    def state(self, name: str) -> str:
        """`Installed`, `Available` or `Removed`. UnknownFeature where there is no such feature."""
        return self._states[self.find(name).name]

    def is_installed(self, name: str) -> bool:
        """Whether the feature is installed; a host that does not know it does not have it either."""
        feature = self.catalogue.find(name)
        return feature is not None and self._states[feature.name] == INSTALLED

    def installed(self) -> set[str]:
        return {name for name, state in self._states.items() if state == INSTALLED}

    def find(self, name: str) -> Feature:
        """The feature of that name, in any case; UnknownFeature where there is none."""
        feature = self.catalogue.find(name)
        if feature is None:
            raise UnknownFeature(name)
        return feature

    def plan_install(
        self, names: Iterable[str], *, sub_features: bool = False, management_tools: bool = False
    ) -> Change:
        """What an installation would bring: the features, their defaults, what they need, and everything above those.

        Args:
            names: The features asked for.
            sub_features: Whether all below them comes too.
            management_tools: Whether the tools to manage them come too.
        """
        tree = self.catalogue
        wanted = [self.find(name).name for name in names]
        for name in tuple(wanted):
            wanted += tree.descendants(name) if sub_features else tree.defaults(name)
        found = tree.closure(wanted)
        if management_tools:
            tools = [tool for name in found for tool in tree[name].management_tools]
            found = tree.closure([*found, *tools])
        return Change(self._ordered(found - self.installed()))

    def install(
        self,
        names: Iterable[str],
        source: str | None = None,
        *,
        sub_features: bool = False,
        management_tools: bool = False,
    ) -> Change:
        """Install features.

        Args:
            names: The features asked for.
            source: A folder that has the payloads; None where there is none.
            sub_features: Whether all below them comes too.
            management_tools: Whether the tools to manage them come too.

        Raises:
            UnknownFeature: A name is wrong. Nothing was changed.
            PayloadMissing: One has no payload, and there is no source. Nothing was changed.
        """
        change = self.plan_install(names, sub_features=sub_features, management_tools=management_tools)
        without = tuple(name for name in change.names if self._states[name] == REMOVED)
        if without and source is None:
            raise PayloadMissing(without)
        self._states.update(dict.fromkeys(change.names, INSTALLED))
        return change

    def plan_uninstall(self, names: Iterable[str], *, management_tools: bool = False) -> Change:
        """What a removal would take: the features, what is below them, and whatever needs one of them."""
        tree = self.catalogue
        found = tree.dependents(self.find(name).name for name in names)
        if management_tools:
            tools = [tool for name in found for tool in tree[name].management_tools]
            found = tree.dependents([*found, *tools])
        features = self._ordered(found & self.installed())
        return Change(features, any(feature.removal_restarts for feature in features))

    def uninstall(self, names: Iterable[str], *, management_tools: bool = False) -> Change:
        """Remove features; their payloads stay. UnknownFeature, and nothing was changed, where a name is wrong."""
        change = self.plan_uninstall(names, management_tools=management_tools)
        self._states.update(dict.fromkeys(change.names, AVAILABLE))
        return change

    def _ordered(self, names: Iterable[str]) -> tuple[Feature, ...]:
        """Features in the order in which FeatureResult has them: by name, as a culture sorts, without the hyphens."""
        return tuple(sorted((self.catalogue[name] for name in names), key=lambda feature: _sort_key(feature.name)))


def _sort_key(name: str) -> tuple[str, str]:
    return name.replace("-", "").casefold(), name

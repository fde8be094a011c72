# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cmdlets there are: the project's own extract of Microsoft's reference, and what own scripts may use besides."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.tree import TOP

RULES = Path(__file__).with_name("rules.yml")

#: The extract, which the contract runner reads too; `python -m tools.cmdlets` makes it.
EXTRACT = TOP / "tests" / "contract" / "cmdlets.json"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a cmdlet.

    Attributes:
        name: As the reference spells it.
        variants: One description for all releases, or some that say for which: `type`, `aliases`, `values`,
            `pipeline` (by value), `documented_for`.
    """

    name: str
    variants: tuple[Mapping[str, Any], ...]

    @property
    def is_switch(self) -> bool:
        return all(variant["type"] == "SwitchParameter" for variant in self.variants)

    def missing_in(self, releases: list[str]) -> list[str]:
        """The releases that are not known to have it."""
        if any("documented_for" not in variant for variant in self.variants):
            return []
        known = {release for variant in self.variants for release in variant["documented_for"]}
        return [release for release in releases if release not in known]

    def refusing(self, value: str, releases: list[str]) -> list[str]:
        """The releases that do not accept a literal value."""
        return [release for release in releases if not self._accepts(value, release)]

    def _accepts(self, value: str, release: str) -> bool:
        for variant in self.variants:
            if release in variant.get("documented_for", [release]) and "values" in variant:
                return value.casefold() in {str(known).casefold() for known in variant["values"]}
        return True


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet with its parameters, by names in the reference's spelling."""

    name: str
    module: str
    releases: tuple[str, ...]
    parameters: Mapping[str, Parameter]

    def parameter(self, name: str) -> Parameter | None:
        """A parameter by its name in any case; aliases and abbreviations are not found."""
        for known, parameter in self.parameters.items():
            if known.casefold() == name.casefold():
                return parameter
        return None


class Rules:
    """rules.yml, read."""

    def __init__(self, path: Path = RULES) -> None:
        data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self.releases: list[str] = data["releases"]
        self.also_released: dict[str, dict[str, Any]] = data["also_released"]
        self.common_parameters: dict[str, list[str]] = data["common_parameters"]
        self.programs: dict[str, dict[str, Any]] = data["programs"]
        self.reading_verbs = frozenset(data["reading_verbs"])
        self.own_traces: dict[str, dict[str, str]] = data["own_traces"]
        self.types = {name.casefold() for name in data["types"]}
        self.statics = {name.casefold() for name in data["statics"]}
        self.methods = {name.casefold() for name in data["methods"]}
        self.attributes = {name.casefold() for name in data["attributes"]}
        self.secret_names = re.compile(data["secret_names"])
        self.secret_types = {name.casefold() for name in data["secret_types"]}
        self.display_properties = {name.casefold() for name in data["display_properties"]}
        self.refused: dict[str, str] = {name.casefold(): reason for name, reason in data["refused"].items()}


class Reference:
    """The cmdlets of an extract."""

    def __init__(self, extract: Mapping[str, Any], rules: Rules) -> None:
        self.rules = rules
        self._cmdlets = {
            name.casefold(): Cmdlet(
                name,
                entry["module"],
                tuple(entry["releases"]) + tuple(rules.also_released.get(entry["module"], {}).get("releases", ())),
                {
                    parameter: Parameter(parameter, tuple(variants))
                    for parameter, variants in entry["parameters"].items()
                },
            )
            for name, entry in extract["cmdlets"].items()
        }

    def cmdlet(self, name: str) -> Cmdlet | None:
        """A cmdlet by its name in any case."""
        return self._cmdlets.get(name.casefold())


@functools.cache
def own_reference() -> Reference:
    """The project's own."""
    return Reference(json.loads(EXTRACT.read_text(encoding="utf-8")), Rules())

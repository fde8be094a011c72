# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications of the upstream modules, out of data/module_specs.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data" / "module_specs.json"


@dataclass(frozen=True)
class Requirement:
    """One `required_if`: if `option` has `value`, all of `needs` must be given, or any of them."""

    option: str
    value: Any
    needs: tuple[str, ...]
    any_of: bool = False


@dataclass(frozen=True)
class Option:
    """One option. `own` is its inner specification: its constraints, and the options of what it holds.

    Attributes:
        kind: `str`, `list` ...; `custom:uint32` where the module converts with its own code; "" where a legacy
            module takes what comes.
        elements: The same for the elements of a list, "" where they are not converted.
        default: None for none. A legacy module may name an environment variable: {"environment": "TMP"}.
        required_when: (option, values): required where another option has one of the values (legacy).
    """

    name: str
    own: Specification
    kind: str = "str"
    elements: str = ""
    choices: tuple[Any, ...] = ()
    aliases: tuple[str, ...] = ()
    default: Any = None
    required: bool = False
    required_when: tuple[str, tuple[Any, ...]] | None = None
    no_log: bool = False
    apply_defaults: bool = False
    removed_in_version: str | None = None
    removed_from_collection: str | None = None


@dataclass(frozen=True)
class Specification:
    """What a module, or an option that holds others, takes."""

    options: Mapping[str, Option] = field(default_factory=dict)
    legacy: bool = False
    #: Whether it makes an option of whatever it is given.
    open: bool = False
    supports_check_mode: bool = False
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[Requirement, ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read(table: Mapping[str, Any]) -> Specification:
    """A specification as data/module_specs.json has it."""
    legacy = table.get("style") == "legacy"
    return Specification(
        options={name: _option(name, content, legacy) for name, content in table.get("options", {}).items()},
        legacy=legacy,
        open=table.get("open", False),
        supports_check_mode=table.get("supports_check_mode", False),
        mutually_exclusive=_names(table, "mutually_exclusive"),
        required_together=_names(table, "required_together"),
        required_one_of=_names(table, "required_one_of"),
        required_if=tuple(
            Requirement(option, value, tuple(needs), bool(rest and rest[0]))
            for option, value, needs, *rest in table.get("required_if", ())
        ),
        required_by={name: _list(needs) for name, needs in table.get("required_by", {}).items()},
    )


def _names(table: Mapping[str, Any], key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names) for names in table.get(key, ()))


def _list(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _option(name: str, table: Mapping[str, Any], legacy: bool) -> Option:
    when = table.get("required_when")
    return Option(
        name=name,
        own=read(table),
        kind=table.get("type", "" if legacy else "str"),
        elements=table.get("elements", ""),
        choices=_list(table.get("choices", [])),
        aliases=_list(table.get("aliases", [])),
        default=table.get("default"),
        required=table.get("required", False),
        required_when=(when["option"], tuple(when["is"])) if when else None,
        no_log=table.get("no_log", False),
        apply_defaults=table.get("apply_defaults", False),
        removed_in_version=table.get("removed_in_version"),
        removed_from_collection=table.get("removed_from_collection"),
    )


@cache
def known() -> Mapping[str, Specification]:
    """The specifications of all modules that the lab answers, by full name."""
    modules = json.loads(DATA.read_text(encoding="utf-8"))["modules"]
    return {name: read(table) for name, table in modules.items()}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a template as a whole: parsed, applied, checked, and described.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .fields import Field, OptionError, Vocabulary, edited, refuse_set_with_remove
from .tabs import FIELDS
from .template import Template

#: Options as a module receives them: tab to option to value, and superseded_templates beside the tabs. None is "not
#: given".
Options: t.TypeAlias = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class ListEdit:
    """A parsed {add, remove, set}; None is a list that was not given."""

    add: tuple[str, ...] | None
    remove: tuple[str, ...] | None
    set: tuple[str, ...] | None


@dataclass(frozen=True)
class Wanted:
    """The given options, parsed: path of the field to its value in the form of C(get), or to a ListEdit."""

    values: t.Mapping[str, t.Any]

    def given(self, field: Field) -> bool:
        return field.path in self.values

    def value(self, field: Field, template: Template) -> t.Any:
        """What O(field) of O(template) should read."""
        value = self.values[field.path]
        return edited(field.get(template), value.add, value.remove, value.set) if isinstance(value, ListEdit) else value


def parse_options(options: Options, vocabulary: Vocabulary) -> Wanted:
    """The options that are given, each in the form its field reads. Raises OptionError for a value that cannot be."""
    values: dict[str, t.Any] = {}
    for field in FIELDS:
        section = options.get(field.tab) if field.tab else options
        raw = section.get(field.option) if section else None
        if raw is None:
            continue
        values[field.path] = _parse_edit(field, raw, vocabulary) if field.editable else field.parse(raw, vocabulary)
    return Wanted(values)


def _parse_edit(field: Field, raw: t.Mapping[str, t.Any], vocabulary: Vocabulary) -> ListEdit:
    lists = {
        key: None if raw.get(key) is None else field.parse(raw[key], vocabulary) for key in ("add", "remove", "set")
    }
    refuse_set_with_remove(field.path, lists)
    both = sorted(
        {value.casefold() for value in lists["add"] or ()} & {value.casefold() for value in lists["remove"] or ()}
    )
    if both:
        raise OptionError(field.path, f"{', '.join(field.show(tuple(both), vocabulary))} is in add and in remove")
    return ListEdit(**lists)


def apply_options(
    template: Template, wanted: Wanted, vocabulary: Vocabulary, skip: t.Container[str] = (), *, strict: bool = True
) -> Template:
    """O(template) with O(wanted), fields in O(skip) left alone.

    Raises OptionError when one of the options cannot be had by this template, and, if O(strict), when two of them
    contradict each other.
    """
    targets: dict[str, t.Any] = {}
    for field in FIELDS:
        if not wanted.given(field) or field.path in skip:
            continue
        # An edit is made to what the options before it left: a critical extension that the empty subject brought stays.
        target = targets[field.path] = wanted.value(field, template)
        if field.same(field.get(template), target) and field.coherent(template):
            continue
        try:
            template = field.put(template, target)
        except OptionError:
            raise
        except ValueError as exc:
            raise OptionError(field.path, str(exc)) from exc
    for field in FIELDS:
        if strict and field.path in targets and not field.same(field.get(template), targets[field.path]):
            raise OptionError(
                field.path,
                f"{field.show(targets[field.path], vocabulary)!r} contradicts another option; together they give "
                f"{_shown(field, template, vocabulary)!r}",
            )
    return template


def describe(template: Template, vocabulary: Vocabulary) -> dict[str, t.Any]:
    """Every option of O(template) as a person would write it: tab to option to value."""
    tabs: dict[str, t.Any] = {}
    for field in FIELDS:
        shown = _shown(field, template, vocabulary)
        if field.tab:
            tabs.setdefault(field.tab, {})[field.option] = shown
        else:
            tabs[field.option] = shown
    return tabs


def _shown(field: Field, template: Template, vocabulary: Vocabulary) -> t.Any:
    value = field.get(template)
    return None if value is None else field.show(value, vocabulary)

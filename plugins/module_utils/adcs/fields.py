# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an option of a template is: how it is read from a template and how it is written into one.

Every option is a pair get/put (a lens). An option whose wanted value is what C(get) reads is never put, so that each
form
that means the same is left as it is; C(put) changes only the bits and attributes that carry the option, so that
everything
unknown survives. The tabs of the console are tables of such pairs (package tabs).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from enum import IntEnum

from ..directory.edits import OptionError, edited, refuse_set_with_remove, unique
from .flags import flag_names, flag_value
from .template import Template

__all__ = (
    "Field",
    "OptionError",
    "Put",
    "Vocabulary",
    "bit",
    "edited",
    "given_display_name",
    "number",
    "refuse_set_with_remove",
    "unique",
    "with_bits",
    "with_value",
    "word_of",
)

Put: t.TypeAlias = t.Callable[[Template, t.Any], Template]


def given_display_name(option: str, given: str, name: str, write: str | None = None) -> OptionError:
    """The refusal of a display name where a template's name is wanted; O(write) is what to write instead, if more."""
    return OptionError(option, f"'{given}' is the display name of template '{name}'; write {write or name}")


@dataclass(frozen=True)
class Vocabulary:
    """The words of one forest: names of policies that stand in its directory beside the ones of the standard tables.

    Attributes:
        application_policies: word to OID.
        issuance_policies: word to OID.
        template_names: casefolded cn to cn, of the templates that were looked up.
        display_names: casefolded display name to cn, of the templates that were looked up.
    """

    application_policies: t.Mapping[str, str] = field(default_factory=dict)
    issuance_policies: t.Mapping[str, str] = field(default_factory=dict)
    template_names: t.Mapping[str, str] = field(default_factory=dict)
    display_names: t.Mapping[str, str] = field(default_factory=dict)


def _same(value: t.Any, _vocabulary: Vocabulary) -> t.Any:
    return value


@dataclass(frozen=True)
class Field:
    """One option of a tab.

    Attributes:
        tab: the name of the tab, which is the name of the dictionary the option stands in; empty for an option of its
        own.
        option: the name of the option.
        get: reads the option's value; None when the template has none (the option does not apply to it).
        put: writes a value that C(get) does not read yet. Raises OptionError when the template cannot have it.
        parse: turns what a person wrote into the form of C(get). Raises ValueError.
        show: turns the form of C(get) into what a person writes.
        editable: whether the option has the form {add, remove, set}; its values are then tuples of str.
        exported: whether a template's options should name this one.
        coherent: whether the template holds the value in all its places; when not, the value is put even if C(get)
            reads it.
    """

    tab: str
    option: str
    get: t.Callable[[Template], t.Any]
    put: Put
    parse: t.Callable[[t.Any, Vocabulary], t.Any] = _same
    show: t.Callable[[t.Any, Vocabulary], t.Any] = _same
    editable: bool = False
    exported: t.Callable[[Template], bool] = lambda _template: True
    coherent: t.Callable[[Template], bool] = lambda _template: True

    @property
    def path(self) -> str:
        return f"{self.tab}.{self.option}" if self.tab else self.option

    def same(self, one: t.Any, other: t.Any) -> bool:
        """Whether two values of the form of C(get) mean the same.

        Letter case never does, order only where it is not a set.
        """
        if isinstance(one, tuple) and isinstance(other, tuple):
            left, right = [value.casefold() for value in one], [value.casefold() for value in other]
            return set(left) == set(right) if self.editable else left == right
        return bool(one == other)


def with_value(template: Template, attribute: str, value: t.Any) -> Template:
    """O(template) with another value in the attribute that is named O(attribute) in Python."""
    changes: dict[str, t.Any] = {attribute: value}
    return replace(template, **changes)


def with_bits(word: int, mask: int, on: bool) -> int:
    return word | mask if on else word & ~mask


def bit(tab: str, option: str, attribute: str, mask: int) -> Field:
    """A tick box that is one bit of the flag word O(attribute)."""
    return Field(
        tab,
        option,
        get=lambda template: bool(getattr(template, attribute) & mask),
        put=lambda template, on: with_value(template, attribute, with_bits(getattr(template, attribute), mask, on)),
    )


def number(tab: str, option: str, attribute: str, least: int, most: int) -> Field:
    """A number that is an attribute."""
    path = f"{tab}.{option}"

    def parse(value: int, _vocabulary: Vocabulary) -> int:
        if not least <= value <= most:
            raise OptionError(path, f"{value} is not between {least} and {most}")
        return value

    return Field(
        tab,
        option,
        get=lambda template: getattr(template, attribute),
        put=lambda template, value: with_value(template, attribute, value),
        parse=parse,
    )


def word_of(tab: str, option: str, attribute: str, kind: type[IntEnum]) -> Field:
    """A whole flag word as the list of its names."""

    def parse(names: t.Sequence[str], _vocabulary: Vocabulary) -> int:
        try:
            return flag_value(kind, names)
        except ValueError as exc:
            raise OptionError(f"{tab}.{option}", str(exc)) from exc

    return Field(
        tab,
        option,
        get=lambda template: getattr(template, attribute),
        put=lambda template, value: with_value(template, attribute, value),
        parse=parse,
        show=lambda value, _vocabulary: flag_names(kind, value),
    )

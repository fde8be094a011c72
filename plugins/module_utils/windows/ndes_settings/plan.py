# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a server as it is and a wish to the values that are to be written, and what has to follow.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ...directory.edits import OptionError, edited
from .. import mscep
from ..registry import Value
from .places import CAPABILITIES, FIELD_LENGTH, PLACES, REQUEST_BYTES, SLOTS, TEMPLATES, Place, settings
from .state import REBOOT, RESTART, Note, State
from .wish import Wish


@dataclasses.dataclass(frozen=True)
class Change:
    """A value that is to be written, or taken away."""

    place: Place
    before: Value | None
    after: Value | None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes:
        changes: In the order in which they are written.
        before: The settings as they are.
        after: The settings as they will be.
        reasons: What is noted before anything is written.
        forgotten: Notes that are taken away with the writing.
        warnings: What is to be said.
    """

    changes: tuple[Change, ...]
    before: dict[str, t.Any]
    after: dict[str, t.Any]
    reasons: tuple[str, ...]
    forgotten: tuple[str, ...]
    warnings: tuple[str, ...]


def make_plan(state: State, wish: Wish, names: t.Mapping[str, str], *, rehearsed: bool = False) -> Plan:
    """Plan what brings the server to what is wished.

    Args:
        names: The templates by slot, as they are to be written.
        rehearsed: Whether nothing will be written, so that an earlier task may have been rehearsed, too.

    Raises OptionError when the server cannot have what is wished.
    """
    warnings = list(_refuse_what_is_too_early(state, wish, rehearsed))
    wanted = _absent(state) if wish.absent else _present(state, wish, names)
    after = {**state.values, **wanted}
    _refuse_the_default(wish, names, after)
    warnings += _warnings(state, wish, after)
    changes = tuple(
        Change(place, state.values[place.option], after[place.option])
        for place in PLACES
        if after[place.option] != state.values[place.option]
    )
    reasons = []
    if any(not change.place.of_mscep for change in changes):
        reasons.append(mscep.REBOOT_FOR_HTTP)
    if state.configured and any(change.place.of_mscep for change in changes):
        reasons.append(mscep.RESTART_OF_POOL)
    forgotten = [note.reason for note in state.stale if note.reason not in reasons] if changes else []
    return Plan(changes, settings(state.values), settings(after), tuple(reasons), tuple(forgotten), tuple(warnings))


def waiting(state: State, plan: Plan, noted: dt.datetime) -> list[Note]:
    """What waits once the plan is done, or would.

    Args:
        noted: When the server noted the plan's own reasons, or would have.
    """
    fresh = [Note(reason, noted) for reason in plan.reasons]
    return [*fresh, *(note for note in state.waiting if note.reason not in plan.reasons)]


def needs_reboot(notes: t.Iterable[Note]) -> bool:
    return any(note.reason.startswith(REBOOT) for note in notes)


def needs_restart(notes: t.Iterable[Note]) -> bool:
    return any(note.reason.startswith(RESTART) for note in notes)


def _present(state: State, wish: Wish, names: t.Mapping[str, str]) -> dict[str, Value | None]:
    data: dict[str, t.Any] = {**wish.data, **{f"templates.{slot}": name for slot, name in names.items()}}
    wanted = {place.option: place.value(data[place.option]) for place in PLACES if place.option in data}
    if wish.capabilities is not None:
        current = state.values[CAPABILITIES.option]
        listed = current.data if current is not None and isinstance(current.data, tuple) else ()
        edit = wish.capabilities
        found = edited(listed, edit["add"], edit["remove"], edit["set"])
        # NDES would tell devices of no algorithm at all where the list is there and empty.
        wanted[CAPABILITIES.option] = CAPABILITIES.value(found) if found else None
    return wanted


def _absent(state: State) -> dict[str, Value | None]:
    return {
        place.option: place.value(place.reset)
        for place in PLACES
        if place.path != mscep.POLICY_MODULE and (state.configured or not place.of_mscep)
    }


def _of_mscep(wish: Wish) -> list[str]:
    """The options of a wish that NDES reads, by their path."""
    given = [f"templates.{slot}" for slot in SLOTS if slot in wish.templates]
    given += [place.option for place in PLACES if place.of_mscep and place.option in wish.data]
    return given + ([CAPABILITIES.option] if wish.capabilities is not None else [])


def _refuse_what_is_too_early(state: State, wish: Wish, rehearsed: bool) -> t.Iterator[str]:
    given = _of_mscep(wish)
    if given and not state.configured and not rehearsed:
        raise OptionError(
            given[0],
            "NDES is not configured on this server, and would begin with values of its own once it is; configure it "
            "first, with certops.intune.ndes",
        )
    if "policy_module_thumbprint" in wish.data and not state.has_policy_module:
        reason = (
            f"there is no policy module on this server ({mscep.POLICY_MODULE} is not there); it comes with the "
            "certificate connector for SCEP, and NDES would look for a module where this key alone was made"
        )
        if not rehearsed:
            raise OptionError("policy_module_thumbprint", reason)
        yield f"policy_module_thumbprint: {reason}. Outside check mode this is refused."


def _refuse_the_default(wish: Wish, names: t.Mapping[str, str], after: t.Mapping[str, Value | None]) -> None:
    """Refuse a wish for templates after which all three are NDES's own, which serves no device of Intune."""
    default = mscep.DEFAULT_TEMPLATE.casefold()
    left = [after[place.option] for place in TEMPLATES]
    if not wish.templates or wish.absent:
        return
    if all(value is None or (isinstance(value.data, str) and value.data.casefold() == default) for value in left):
        slot = next(iter(names))
        raise OptionError(
            f"templates.{slot}",
            f"all three would name '{mscep.DEFAULT_TEMPLATE}', which NDES begins with and which is for IPsec; name a "
            "template of your own, or take the settings back with state=absent",
        )


def _warnings(state: State, wish: Wish, after: t.Mapping[str, Value | None]) -> t.Iterator[str]:
    if wish.data.get("passwords.enforce") is False:
        yield (
            "passwords.enforce: without a password, and without a policy module that asks for one, whoever reaches "
            "NDES gets a certificate."
        )
    if wish.data.get("passwords.use_single") is True:
        yield "passwords.use_single: one password for all requests does not expire, and who knows it can use it again."
    length, size = _limit(FIELD_LENGTH, after), _limit(REQUEST_BYTES, after)
    if size < length and any(place.option in wish.data for place in (FIELD_LENGTH, REQUEST_BYTES)):
        yield (
            f"http: HTTP.sys takes no field of {length} octets while a whole request may have {size} "
            "(max_request_bytes); it lowers the one to the other."
        )
    for note in state.unreadable:
        yield (
            f"{mscep.WAITING} has a value '{note.reason}' that tells no time, so it is not known whether it still "
            "waits; delete it once it does not."
        )


def _limit(place: Place, values: t.Mapping[str, Value | None]) -> int:
    """A limit of HTTP.sys as it will act; what is no number counts as not there."""
    value = values[place.option]
    if value is not None and value.kind == place.kind and isinstance(value.data, int):
        return value.data
    return mscep.HTTP_LIMITS[place.name][0]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs from the wish and is written only once, by the set-up itself: reported, never changed. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .current import CONFIGURED, Current
from .plan import Wanted


@dataclass(frozen=True)
class Drift:
    """An option whose value is another one on the server; None where the server does not tell."""

    option: str
    current: t.Any
    wanted: t.Any


def drift(current: Current, wanted: Wanted) -> tuple[Drift, ...]:
    """What differs on a configured server; nothing on any other."""
    return tuple(_drift(current, wanted)) if current.state == CONFIGURED else ()


def _drift(current: Current, wanted: Wanted) -> t.Iterator[Drift]:
    if (current.ca_config or "").casefold() != wanted.ca_config.casefold():
        yield Drift("certification_authority", current.ca_config, wanted.ca_config)
    pair = {one.purpose: one for one in current.pair}
    # Both have the same subject; the wish is compared with the one that signs.
    fields = pair["signing"].fields
    for name, value in wanted.subject.items():
        if fields.get(name) != value:
            yield Drift(f"registration_authority.{name}", fields.get(name), value)
    for purpose, key in wanted.keys.items():
        certificate = pair[purpose]
        if (certificate.provider or "").casefold() != key.provider.casefold():
            yield Drift(f"{purpose}_provider", certificate.provider, key.provider)
        if certificate.key_length != key.length:
            yield Drift(f"{purpose}_key_length", certificate.key_length, key.length)


def warning(found: t.Sequence[Drift]) -> str:
    """What to say about O(found)."""
    shown = ", ".join(f"{one.option} is {_shown(one.current)} and not {_shown(one.wanted)}" for one in found)
    return (
        f"NDES was configured otherwise than the task says, and only its set-up writes this: {shown}. Nothing was "
        "changed there. To have it, take the configuration away (state: absent) and configure the server again."
    )


def _shown(value: t.Any) -> str:
    return "not told by Windows" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

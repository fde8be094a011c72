# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of a host can do: be blank, be written as JSON, be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .identity import Identity

Json = Any

P = TypeVar("P", bound="Part")


class Part(Protocol):
    """One kind of state of a host, with everything that may be done to it. No part knows another."""

    @classmethod
    def blank(cls: type[P], identity: Identity) -> P:
        """The part as it is on a member server that was just installed."""
        ...

    @classmethod
    def restore(cls: type[P], identity: Identity, state: Json) -> P:
        """The part as `export` wrote it."""
        ...

    def export(self) -> Json:
        """All of it as JSON with stable keys: what is saved, and what `bin/lab state HOST` prints.

        What must be kept and may not be shown (the hash of a password, a private key) stands under a key that is named
        `secret`; `bin/lab state` leaves such keys out.
        """
        ...

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User rights of the local security policy, deny rights among them, by SID.

Exported layout: {RIGHT: [SID, ...]}, every right that the release knows, in the order in which it was granted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class UnknownRight(Exception):  # noqa: N818
    """The local security authority does not know a right (STATUS_NO_SUCH_PRIVILEGE)."""


def _data() -> dict[str, Any]:
    content: dict[str, Any] = tables.load("user_rights")
    return content


class UserRights:
    """Who holds which right. The name of a right is taken in any case, as the local security authority takes it."""

    def __init__(self, held: dict[str, list[str]]) -> None:
        self._held = held
        self._names = {name.casefold(): name for name in held}

    @classmethod
    def blank(cls, identity: Identity) -> UserRights:
        releases = _data()["releases"]
        absent = releases["absent"].get(identity.release, ())
        added = releases["added"].get(identity.release, {})
        return cls(
            {
                right: [*holders, *added.get(right, ())]
                for right, holders in _data()["rights"].items()
                if right not in absent
            }
        )

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> UserRights:
        return cls({right: list(holders) for right, holders in state.items()})

    def export(self) -> Json:
        return {right: list(holders) for right, holders in self._held.items()}

    def names(self) -> tuple[str, ...]:
        return tuple(self._held)

    def holders(self, right: str) -> tuple[str, ...]:
        """SIDs of those who hold a right. UnknownRight if there is no such."""
        return tuple(self._holders(right))

    def grant(self, right: str, sid: str) -> bool:
        """Grant a right; whether it was not held before. UnknownRight if there is no such."""
        holders = self._holders(right)
        if sid in holders:
            return False
        holders.append(sid)
        return True

    def revoke(self, right: str, sid: str) -> bool:
        """Take a right back; whether it was held. UnknownRight if there is no such."""
        holders = self._holders(right)
        if sid not in holders:
            return False
        holders.remove(sid)
        return True

    def set(self, right: str, sids: Iterable[str]) -> None:
        """Let exactly these hold a right. UnknownRight if there is no such."""
        self._holders(right)[:] = dict.fromkeys(sids)

    def held_by(self, sids: Iterable[str]) -> tuple[str, ...]:
        """The rights that any of these SIDs holds."""
        wanted = set(sids)
        return tuple(right for right, holders in self._held.items() if wanted.intersection(holders))

    def privileges(self, sids: Iterable[str], logon_type: str) -> dict[str, str]:
        """The privileges in a token, and whether they are `enabled-by-default` or `disabled`."""
        always = _data()["enabled_by_default"]
        return {
            right: "enabled-by-default" if logon_type == "network" or right in always else "disabled"
            for right in self.held_by(sids)
            if right.endswith("Privilege")
        }

    def system_privileges(self) -> dict[str, str]:
        """The privileges of SYSTEM, as `privileges` gives those of others."""
        known = _data()["system"]
        states = [("enabled-by-default", known["enabled"]), ("disabled", known["disabled"])]
        return {right: state for state, rights in states for right in rights if right in self._held}

    def allows(self, logon_type: str, sids: Iterable[str]) -> bool:
        """Whether somebody with these SIDs may log on in a way (`network`, `interactive`, `batch`, `service`).

        A deny right outweighs every grant.
        """
        wanted = set(sids)
        logon = _data()["logons"][logon_type]
        allowed, denied = (self._holders(logon[key]) for key in ("right", "denied"))
        return bool(wanted.intersection(allowed)) and not wanted.intersection(denied)

    def _holders(self, right: str) -> list[str]:
        try:
            return self._held[self._names[right.casefold()]]
        except KeyError:
            raise UnknownRight(right) from None

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control lists of whatever has one, and what of its use is recorded, by the kind and identity of the object.

Kinds are `file`, `registry` and `key_container`; identities are paths (`C:\\X`, `HKLM\\SOFTWARE\\X`) or the container's
name, without regard to case. Only what an object has of its own is kept; what it inherits is worked out when asked for.

Exported layout: kind, then identity: `{"owner": SID or null for the Administrators, "creator": SID (only if the owner
was changed), "protected": bool, "aces": [{"sid", "type": "allow" or "deny", "mask": int, "flags": [...]}], "audit"
(only if there is any): [{"sid", "mask", "flags", "on": ["success", "failure"]}]}`, the flags being object_inherit,
container_inherit, no_propagate and inherit_only. Whether the SACL is cut off from above is not modelled.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lab.windows import tables
from lab.windows.fold import fold
from lab.windows.people.token import ADMINISTRATORS, Token
from lab.windows.security import acl, audit, sddl
from lab.windows.security.acl import Ace

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

KINDS = ("file", "registry", "key_container")
EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
OWNER_RIGHTS = "S-1-3-4"
READ_CONTROL = 0x20000
WRITE_DAC = 0x40000
WRITE_OWNER = 0x80000
_FLAGS = {
    "object_inherit": acl.OBJECT_INHERIT,
    "container_inherit": acl.CONTAINER_INHERIT,
    "no_propagate": acl.NO_PROPAGATE,
    "inherit_only": acl.INHERIT_ONLY,
}
_ON = {"success": audit.SUCCESS, "failure": audit.FAILURE}


@dataclass(frozen=True)
class Own:
    """What an object has of its own: owner (None: the Administrators), explicit entries, cut off from above or not.

    Attributes:
        audit: The explicit entries of the SACL.
    """

    name: str
    owner: str | None = None
    creator: str | None = None
    protected: bool = False
    aces: tuple[Ace, ...] = ()
    audit: tuple[Ace, ...] = ()


class Securities:
    """Owners, DACLs, SACLs. Every method takes the kind and identity of the object; whether it exists is not asked."""

    def __init__(self) -> None:
        self._own: dict[str, dict[str, Own]] = {kind: {} for kind in KINDS}

    @classmethod
    def blank(cls, identity: Identity) -> Securities:
        made = cls()
        data = table()
        for kind, entries in data["blank"].items():
            for entry in entries:
                text = entry["sddl"].replace("{trusted_installer}", data["trusted_installer"])
                for path in entry["paths"]:
                    made.apply(kind, path, text)
        return made

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Securities:
        made = cls()
        for kind, objects in state.items():
            for name, own in objects.items():
                aces = tuple(
                    Ace(ace["sid"], ace["mask"], ace["type"] == "allow", sum(_FLAGS[flag] for flag in ace["flags"]))
                    for ace in own["aces"]
                )
                recorded = tuple(
                    Ace(
                        ace["sid"], ace["mask"], flags=sum(_FLAGS[flag] for flag in ace["flags"]) + _recorded(ace["on"])
                    )
                    for ace in own.get("audit", ())
                )
                made._own[kind][fold(name)] = Own(
                    name, own["owner"], own.get("creator"), own["protected"], aces, recorded
                )
        return made

    def export(self) -> Json:
        return {
            kind: {own.name: _exported(own) for _, own in sorted(objects.items())}
            for kind, objects in self._own.items()
        }

    def apply(self, kind: str, name: str, text: str) -> None:
        """Give an object the owner and DACL of an SDDL."""
        told = sddl.parse(text)
        self._put(kind, replace(self._get(kind, name), owner=told.owner or None))
        self.set_dacl(kind, name, told.aces, protected=told.protected)

    def owner(self, kind: str, name: str) -> str:
        """SID of the owner. What nobody said otherwise belongs to the Administrators, as what administrators make."""
        return self._get(kind, name).owner or ADMINISTRATORS

    def set_owner(self, kind: str, name: str, sid: str) -> None:
        """Give an object to somebody else. What CREATOR OWNER was given stays with who made it."""
        own = self._get(kind, name)
        self._put(kind, replace(own, owner=sid, creator=own.creator or self.owner(kind, name)))

    def created(self, kind: str, name: str, token: Token) -> None:
        """Note who made an object: the account itself, unless it is an administrator."""
        if not token.is_administrator:
            self._put(kind, replace(self._get(kind, name), owner=token.sid))

    def is_known(self, kind: str, name: str) -> bool:
        """Whether anything is kept of the object: for a key container, whether its DACL was ever changed."""
        return fold(name.rstrip("\\")) in self._own[kind]

    def protected(self, kind: str, name: str) -> bool:
        """Whether the object takes nothing from above."""
        return self._get(kind, name).protected

    def explicit(self, kind: str, name: str) -> tuple[Ace, ...]:
        return self._get(kind, name).aces

    def inherited(self, kind: str, name: str, *, container: bool = True) -> tuple[Ace, ...]:
        """What the object takes from above; nothing if it is cut off."""
        return () if self.protected(kind, name) else self.would_inherit(kind, name, container=container)

    def would_inherit(self, kind: str, name: str, *, container: bool = True) -> tuple[Ace, ...]:
        """What the object would take from above if it were not cut off."""
        above = parent(kind, name)
        if above is None:
            return ()
        own = self._get(kind, name)
        return acl.inherit(
            self.dacl(kind, above),
            container=container,
            owner=own.creator or own.owner or ADMINISTRATORS,
            mapping=generic(kind),
        )

    def dacl(self, kind: str, name: str, *, container: bool = True) -> tuple[Ace, ...]:
        """All entries in Windows' order: own denials, own permissions, inherited ones from near to far."""
        return (*self.explicit(kind, name), *self.inherited(kind, name, container=container))

    def set_dacl(self, kind: str, name: str, aces: Iterable[Ace], *, protected: bool) -> None:
        """Replace the object's own entries; inherited ones among them are left out."""
        own = acl.canonical(ace for ace in aces if not ace.inherited)
        self._put(kind, replace(self._get(kind, name), aces=own, protected=protected))

    def audited(self, kind: str, name: str) -> tuple[Ace, ...]:
        """The SACL's own entries."""
        return self._get(kind, name).audit

    def audit(self, kind: str, name: str, *, container: bool = True) -> tuple[Ace, ...]:
        """All entries of the SACL: own ones, then inherited ones from near to far."""
        own = self._get(kind, name)
        above = parent(kind, name)
        if above is None:
            return own.audit
        inherited = audit.inherit(
            self.audit(kind, above),
            container=container,
            owner=own.creator or own.owner or ADMINISTRATORS,
            mapping=generic(kind),
        )
        return (*own.audit, *inherited)

    def set_audit(self, kind: str, name: str, aces: Iterable[Ace]) -> None:
        """Replace the SACL's own entries; inherited ones among them are left out."""
        own = tuple(ace for ace in aces if not ace.inherited)
        self._put(kind, replace(self._get(kind, name), audit=own))

    def descriptor(self, kind: str, name: str, *, container: bool = True) -> sddl.Descriptor:
        """Owner and DACL as Get-Acl has them; str() of it is the SDDL. The group is not modelled."""
        aces = self.dacl(kind, name, container=container)
        return sddl.Descriptor(self.owner(kind, name), "", aces, self.protected(kind, name), auto_inherited=True)

    def allows(self, token: Token, kind: str, name: str, mask: int, *, container: bool = True) -> bool:
        """Whether the DACL gives a token all rights of a mask, without use of privileges (MS-DTYP 2.5.3.2)."""
        sids = {token.sid, *token.groups, EVERYONE, AUTHENTICATED_USERS}
        dacl = self.dacl(kind, name, container=container)
        if self.owner(kind, name) in sids:
            sids.add(OWNER_RIGHTS)
            if not any(ace.sid == OWNER_RIGHTS and ace.effective for ace in dacl):
                mask &= ~(READ_CONTROL | WRITE_DAC)
        mapping = generic(kind)
        wanted = acl.mapped(mask, mapping)
        for ace in dacl:
            if not wanted:
                break
            if not ace.effective or ace.sid not in sids:
                continue
            rights = acl.mapped(ace.mask, mapping)
            if ace.allow:
                wanted &= ~rights
            elif wanted & rights:
                return False
        return not wanted

    def forget(self, kind: str, name: str) -> None:
        """Forget an object that was deleted, and all below it."""
        gone = fold(name)
        for key in [key for key in self._own[kind] if key == gone or key.startswith(gone + "\\")]:
            del self._own[kind][key]

    def _get(self, kind: str, name: str) -> Own:
        name = name.rstrip("\\")
        return self._own[kind].get(fold(name)) or Own(name)

    def _put(self, kind: str, own: Own) -> None:
        if own == Own(own.name):
            self._own[kind].pop(fold(own.name), None)
        else:
            self._own[kind][fold(own.name)] = own


def parent(kind: str, name: str) -> str | None:
    """The object from which one inherits; None for the topmost, and for key containers."""
    above = name.rstrip("\\").rpartition("\\")[0]
    return above if above and kind != "key_container" else None


def generic(kind: str) -> dict[int, int]:
    """The rights of this kind of object that each generic right stands for."""
    return _generic(kind)


@functools.cache
def _generic(kind: str) -> dict[int, int]:
    told = table()["generic"][kind]
    return {
        acl.GENERIC_ALL: told["all"],
        acl.GENERIC_EXECUTE: told["execute"],
        acl.GENERIC_WRITE: told["write"],
        acl.GENERIC_READ: told["read"],
    }


def table() -> dict[str, Any]:
    """data/security.yml."""
    found: dict[str, Any] = tables.load("security")
    return found


def _recorded(names: Iterable[str]) -> int:
    return sum(_ON[name] for name in names)


def _names(flags: dict[str, int], of: int) -> list[str]:
    return [name for name, flag in flags.items() if of & flag]


def _exported(own: Own) -> dict[str, Any]:
    aces = [
        {
            "sid": ace.sid,
            "type": "allow" if ace.allow else "deny",
            "mask": ace.mask,
            "flags": _names(_FLAGS, ace.flags),
        }
        for ace in own.aces
    ]
    recorded = [
        {"sid": ace.sid, "mask": ace.mask, "flags": _names(_FLAGS, ace.flags), "on": _names(_ON, ace.flags)}
        for ace in own.audit
    ]
    made = {"creator": own.creator} if own.creator else {}
    told = {"audit": recorded} if recorded else {}
    return {"owner": own.owner, **made, "protected": own.protected, "aces": aces, **told}

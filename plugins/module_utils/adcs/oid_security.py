# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The security of the OID object that a new template gets.

The console leaves it to the directory, which lets the creator own the object but not delete it or give it another
display name. That is enough for administrators, who get their rights from the container. Where somebody else manages
the template, the object gets the same managers, so that they can rename and delete both.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from ..directory.access import FULL, GENERIC_READ, MANAGE, mapped
from ..directory.descriptor import Ace, AceType, Acl, Control, SecurityDescriptor
from ..directory.sid import Sid
from ..directory.tiers import owns_the_forest
from .rights import concerns_object

_SYSTEM = Sid.parse("S-1-5-18")
_AUTHENTICATED_USERS = Sid.parse("S-1-5-11")


def oid_security(template: SecurityDescriptor | None) -> SecurityDescriptor | None:
    """The descriptor of the OID object of a template with the descriptor O(template).

    None when administrators alone manage the template: the directory's default is right then. Else that default, with
    the managers of the template in the place of the domain's administrators, open to what the container passes on.
    """
    aces = template.dacl.aces if template is not None and template.dacl is not None else ()
    managers = dict.fromkeys(
        ace.sid
        for ace in aces
        if isinstance(ace, Ace)
        and ace.type == AceType.ACCESS_ALLOWED
        and concerns_object(ace)
        and mapped(ace.mask) & MANAGE == MANAGE
    )
    if all(owns_the_forest(sid) for sid in managers):
        return None
    entries = [Ace(AceType.ACCESS_ALLOWED, 0, MANAGE, sid) for sid in managers if sid != _SYSTEM]
    entries.append(Ace(AceType.ACCESS_ALLOWED, 0, FULL, _SYSTEM))
    entries.append(Ace(AceType.ACCESS_ALLOWED, 0, GENERIC_READ, _AUTHENTICATED_USERS))
    return SecurityDescriptor(Control.DACL_PRESENT, dacl=Acl(tuple(entries)))

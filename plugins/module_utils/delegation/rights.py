# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delegated operator needs: for each task the rights, on which object, and why. Data, and its entries.

Provenance: which right an operation needs is MS-ADTS 3.1.1.5.2 (add: create child on the parent, for the class),
3.1.1.5.3 (modify: write property on the object, for the attribute; a control access right for passwords) and 3.1.1.5.5
(delete: delete on the object). Which operations there are is what the modules of the collection write.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory.access import (
    CONTROL_ACCESS,
    CREATE_CHILD,
    DELETE,
    LIST_CONTENTS,
    MANAGE,
    READ_CONTROL,
    READ_PROPERTY,
    WRITE_PROPERTY,
)
from ..directory.descriptor import Ace, AceFlag, AceType
from ..directory.schema import GUIDS
from ..directory.sid import Sid

TEMPLATE, OID, USER, GMSA = (
    "pKICertificateTemplate",
    "msPKI-Enterprise-Oid",
    "user",
    "msDS-GroupManagedServiceAccount",
)
RESET_PASSWORD = "User-Force-Change-Password"

TEMPLATES, PUBLICATION, ACCOUNTS = "templates", "publication", "accounts"
SERVICE_PRINCIPAL_NAMES, GROUP_MEMBERSHIPS = "service_principal_names", "group_memberships"
TASKS: tuple[str, ...] = (TEMPLATES, PUBLICATION, ACCOUNTS, SERVICE_PRINCIPAL_NAMES, GROUP_MEMBERSHIPS)

#: The kinds of objects that get entries, and what they are called.
PLACES: dict[str, str] = {
    "templates_container": "CN=Certificate Templates",
    "oids_container": "CN=OID",
    "template": "each template named in templates",
    "template_oid": "the OID object of each template named in templates",
    "authority": "the enrollment service of each authority",
    "unit": "the organizational unit",
    "group": "each group named in groups",
}

_READ_AND_DELETE = LIST_CONTENTS | READ_PROPERTY | READ_CONTROL | DELETE
#: Accounts that lie in the organizational unit itself, and not those of units below it.
_DIRECT_CHILDREN = AceFlag.CONTAINER_INHERIT | AceFlag.INHERIT_ONLY | AceFlag.NO_PROPAGATE_INHERIT


@dataclass(frozen=True)
class Right:
    """One entry of a delegation.

    Attributes:
        task: what it is for, one of V(TASKS).
        place: on what it stands, a key of V(PLACES).
        mask: the access mask.
        words: what it allows, as a person says it.
        why: what fails without it.
        about: the class, attribute or control access right that the mask is about; empty for the object as a whole.
        of: the class of the children on which it acts; empty when it acts on the object itself.
    """

    task: str
    place: str
    mask: int
    words: str
    why: str
    about: str = ""
    of: str = ""

    def ace(self, sid: Sid) -> Ace:
        """The entry for a principal."""
        flags = int(_DIRECT_CHILDREN) if self.of else 0
        about, of = GUIDS.get(self.about), GUIDS.get(self.of)
        kind = AceType.ACCESS_ALLOWED_OBJECT if about or of else AceType.ACCESS_ALLOWED
        return Ace(kind, flags, self.mask, sid, about, of)


def _write(task: str, kind: str, attribute: str, why: str) -> Right:
    shown = "users" if kind == USER else "gMSAs"
    return Right(task, "unit", WRITE_PROPERTY, f"write {attribute} of {shown}", why, attribute, kind)


_OF_BOTH = {
    "accountExpires": "when the account expires",
    "description": "what is said of it",
    "displayName": "what is said of it",
    "lockoutTime": "unlocks the account",
    "msDS-SupportedEncryptionTypes": "which keys its Kerberos tickets are made with",
    "userAccountControl": "enabled, password never expires, sensitive and not to be delegated",
    "userPrincipalName": "the name to log on with",
}
#: Windows Server with the update for CVE-2021-42291 asks, when somebody creates an account of a class derived from
#: computer, for the right to write each attribute that comes with it.
_OF_GMSAS = {
    "dNSHostName": "every gMSA has one",
    "msDS-GroupMSAMembership": "who may retrieve the password",
    "msDS-ManagedPasswordInterval": "how often the password changes; written when the account is created",
    "sAMAccountName": "the name of the account; written when the account is created",
}

RIGHTS: tuple[Right, ...] = (
    Right(
        TEMPLATES,
        "templates_container",
        CREATE_CHILD,
        "create certificate templates",
        "a new template, with its attributes and its rights in the same request",
        TEMPLATE,
    ),
    Right(
        TEMPLATES,
        "oids_container",
        CREATE_CHILD,
        "create OID objects",
        "each template has an OID object of its own",
        OID,
    ),
    Right(
        TEMPLATES,
        "template",
        MANAGE,
        "manage the template, without enrolling",
        "change, rights and deletion of a template that somebody else has made",
    ),
    Right(
        TEMPLATES,
        "template_oid",
        MANAGE,
        "manage the OID object",
        "a new display name is written to it, and it is deleted with its template",
    ),
    Right(
        PUBLICATION,
        "authority",
        WRITE_PROPERTY,
        "write certificateTemplates",
        "the list of templates that the authority issues, and nothing else of it",
        "certificateTemplates",
    ),
    Right(ACCOUNTS, "unit", CREATE_CHILD, "create users", "a new service account", USER),
    Right(ACCOUNTS, "unit", CREATE_CHILD, "create gMSAs", "a new group managed service account", GMSA),
    Right(
        ACCOUNTS,
        "unit",
        _READ_AND_DELETE,
        "read and delete users",
        "hardened domains do not let everybody read the restrictions of an account",
        of=USER,
    ),
    Right(
        ACCOUNTS,
        "unit",
        _READ_AND_DELETE,
        "read and delete gMSAs",
        "hardened domains do not let everybody read the restrictions of an account",
        of=GMSA,
    ),
    Right(ACCOUNTS, "unit", CONTROL_ACCESS, "reset passwords of users", "a new password", RESET_PASSWORD, USER),
    *(_write(ACCOUNTS, USER, attribute, why) for attribute, why in _OF_BOTH.items()),
    *(_write(ACCOUNTS, GMSA, attribute, why) for attribute, why in {**_OF_BOTH, **_OF_GMSAS}.items()),
    _write(SERVICE_PRINCIPAL_NAMES, USER, "servicePrincipalName", "the names under which clients ask for the service"),
    _write(SERVICE_PRINCIPAL_NAMES, GMSA, "servicePrincipalName", "the names under which clients ask for the service"),
    Right(GROUP_MEMBERSHIPS, "group", WRITE_PROPERTY, "write member", "who is a member of the group", "member"),
)


def rights_of(tasks: t.Collection[str], place: str) -> tuple[Right, ...]:
    """The rights that O(tasks) need on an object of the kind O(place)."""
    return tuple(right for right in RIGHTS if right.task in tasks and right.place == place)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of attributes that nobody may write, held against the schema of the lab's forest."""

from __future__ import annotations

from ansible_collections.certops.intune.plugins.module_utils.directory import filters
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.directory.system_attributes import SECRET, SYSTEM

from .conftest import Domain

CONSTRUCTED = 4

#: Attributes that may be written with systemOnly FALSE but that a restored object must not bring.
OWN_RULES = {
    "badpasswordtime": "set by logons",
    "badpwdcount": "set by logons",
    "dscorepropagationdata": "a note of the directory",
    "iscriticalsystemobject": "set by the security accounts manager",
    "lastlogoff": "set by logons",
    "lastlogon": "set by logons",
    "lastlogontimestamp": "set by logons",
    "lockouttime": "only 0 may be written",
    "logoncount": "set by logons",
    "name": "follows from the RDN",
    "primarygroupid": "needs the membership first; the default is right for accounts made here",
    "pwdlastset": "only 0 and -1 may be written",
    "samaccounttype": "follows from userAccountControl",
}


def test_every_attribute_that_the_directory_shows_and_nobody_may_write_is_listed(
    administrator: Session, domain: Domain
) -> None:
    """Of all objects of the forest, so that no class is forgotten."""
    schema = administrator.root_dse.schema_naming_context
    found = administrator.search(
        schema,
        filters.equals("objectClass", "attributeSchema"),
        ("lDAPDisplayName", "systemOnly", "systemFlags", "linkID"),
        scope="onelevel",
    )
    unwritable = {
        (entry.text("lDAPDisplayName") or "").casefold()
        for entry in found
        if entry.text("systemOnly") == "TRUE"
        or (entry.integer("systemFlags") or 0) & CONSTRUCTED
        or (entry.integer("linkID") or 0) % 2
    }
    shown: set[str] = set()
    for base in (domain.dn, administrator.root_dse.configuration_naming_context):
        wanted = filters.any_of(
            *(
                filters.equals("objectClass", name)
                for name in ("pKICertificateTemplate", "msPKI-Enterprise-Oid", "pKIEnrollmentService", "user", "group")
            )
        )
        for entry in administrator.search(base, wanted, ("*",)):
            shown |= {name.casefold() for name in entry.attributes}
    assert len(shown) > 40
    # The class is read by its own rule: it is written with an add, and only then.
    assert (shown & unwritable) - {"objectclass"} <= SYSTEM
    assert shown & SYSTEM - unwritable <= set(OWN_RULES)


def test_nothing_is_both_and_nothing_that_matters_is_dropped() -> None:
    assert not SYSTEM & SECRET
    kept = {"cn", "displayname", "objectclass", "objectcategory", "samaccountname", "serviceprincipalname", "flags"}
    assert not kept & (SYSTEM | SECRET)

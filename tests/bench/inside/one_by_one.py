# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up with python-ldap what a run of site.yml manages, one search a property, and print what was looked up.

`python -m tests.bench.inside.one_by_one` with an object on standard input: `server`; `templates` and `accounts`, names;
`service_principal_names`. This is how a playbook of general modules finds out that nothing is to be done: for each
object the root entry and the object, then a search for every property. Principals of access control entries, the OID
object and the publication of each template are lookups of their own. The ticket is in the credential cache.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import ldap
import ldap.controls
import ldap.filter
import ldap.sasl
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import ATTRIBUTE_NAMES, SECURITY
from ansible_collections.certops.intune.plugins.module_utils.directory.connection import MINIMUM_STRENGTH
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import Ace, SecurityDescriptor

#: SD_FLAGS 7, owner, group and DACL: the BER of a SEQUENCE of one INTEGER.
_SECURITY_PARTS = ldap.controls.RequestControl("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x07")
_ACCOUNT = (
    "displayName", "description", "userPrincipalName", "userAccountControl", "accountExpires", "lockoutTime",
    "msDS-SupportedEncryptionTypes", "memberOf", "servicePrincipalName",
)  # fmt: skip


class Reader:
    """Searches that are counted by what they are for."""

    def __init__(self, server: str) -> None:
        self.counted: Counter[str] = Counter()
        self._connection = ldap.initialize(f"ldap://{server}")
        self._connection.set_option(ldap.OPT_REFERRALS, 0)
        self._connection.set_option(ldap.OPT_X_SASL_NOCANON, 1)
        self._connection.set_option(ldap.OPT_X_SASL_SSF_MIN, MINIMUM_STRENGTH)
        self._connection.sasl_interactive_bind_s("", ldap.sasl.gssapi())

    def search(
        self, what: str, base: str, filter_text: str, *attributes: str, scope: int = ldap.SCOPE_SUBTREE
    ) -> list[tuple[str, dict[str, list[bytes]]]]:
        self.counted[what] += 1
        controls = [_SECURITY_PARTS] if SECURITY in attributes else None
        found = self._connection.search_ext_s(base, scope, filter_text, list(attributes), serverctrls=controls)
        return [(dn, values) for dn, values in found if dn is not None]

    def properties(self, kind: str, dn: str, attributes: Sequence[str]) -> dict[str, list[bytes]]:
        """The values of O(attributes), a search for each after those for the root entry and the object."""
        values: dict[str, list[bytes]] = {}
        self.search("root entry", "", "(objectClass=*)", "configurationNamingContext", scope=ldap.SCOPE_BASE)
        self.search("object", dn, "(objectClass=*)", "distinguishedName", scope=ldap.SCOPE_BASE)
        for attribute in attributes:
            found = self.search(f"property of a {kind}", dn, "(objectClass=*)", attribute, scope=ldap.SCOPE_BASE)
            values.update(found[0][1])
        return values


def look_up(wanted: dict[str, Any]) -> dict[str, int]:
    """Do all lookups of O(wanted); the number of searches by what they were for."""
    reader = Reader(wanted["server"])
    ((_, root),) = reader.search(
        "root entry", "", "(objectClass=*)", "configurationNamingContext", "defaultNamingContext", scope=ldap.SCOPE_BASE
    )
    services = f"CN=Public Key Services,CN=Services,{root['configurationNamingContext'][0].decode()}"
    domain = root["defaultNamingContext"][0].decode()
    for name in wanted["templates"]:
        _template(reader, services, domain, name)
    for name in wanted["accounts"]:
        ((dn, _),) = reader.search("object", domain, f"(sAMAccountName={ldap.filter.escape_filter_chars(name)})", "cn")
        reader.properties("account", dn, _ACCOUNT)
    for name in wanted["service_principal_names"]:
        reader.search("duplicates", domain, f"(servicePrincipalName={ldap.filter.escape_filter_chars(name)})", "cn")
    return dict(reader.counted)


def _template(reader: Reader, services: str, domain: str, name: str) -> None:
    dn = f"CN={name},CN=Certificate Templates,{services}"
    values = reader.properties("template", dn, [*ATTRIBUTE_NAMES, SECURITY])
    oid = values["msPKI-Cert-Template-OID"][0].decode()
    reader.search("OID object", f"CN=OID,{services}", f"(msPKI-Cert-Template-OID={oid})", "displayName")
    reader.search(
        "publication", f"CN=Enrollment Services,{services}", f"(certificateTemplates={name})", "certificateTemplates"
    )
    dacl = SecurityDescriptor.from_bytes(values[SECURITY][0]).dacl
    for sid in {ace.sid for ace in dacl.aces if isinstance(ace, Ace)} if dacl else ():
        octets = "".join(f"\\{octet:02x}" for octet in sid.to_bytes())
        reader.search("principal", domain, f"(objectSid={octets})", "sAMAccountName")


if __name__ == "__main__":
    json.dump(look_up(json.load(sys.stdin)), sys.stdout)

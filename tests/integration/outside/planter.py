# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write raw objects into the lab's directory, or remove them, with Samba's client and none of the collection's code.

Run by the Python of the system, which has Samba's modules. One JSON object in on standard input:

    host, domain, username, password    where and as whom
    prefix                              what every name of the objects begins with
    plant                               None to remove; or users, groups, policies, templates, objects, probes,
                                        see planting.py

and one out: `sids`, the SID of every account by name, and `root`, the forest's OID root.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
import sys
from typing import Any

# Not import statements: whoever checks the types of this file need not have Samba.
ldb: Any = importlib.import_module("ldb")
security: Any = importlib.import_module("samba.dcerpc.security")
ndr: Any = importlib.import_module("samba.ndr")

DACL_PRESENT = 0x0004
GROUP_TYPES = {"global": 2, "local": 4, "universal": 8}
SECURITY_ENABLED = -0x80000000
NORMAL_ACCOUNT = 512
ISSUANCE_POLICY = 2
#: What there is below Public Key Services to be cleared.
CONTAINERS = ("Enrollment Services", "Certificate Templates", "OID", "AIA", "CDP", "KRA")
AUTHORITY = ("cACertificate", "cACertificateDN", "dNSHostName", "flags")
#: What an object that stands for an authority takes from the authority that is there.
CERTIFICATE = {
    "pKIEnrollmentService": ("cACertificate", "cACertificateDN"),
    "certificationAuthority": ("cACertificate",),
}


class Planter:
    """One connection, and the SIDs of the accounts that were asked for or made."""

    def __init__(self, question: dict[str, Any]) -> None:
        credentials: Any = importlib.import_module("samba.credentials")
        param: Any = importlib.import_module("samba.param")
        samdb: Any = importlib.import_module("samba.samdb")
        who = credentials.Credentials()
        parameters = param.LoadParm()
        who.guess(parameters)
        who.set_username(question["username"])
        who.set_domain(question["domain"].partition(".")[0].upper())
        who.set_password(question["password"])
        who.set_kerberos_state(credentials.DONT_USE_KERBEROS)
        self.samdb = samdb.SamDB(url=f"ldap://{question['host']}", credentials=who, lp=parameters)
        self.prefix: str = question["prefix"]
        self.domain_sid = security.dom_sid(self.samdb.get_domain_sid())
        self.domain = str(self.samdb.get_default_basedn())
        self.unit = f"OU={self.prefix},{self.domain}"
        self.services = f"CN=Public Key Services,CN=Services,{self.samdb.get_config_basedn()}"
        self.sids: dict[str, str] = {}

    def root(self) -> str:
        """The forest's OID root."""
        found = self.samdb.search(f"CN=OID,{self.services}", scope=ldb.SCOPE_BASE, attrs=["msPKI-Cert-Template-OID"])
        return str(found[0]["msPKI-Cert-Template-OID"][0])

    def plant(self, wanted: dict[str, Any]) -> None:
        """Write it all: accounts, policies, templates, and an authority that issues what is published."""
        self.samdb.add({"dn": self.unit, "objectClass": "organizationalUnit"})
        for name, user in wanted["users"].items():
            self._user(name, user)
        for name, group in wanted["groups"].items():
            self._group(name, group)
        for name, group in wanted["groups"].items():
            for member in group["members"]:
                self._change(f"CN={name},{self.unit}", ldb.FLAG_MOD_ADD, "member", self._member(member))
        for name, user in wanted["users"].items():
            self._primary(name, user)
        for arc, policy in wanted["policies"].items():
            self._policy(arc, policy)
        for template in wanted["templates"]:
            self._template(template)
        for other in wanted["objects"]:
            self._object(other)
        for probe in wanted["probes"]:
            self._probe(probe)
        self._authority([template["name"] for template in wanted["templates"] if template["published"]])

    def remove(self) -> None:
        """Remove whatever is there of it; users first, whose primary group may be among the groups."""
        for container in CONTAINERS:
            base = f"CN={container},{self.services}"
            names = f"(|(cn={self.prefix}*)(displayName={self.prefix}*))"
            for found in self.samdb.search(base, scope=ldb.SCOPE_ONELEVEL, expression=names, attrs=["cn"]):
                self.samdb.delete(found.dn)
        try:
            users = self.samdb.search(self.unit, expression="(sAMAccountType=805306368)", attrs=["cn"])
        except ldb.LdbError as error:
            if error.args[0] == ldb.ERR_NO_SUCH_OBJECT:
                return
            raise
        for found in users:
            self.samdb.delete(found.dn)
        self.samdb.delete(self.unit, ["tree_delete:1"])

    def sid(self, name: str) -> str:
        """The SID of an account by its name for logging on, or of one that is a SID."""
        if name.startswith("S-1-"):
            return name
        if name not in self.sids:
            found = self.samdb.search(self.domain, expression=f"(sAMAccountName={name})", attrs=["objectSid"])
            self.sids[name] = str(ndr.ndr_unpack(security.dom_sid, found[0]["objectSid"][0]))
        return self.sids[name]

    def _member(self, name: str) -> str:
        """What names an account as a member; well-known SIDs have an object from the start."""
        if name.startswith("S-1-"):
            return f"CN={name},CN=ForeignSecurityPrincipals,{self.domain}"
        return f"<SID={self.sid(name)}>"

    def descriptor(self, sddl: str) -> bytes:
        """The octets of SDDL with <names>; without "D:" its list is there and null."""
        resolved = re.sub(r"<([^>]+)>", lambda found: self.sid(found.group(1)), sddl)
        made = security.descriptor.from_sddl(resolved, self.domain_sid)
        if "D:" not in resolved:
            made.type |= DACL_PRESENT
        packed: bytes = ndr.ndr_pack(made)
        return packed

    def _user(self, name: str, user: dict[str, Any]) -> None:
        values = {
            "dn": f"CN={name},{self.unit}",
            "objectClass": "user",
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@{self.samdb.domain_dns_name()}",
            "userAccountControl": str(NORMAL_ACCOUNT),
            "unicodePwd": f'"{user["password"]}"'.encode("utf-16-le"),
        }
        if "servicePrincipalName" in user:
            values["servicePrincipalName"] = user["servicePrincipalName"]
        self.samdb.add(values)

    def _group(self, name: str, group: dict[str, Any]) -> None:
        kind = GROUP_TYPES[group.get("scope", "global")] + (SECURITY_ENABLED if group.get("security", True) else 0)
        dn = f"CN={name},{self.unit}"
        self.samdb.add({"dn": dn, "objectClass": "group", "sAMAccountName": name, "groupType": str(kind)})

    def _primary(self, name: str, user: dict[str, Any]) -> None:
        """The primary group of a user, who must be a member first."""
        if "primary" in user:
            group = user["primary"]
            self._change(f"CN={group},{self.unit}", ldb.FLAG_MOD_ADD, "member", f"<SID={self.sid(name)}>")
            number = self.sid(group).rpartition("-")[2]
            self._change(f"CN={name},{self.unit}", ldb.FLAG_MOD_REPLACE, "primaryGroupID", number)

    def _policy(self, arc: str, policy: dict[str, Any]) -> None:
        values = {
            "dn": f"CN={arc}.{self.prefix},CN=OID,{self.services}",
            "objectClass": "msPKI-Enterprise-Oid",
            "displayName": f"{self.prefix} {arc}",
            "msPKI-Cert-Template-OID": f"{self.root()}.1.{arc}",
        }
        if policy.get("flags", ISSUANCE_POLICY) is not None:
            values["flags"] = str(policy.get("flags", ISSUANCE_POLICY))
        if "link" in policy:
            values["msDS-OIDToGroupLink"] = f"CN={policy['link']},{self.unit}"
        self.samdb.add(values)

    def _template(self, template: dict[str, Any]) -> None:
        self._write("CN=Certificate Templates", "pKICertificateTemplate", template)

    def _object(self, other: dict[str, Any]) -> None:
        """An object of another class."""
        taken = {name: list(self._known()[name]) for name in CERTIFICATE.get(other["class"], ())}
        self._write(other["container"], other["class"], other, taken)

    def _probe(self, probe: dict[str, Any]) -> None:
        """A user with the security of something else."""
        values = {
            "dn": f"CN={probe['name']},{self.unit}",
            "objectClass": "user",
            "sAMAccountName": probe["account"],
            "userAccountControl": str(NORMAL_ACCOUNT),
            "unicodePwd": f'"{probe["password"]}"'.encode("utf-16-le"),
            "nTSecurityDescriptor": self.descriptor(probe["sddl"]),
        }
        self.samdb.add(values)

    def _write(
        self, container: str, object_class: str, wanted: dict[str, Any], more: dict[str, Any] | None = None
    ) -> None:
        root = self.root().encode()
        values: dict[str, Any] = {
            name: [base64.b64decode(each).replace(b"<root>", root) for each in each_of]
            for name, each_of in wanted["attributes"].items()
        }
        values |= more or {}
        values["dn"] = f"CN={wanted['name']},{container},{self.services}"
        values["objectClass"] = object_class
        values["nTSecurityDescriptor"] = self.descriptor(wanted["sddl"])
        self.samdb.add(values)

    def _authority(self, published: list[str]) -> None:
        """An authority of the set's own, with the certificate of the one that is there."""
        known = self._known()
        values: dict[str, Any] = {name: list(known[name]) for name in AUTHORITY}
        values["dn"] = f"CN={self.prefix} Issuing CA,CN=Enrollment Services,{self.services}"
        values["objectClass"] = "pKIEnrollmentService"
        values["displayName"] = f"{self.prefix} Issuing CA"
        values["certificateTemplates"] = published
        self.samdb.add(values)

    def _known(self) -> Any:
        """The authority that was there before."""
        base = f"CN=Enrollment Services,{self.services}"
        others = f"(!(cn={self.prefix}*))"
        return self.samdb.search(base, scope=ldb.SCOPE_ONELEVEL, expression=others, attrs=list(AUTHORITY))[0]

    def _change(self, dn: str, how: int, attribute: str, value: str) -> None:
        message = ldb.Message(ldb.Dn(self.samdb, dn))
        message[attribute] = ldb.MessageElement(value, how, attribute)
        self.samdb.modify(message)


def main() -> None:
    """Answer the one question."""
    question = json.load(sys.stdin)
    planter = Planter(question)
    planter.remove()
    if question["plant"] is not None:
        planter.plant(question["plant"])
        for name in question["names"]:
            planter.sid(name)
    json.dump({"sids": planter.sids, "root": planter.root()}, sys.stdout)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delegated operator must not be able to do, as change records for ldapmodify. Data only.

C({...}) are names that the test fills in: services, configuration and domain are DNs; template and oid_object are
those of another administrator's template, built_in_oid_object that of a built-in one, policy an issuance policy; unit
is the organizational unit, account a user in it that an administrator has made, inner a unit below it with the user
inner_account; members is the group whose members the operator may change, stranger any other group; wide is a
descriptor that gives everything to everybody, owned one that makes the operator the owner, password one, all in base64.
"""

from __future__ import annotations

import typing as t

#: The control SD_FLAGS of a change record: the DACL, the owner.
DACL = "control: 1.2.840.113556.1.4.801 true:: MAMCAQQ="
OWNER = "control: 1.2.840.113556.1.4.801 true:: MAMCAQE="

#: What Samba says, by the kind of check that refuses. Windows refuses all of these with result 50 too, in other words.
NO_WRITE = "has no write property access"
NO_WRITE_DACL = "has no write dacl access"
NO_RENAME = "has no wp on name"
NO_CREATE = "acl: unable to get access to"
NO_DELETE = "dsdb_access: Access check failed on"
#: Attributes with a control access right or a validated write of their own.
NO_SPECIAL_WRITE = "error in module acl: insufficient access rights during LDB_MODIFY (50)"
NOT_A_CHILD = "is not a valid child class for"

INSUFFICIENT_ACCESS, NAMING_VIOLATION = 50, 64
#: One octet, which is as good as any when it is not written.
OCTET = "AA=="


class Act(t.NamedTuple):
    """One attempt.

    Attributes:
        name: what it would be, in words.
        ldif: the record.
        answer: what the directory answers, a part of what ldapmodify prints.
        code: the result code.
    """

    name: str
    ldif: str
    answer: str
    code: int = INSUFFICIENT_ACCESS


def write(name: str, dn: str, attribute: str, value: str) -> Act:
    """Give an attribute another value; a value in base64 begins with a colon."""
    line = f"{attribute}:{value}" if value.startswith(":") else f"{attribute}: {value}"
    return Act(name, f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{line}\n", _refusal(attribute))


def enter(name: str, dn: str, attribute: str, value: str) -> Act:
    """Add a value to an attribute."""
    return Act(name, f"dn: {dn}\nchangetype: modify\nadd: {attribute}\n{attribute}: {value}\n", _refusal(attribute))


def _refusal(attribute: str) -> str:
    special = attribute in ("unicodePwd", "servicePrincipalName", "dNSHostName", "member")
    return NO_SPECIAL_WRITE if special else NO_WRITE


def create(name: str, dn: str, object_class: str, *lines: str) -> Act:
    listed = "".join(f"{line}\n" for line in lines)
    return Act(name, f"dn: {dn}\nchangetype: add\nobjectClass: {object_class}\n{listed}", NO_CREATE)


def misplace(name: str, dn: str, object_class: str) -> Act:
    """Create what the schema does not allow there, whoever asks."""
    return create(name, dn, object_class)._replace(answer=NOT_A_CHILD, code=NAMING_VIOLATION)


def delete(name: str, dn: str) -> Act:
    return Act(name, f"dn: {dn}\nchangetype: delete\n", NO_DELETE)


def rename(name: str, dn: str, new: str) -> Act:
    return Act(name, f"dn: {dn}\nchangetype: modrdn\nnewrdn: {new}\ndeleteoldrdn: 1\n", NO_RENAME)


def open_up(name: str, dn: str) -> Act:
    """Let everybody do everything with it."""
    return _secure(name, dn, DACL, "{wide}")


def own(name: str, dn: str) -> Act:
    return _secure(name, dn, OWNER, "{owned}")


def _secure(name: str, dn: str, control: str, value: str) -> Act:
    text = f"dn: {dn}\n{control}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor:: {value}\n"
    return Act(name, text, NO_WRITE_DACL)


def password(name: str, dn: str) -> Act:
    return write(name, dn, "unicodePwd", ": {password}")


_TEMPLATES = "CN=Certificate Templates,{services}"
_OIDS = "CN=OID,{services}"
_WEB_SERVER = f"CN=WebServer,{_TEMPLATES}"
_KERBEROS_OID = "{built_in_oid_object}"
_SERVICE = "CN=CORP Issuing CA 1,CN=Enrollment Services,{services}"
_PEOPLE = "CN=Users,{domain}"
_NDES = "CN=NDES1,CN=Computers,{domain}"
_ROOT = "CN=CORP Root CA"

ACTS: tuple[Act, ...] = (
    # Templates of others.
    write("change a built-in template", _WEB_SERVER, "flags", "1"),
    write("let requesters of a built-in template choose", f"CN=User,{_TEMPLATES}", "msPKI-Certificate-Name-Flag", "1"),
    delete("delete a built-in template", _WEB_SERVER),
    rename("rename a built-in template", _WEB_SERVER, "CN=WebServer2"),
    open_up("rights of a built-in template", _WEB_SERVER),
    own("owner of a built-in template", _WEB_SERVER),
    write("change another administrator's template", "{template}", "msPKI-RA-Signature", "0"),
    delete("delete another administrator's template", "{template}"),
    open_up("rights of another administrator's template", "{template}"),
    own("owner of another administrator's template", "{template}"),
    # OID objects of others.
    write("rename the OID object of a built-in template", _KERBEROS_OID, "displayName", "Mine"),
    delete("delete the OID object of a built-in template", _KERBEROS_OID),
    write("rename another administrator's OID object", "{oid_object}", "displayName", "Mine"),
    delete("delete another administrator's OID object", "{oid_object}"),
    write("link an issuance policy to a group", "{policy}", "msDS-OIDToGroupLink", f"CN={{stranger}},{_PEOPLE}"),
    write("turn an issuance policy into something else", "{policy}", "flags", "3"),
    delete("delete an issuance policy", "{policy}"),
    open_up("rights of an issuance policy", "{policy}"),
    # The containers.
    write("the OID root of the forest", _OIDS, "msPKI-Cert-Template-OID", "1.2.3.4"),
    open_up("rights of the container of OIDs", _OIDS),
    own("owner of the container of OIDs", _OIDS),
    open_up("rights of the container of templates", _TEMPLATES),
    own("owner of the container of templates", _TEMPLATES),
    rename("rename the container of templates", _TEMPLATES, "CN=Certificate Templates 2"),
    create("a container among the templates", f"CN=Mine,{_TEMPLATES}", "container"),
    create("an OID object among the templates", f"CN=Mine,{_TEMPLATES}", "msPKI-Enterprise-Oid"),
    create(
        "an authority among the templates",
        f"CN=Mine,{_TEMPLATES}",
        "certificationAuthority",
        f"cACertificate:: {OCTET}",
        f"authorityRevocationList:: {OCTET}",
        f"certificateRevocationList:: {OCTET}",
    ),
    misplace("a template among the OIDs", f"CN=Mine,{_OIDS}", "pKICertificateTemplate"),
    misplace("a container among the OIDs", f"CN=Mine,{_OIDS}", "container"),
    create("a container of its own", "CN=Mine,{services}", "container"),
    create("another service of the forest", "CN=Mine,CN=Services,{configuration}", "container"),
    # Authorities.
    write("certificate of the authority", _SERVICE, "cACertificate", f": {OCTET}"),
    write("flags of the authority", _SERVICE, "flags", "1"),
    write("host of the authority", _SERVICE, "dNSHostName", "evil.example"),
    write("name of the authority", _SERVICE, "displayName", "Mine"),
    write("web service of the authority", _SERVICE, "msPKI-Enrollment-Servers", "1"),
    open_up("rights of the authority", _SERVICE),
    own("owner of the authority", _SERVICE),
    delete("delete the authority", _SERVICE),
    create("an authority of its own", "CN=Mine,CN=Enrollment Services,{services}", "pKIEnrollmentService"),
    write("trust for logon", "CN=NTAuthCertificates,{services}", "cACertificate", f": {OCTET}"),
    open_up("rights of the trust for logon", "CN=NTAuthCertificates,{services}"),
    write("certificate in AIA", f"{_ROOT},CN=AIA,{{services}}", "cACertificate", f": {OCTET}"),
    create(
        "a certificate of its own in AIA",
        "CN=Mine,CN=AIA,{services}",
        "certificationAuthority",
        f"cACertificate:: {OCTET}",
        f"authorityRevocationList:: {OCTET}",
        f"certificateRevocationList:: {OCTET}",
    ),
    write(
        "revocation list",
        "CN=CORP Issuing CA 1,CN=ca1,CN=CDP,{services}",
        "certificateRevocationList",
        f": {OCTET}",
    ),
    create("a list of its own in CDP", "CN=Mine,CN=CDP,{services}", "container"),
    write("key recovery agent", "CN=CORP Issuing CA 1,CN=KRA,{services}", "userCertificate", f": {OCTET}"),
    write("trusted root", f"{_ROOT},CN=Certification Authorities,{{services}}", "cACertificate", f": {OCTET}"),
    delete("delete the trusted root", f"{_ROOT},CN=Certification Authorities,{{services}}"),
    create(
        "a trusted root of its own",
        "CN=Mine,CN=Certification Authorities,{services}",
        "certificationAuthority",
        f"cACertificate:: {OCTET}",
        f"authorityRevocationList:: {OCTET}",
        f"certificateRevocationList:: {OCTET}",
    ),
    # Accounts elsewhere.
    create("a user outside the unit", f"CN=Mine,{_PEOPLE}", "user", "sAMAccountName: mine"),
    create("a user in a unit below", "CN=Mine,{inner}", "user", "sAMAccountName: mine"),
    create("a computer in the unit", "CN=Mine,{unit}", "computer", "sAMAccountName: mine$"),
    create("a group in the unit", "CN=Mine,{unit}", "group", "sAMAccountName: mine"),
    create("a unit in the unit", "OU=Mine,{unit}", "organizationalUnit"),
    create("a contact in the unit", "CN=Mine,{unit}", "contact"),
    password("password of an account in a unit below", "{inner_account}"),
    delete("delete an account in a unit below", "{inner_account}"),
    password("password of the administrator", f"CN=Administrator,{_PEOPLE}"),
    password("password of an ordinary user", f"CN=Alice Andersson,{_PEOPLE}"),
    password("password of krbtgt", f"CN=krbtgt,{_PEOPLE}"),
    write("flags of an ordinary user", f"CN=Alice Andersson,{_PEOPLE}", "userAccountControl", "66048"),
    write("name of an ordinary user", f"CN=Alice Andersson,{_PEOPLE}", "userPrincipalName", "dc1@corp.example"),
    enter("service of an ordinary user", f"CN=Alice Andersson,{_PEOPLE}", "servicePrincipalName", "http/mine"),
    delete("delete an ordinary user", f"CN=Alice Andersson,{_PEOPLE}"),
    # What of the accounts in the unit is not delegated.
    write("mapping of an account in the unit", "{account}", "altSecurityIdentities", "X509:<I>x<S>y"),
    write("delegation of an account in the unit", "{account}", "msDS-AllowedToDelegateTo", "ldap/dc1.corp.example"),
    write(
        "delegation to an account in the unit",
        "{account}",
        "msDS-AllowedToActOnBehalfOfOtherIdentity",
        ": {wide}",
    ),
    write("primary group of an account in the unit", "{account}", "primaryGroupID", "512"),
    write("logon script of an account in the unit", "{account}", "scriptPath", "evil.cmd"),
    open_up("rights of an account in the unit", "{account}"),
    own("owner of an account in the unit", "{account}"),
    # The unit.
    open_up("rights of the unit", "{unit}"),
    own("owner of the unit", "{unit}"),
    write("policy of the unit", "{unit}", "gPLink", "[LDAP://CN=x;0]"),
    rename("rename the unit", "{unit}", "OU=Mine"),
    # Groups.
    enter("join Domain Admins", f"CN=Domain Admins,{_PEOPLE}", "member", "{account}"),
    enter("join Enterprise Admins", f"CN=Enterprise Admins,{_PEOPLE}", "member", "{account}"),
    enter("join Administrators", "CN=Administrators,CN=Builtin,{domain}", "member", "{account}"),
    enter("let another one be an operator", f"CN=PKI Operators,{_PEOPLE}", "member", "{account}"),
    enter("join any other group", f"CN={{stranger}},{_PEOPLE}", "member", "{account}"),
    write("description of the group that may be filled", f"CN={{members}},{_PEOPLE}", "description", "mine"),
    open_up("rights of the group that may be filled", f"CN={{members}},{_PEOPLE}"),
    # Computers.
    write("flags of a computer", _NDES, "userAccountControl", "528384"),
    enter("service of a computer", _NDES, "servicePrincipalName", "http/mine"),
    password("password of a computer", _NDES),
    write("delegation to a computer", _NDES, "msDS-AllowedToActOnBehalfOfOtherIdentity", ": {wide}"),
    write("name of a computer", _NDES, "dNSHostName", "dc1.corp.example"),
    # The domain and the forest.
    write("quota of computers", "{domain}", "ms-DS-MachineAccountQuota", "1000"),
    write("password policy", "{domain}", "minPwdLength", "0"),
    open_up("rights of the domain", "{domain}"),
    open_up("rights of protected accounts", "CN=AdminSDHolder,CN=System,{domain}"),
    write(
        "a group policy",
        "CN={{31B2F340-016D-11D2-945F-00C04FB984F9}},CN=Policies,CN=System,{domain}",
        "gPCFileSysPath",
        "\\\\\\\\evil\\\\share",
    ),
    create("a group policy of its own", "CN=Mine,CN=Policies,CN=System,{domain}", "groupPolicyContainer"),
    write(
        "a name in the DNS",
        "DC=dc1,DC=corp.example,CN=MicrosoftDNS,DC=DomainDnsZones,{domain}",
        "dNSTombstoned",
        "TRUE",
    ),
    write("a site", "CN=Default-First-Site-Name,CN=Sites,{configuration}", "description", "mine"),
    create("a subnet", "CN=10.0.0.0/8,CN=Subnets,CN=Sites,{configuration}", "subnet"),
    write("the schema", "CN=User,CN=Schema,{configuration}", "adminDescription", "mine"),
    write("a partition", "CN=Enterprise Schema,CN=Partitions,{configuration}", "nETBIOSName", "MINE"),
    write(
        "heuristics of the directory",
        "CN=Directory Service,CN=Windows NT,CN=Services,{configuration}",
        "dSHeuristics",
        "0000002",
    ),
)

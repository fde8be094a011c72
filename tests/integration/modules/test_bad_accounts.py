# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input about accounts that cannot be right: refused before the first write, in check mode as in earnest.

With a message that is pinned here.
"""

from __future__ import annotations

import typing as t

import pytest

from .conftest import Ldapsearch, Modules
from .others import DOMAIN_DN

Arguments: t.TypeAlias = dict[str, t.Any]

PASSWORD = "Canary-7Qx!pelican-91"
ALICE = f"CN=Alice Andersson,CN=Users,{DOMAIN_DN}"


def user(**more: t.Any) -> Arguments:
    return {"name": "bad-input", "password": PASSWORD, **more}


def managed(**more: t.Any) -> Arguments:
    return {"name": "bad-input", "type": "group_managed", **more}


ACCOUNT_ROWS: list[tuple[str, Arguments, str]] = [
    ("no name", {"password": PASSWORD}, "missing required arguments: name"),
    ("empty name", user(name=""), "name: '' is empty or begins or ends with a blank"),
    ("blank at the end", user(name="svc "), "name: 'svc ' is empty or begins or ends with a blank"),
    ("long name", user(name="x" * 21), "name: has 21 characters; 20 are allowed"),
    ("long managed name", managed(name="x" * 16), "name: has 16 characters; 15 are allowed"),
    ("long managed name with dollar", managed(name="x" * 16 + "$"), "name: has 16 characters; 15 are allowed"),
    ("LDAP in name", user(name="*)(cn=*"), "name: '*)(cn=*' holds '*' '=', which an account name cannot have"),
    (
        "domain in name",
        user(name="CORP\\svc"),
        "name: 'CORP\\svc' holds '\\\\', which an account name cannot have; write the name alone, without its domain",
    ),
    (
        "principal for name",
        user(name="svc@corp.example"),
        "holds '@', which an account name cannot have; write the name",
    ),
    ("control in name", user(name="a\x07b"), "name: 'a\x07b' holds '\\x07', which an account name cannot have"),
    ("dots for name", user(name="..."), "name: '...' consists of dots or ends with one"),
    (
        "dollar for a user",
        user(name="svc$"),
        "name: 'svc$' ends with $, as computers and managed accounts do; use type: group_managed",
    ),
    ("wrong state", user(state="gone"), "value of state must be one of: present, absent, got: gone"),
    ("wrong type", user(type="computer"), "value of type must be one of: user, group_managed, got: computer"),
    ("locked", user(unlocked=False), "value of unlocked must be one of: True, got: False"),
    ("no password", {"name": "bad-input"}, "password: is required for a new account, or enabled: false"),
    ("empty password", user(password=""), "password: is empty"),
    (
        "short password",
        user(password="aB1!"),
        "password: is shorter than the 7 characters that the domain's policy asks for",
    ),
    (
        "simple password",
        user(password="abcdefghij1"),
        "password: needs characters of 3 kinds by the domain's policy: capital, small letter, digit, other",
    ),
    (
        "password with the name in it",
        user(password="9A-Bad-Input-x"),
        "password: holds the account's name or a part of its display name, which the policy forbids",
    ),
    (
        "password with the display name in it",
        user(password="9A-Pelican-x", display_name="The pelican"),
        "password: holds the account's name or a part of its display name, which the policy forbids",
    ),
    ("password of a managed account", managed(password=PASSWORD), "password: has no meaning for an account of type"),
    ("host name of a user", user(dns_host_name="a.b"), "dns_host_name: has no meaning for an account of type user"),
    (
        "readers of a user",
        user(allowed_to_retrieve_password={"set": []}),
        "allowed_to_retrieve_password: has no meaning for an account of type user",
    ),
    (
        "host name of one label",
        managed(dns_host_name="ndes"),
        "dns_host_name: 'ndes' is not the full DNS name of a host",
    ),
    (
        "no interval",
        managed(managed_password_interval=0),
        "managed_password_interval: 0 is not between 1 and 2147483647",
    ),
    ("no place", user(path="Users"), "path: 'Users' is not a distinguished name"),
    ("missing place", user(path=f"OU=Nope,{DOMAIN_DN}"), f"path: 'OU=Nope,{DOMAIN_DN}' does not exist, or the account"),
    (
        "place elsewhere",
        user(path="OU=X,DC=other"),
        "path: 'OU=X,DC=other' does not lie in the domain that is connected",
    ),
    ("place in a user", user(path=ALICE), f"path: '{ALICE}' is a user; accounts lie in an organizational unit or"),
    ("long display name", user(display_name="x" * 257), "display_name: has 257 characters; 256 are allowed"),
    ("no principal name", user(user_principal_name="svc"), "user_principal_name: 'svc' is not written as name@domain"),
    (
        "principal name of another",
        user(user_principal_name="ALICE@corp.example"),
        f"user_principal_name: 'ALICE@corp.example' is what {ALICE} logs on as; choose another one",
    ),
    ("no date", user(account_expires="31.12.2027"), "account_expires: '31.12.2027' is neither never, nor a date as"),
    ("no time zone", user(account_expires="2027-12-31T10:00:00"), "account_expires: '2027-12-31T10:00:00' has no time"),
    (
        "unknown encryption",
        user(kerberos_encryption_types={"add": ["aes512"]}),
        "kerberos_encryption_types: 'aes512' is none of des, rc4, aes128, aes256",
    ),
    (
        "broken encryption",
        user(kerberos_encryption_types={"set": ["aes256", "des"]}),
        "kerberos_encryption_types: 'des' is broken and can only be removed",
    ),
    ("unknown group", user(groups={"add": ["no-such-group"]}), "'no-such-group' is not a principal of the forest"),
    ("LDAP in group", user(groups={"add": ["*)(cn=*"]}), "'*)(cn=*' is not a principal of the forest"),
    (
        "user for group",
        user(groups={"add": ["alice"]}),
        "groups: 'alice' is not a group of the domain that is connected",
    ),
    (
        "group of administrators",
        user(groups={"set": ["Domain Admins"]}),
        "groups: 'Domain Admins' is privileged (Domain Admins); no service account is made a member of it here",
    ),
    (
        "group of operators by its SID",
        user(groups={"add": ["S-1-5-32-551"]}),
        "groups: 'Backup Operators' is privileged (Backup Operators)",
    ),
    (
        "group added and removed",
        user(groups={"add": ["PKI Operators"], "remove": ["CORP\\pki operators"]}),
        "groups: PKI Operators is in add and in remove",
    ),
    (
        "groups set and removed",
        user(groups={"set": [], "remove": ["PKI Operators"]}),
        "groups: set and remove exclude each other; leave out of set what is to go",
    ),
    (
        "unknown reader",
        managed(allowed_to_retrieve_password={"add": ["ndes9$"]}),
        "'ndes9$' is not a principal of the forest",
    ),
    ("unknown option", user(colour="red"), "Unsupported parameters for (basic.py) module: colour."),
    ("wrong kind of value", user(enabled="perhaps"), "argument 'enabled' is of type str and we were unable to convert"),
    (
        "computer",
        managed(name="ndes1"),
        f"name: 'NDES1$' is a computer (CN=NDES1,CN=Computers,{DOMAIN_DN}), not one of type group_managed",
    ),
    (
        "user called as a computer",
        user(name="ndes1"),
        f"name: 'ndes1' does not exist, but NDES1$ does: a computer (CN=NDES1,CN=Computers,{DOMAIN_DN})",
    ),
    ("group", user(name="PKI Operators"), "name: 'PKI Operators' is a group (CN=PKI Operators,"),
    (
        "managed account that is a user",
        managed(name="alice", state="absent"),
        f"name: 'alice$' does not exist, but alice does: an account of type user ({ALICE})",
    ),
    (
        "administrator",
        user(name="pkiadmin"),
        "name: 'pkiadmin' is a member of Administrators, Domain Admins, Enterprise Admins; no such account is changed",
    ),
    ("built-in administrator", user(name="Administrator"), "name: 'Administrator' is privileged (Administrator)"),
    (
        "administrator deleted",
        {"name": "pkiadmin", "state": "absent"},
        "name: 'pkiadmin' is a member of Administrators, Domain Admins, Enterprise Admins; no such account is changed",
    ),
    ("krbtgt deleted", {"name": "krbtgt", "state": "absent"}, "name: 'krbtgt' is privileged (krbtgt)"),
    ("computer deleted", managed(name="ndes1", state="absent"), "name: 'NDES1$' is a computer"),
    (
        "account in another place",
        {"name": "svc-ndes", "path": f"OU=Service Accounts,{DOMAIN_DN}"},
        f"path: 'svc-ndes' lies in CN=Users,{DOMAIN_DN} and is not moved; leave path out, or move it",
    ),
    (
        "primary group left",
        {"name": "svc-ndes", "groups": {"remove": ["Domain Users"]}},
        "groups.remove: names the account's primary group, which it cannot leave; give it another one first",
    ),
    (
        "principal name of another for one that exists",
        {"name": "svc-ndes", "user_principal_name": "alice@corp.example"},
        f"user_principal_name: 'alice@corp.example' is what {ALICE} logs on as; choose another one",
    ),
]

NAMES = "service_principal_names"


def naming(account: str = "svc-ndes", **lists: list[str]) -> Arguments:
    return {"name": account, NAMES: lists}


NAME_ROWS: list[tuple[str, Arguments, str]] = [
    ("no names", {"name": "svc-ndes"}, f"missing required arguments: {NAMES}"),
    ("no account", {NAMES: {"add": ["http/a.b"]}}, "missing required arguments: name"),
    ("unknown account", naming("nobody-here", add=["http/a.b"]), "'nobody-here' is not a principal of the forest"),
    (
        "display name",
        naming("NDES Service Account", add=["http/a.b"]),
        "is the display name of CORP\\svc-ndes: write that",
    ),
    ("computer without dollar", naming("ndes1", add=["http/a.b"]), "'ndes1' is a computer: write CORP\\NDES1$"),
    ("LDAP in account", naming("*)(cn=*", add=["http/a.b"]), "'*)(cn=*' is not a principal of the forest"),
    ("group", naming("PKI Operators", add=["http/a.b"]), "name: 'PKI Operators' is a group; only users, computers and"),
    (
        "en dash",
        naming(add=["http/ndes\u20131.corp.example"]),
        "holds a dash that is not the one of the keyboard (en dash, U+2013), as printed commands do: write -, and the",
    ),
    (
        "printed command",
        naming(add=["\u2013s http/ndes1.corp.example"]),
        f"{NAMES}.add: '\u2013s http/ndes1.corp.example' holds a dash that is not the one of the keyboard",
    ),
    (
        "whole command",
        naming(add=["setspn -s http/ndes1.corp.example"]),
        "is empty or holds a blank; write the name alone, as class/host, without the setspn command",
    ),
    (
        "address",
        naming(set=["https://ndes1.corp.example/"]),
        f"{NAMES}.set: 'https://ndes1.corp.example/' is an address",
    ),
    ("host alone", naming(add=["ndes1.corp.example"]), "'ndes1.corp.example' is not written as class/host, as http/"),
    ("empty host", naming(add=["http/"]), "'http/' is not written as class/host"),
    ("empty name", naming(add=[""]), f"{NAMES}.add: '' is empty or holds a blank"),
    ("metacharacter in host", naming(add=["http/*"]), "'http/*' has '*' for a host, which is not a DNS name"),
    ("unicode in host", naming(add=["http/b\u00fccher.example"]), "has 'b\u00fccher.example' for a host"),
    ("port", naming(add=["http/a.b:70000"]), "'http/a.b:70000' has port 70000, which is not between 1 and 65535"),
    ("long host", naming(add=["http/" + "a" * 64]), "has a host name that is too long; 255 characters are allowed"),
    ("added and removed", naming(add=["http/a.b"], remove=["HTTP/A.B"]), f"{NAMES}: http/a.b is in add and in remove"),
    (
        "set and removed",
        naming(set=[], remove=["http/a.b"]),
        f"{NAMES}: set and remove exclude each other; leave out of set what is to go",
    ),
    (
        "name of another",
        naming(add=["HOST/NDES1.corp.example"]),
        f"{NAMES}.add: HOST/NDES1.corp.example is held by NDES1$ (CN=NDES1,CN=Computers,{DOMAIN_DN}). Kerberos works",
    ),
    (
        "administrator",
        naming("pkiadmin", add=["http/a.b"]),
        "name: 'pkiadmin' is a member of Administrators, Domain Admins, Enterprise Admins, and whoever asks",
    ),
    ("domain controller", naming("dc1$", add=["http/a.b"]), "name: 'DC1$' is a domain controller; it gets no service"),
]


@pytest.mark.parametrize("check", [True, False], ids=["check", "act"])
@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [("service_account", *row[1:]) for row in ACCOUNT_ROWS]
    + [("service_principal_name", *row[1:]) for row in NAME_ROWS],
    ids=[f"account: {row[0]}" for row in ACCOUNT_ROWS] + [f"name: {row[0]}" for row in NAME_ROWS],
)
def test_refused(
    modules: Modules, ldapsearch: Ldapsearch, module: str, arguments: Arguments, message: str, check: bool
) -> None:
    before = state(ldapsearch)
    result = modules.run(module, check=check, **arguments)
    assert result["failed"], result
    assert message in result["msg"]
    assert "Traceback" not in str(result)
    assert PASSWORD not in str(result)
    assert state(ldapsearch) == before


def state(ldapsearch: Ldapsearch) -> dict[str, dict[str, list[bytes]]]:
    """When each object of the domain was last written to, but for what domain controllers write about themselves."""
    found = ldapsearch(DOMAIN_DN, "(objectClass=*)", "uSNChanged")
    own = ("OU=Domain Controllers,", "CN=RID Manager$,", "CN=MicrosoftDNS,")
    return {dn: entry for dn, entry in found.items() if not any(part in f"{dn}," for part in own)}

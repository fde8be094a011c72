# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forest as ldapsearch shows it: what two states have in common, what is half made, and the way back to a state.

No code of the collection takes part.
"""

from __future__ import annotations

import base64
import shlex
import subprocess
import typing as t
from pathlib import Path

from lab import estate

from ..modules.conftest import parse_ldif

Entry: t.TypeAlias = dict[str, list[bytes]]
Dump: t.TypeAlias = dict[str, Entry]

DOMAIN = "DC=corp,DC=example"
SERVICES = f"CN=Public Key Services,CN=Services,CN=Configuration,{DOMAIN}"
OID = "msPKI-Cert-Template-OID"
TEMPLATE_OID_FLAG = b"1"
#: Owner, group and DACL: the control of MS-ADTS 3.1.1.3.4.1.11, as ldapsearch takes it and as LDIF does.
SECURITY_PARTS = "!1.2.840.113556.1.4.801=::MAMCAQc="
WITH_SECURITY = "control: 1.2.840.113556.1.4.801 true:: MAMCAQc=\n"
PROTECTED = 0x1000
DISABLED = 0x2

#: What the directory writes by itself, and what two runs of the same wishes may have different.
_BY_ITSELF = frozenset(
    """uSNChanged uSNCreated whenChanged whenCreated objectGUID objectSid dSCorePropagationData badPasswordTime
    badPwdCount lastLogon lastLogonTimestamp logonCount pwdLastSet lockoutTime distinguishedName name""".split()
)
_CHOSEN = frozenset({"cn", OID})
#: What an object cannot be added again with.
_NOT_WRITABLE = _BY_ITSELF | frozenset(
    """cn instanceType memberOf primaryGroupID sAMAccountType objectCategory codePage countryCode
    revision""".split()
) - {"revision"}


class Forest:
    """The part of a forest that the collection writes to: public key services, and the containers of accounts."""

    def __init__(self, directory: Path, credentials: dict[str, t.Any]) -> None:
        self.directory = directory
        self.account = credentials["accounts"]["administrator"]

    def _command(self, program: str, host: str, *arguments: str | Path) -> list[str | Path]:
        # The password comes through a file of the lab that only root may read: standard input is for the LDIF.
        password = self.directory / "run" / "administrator"
        if not password.exists():
            password.touch(0o600)
            password.write_text(self.account["password"])
        server, name = f"ldaps://{host}.corp.example", self.account["username"]
        return [program, "-H", server, "-x", "-D", name, "-y", password, *arguments]

    def _client(self, program: str, host: str, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            self._command(program, host, *arguments),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env={"LDAPTLS_CACERT": str(self.directory / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, f"{program} on {host}: {done.stderr}"
        return done.stdout

    def change_program(self, folder: Path, ldif: str) -> str:
        """A program that carries out change records, for a run to be disturbed with."""
        (folder / "change.ldif").write_text(ldif)
        program = folder / "change"
        command = shlex.join(map(str, self._command("ldapmodify", "dc1", "-f", folder / "change.ldif")))
        program.write_text(f"#!/bin/sh\nLDAPTLS_CACERT={self.directory}/ca/root.pem exec {command}\n")
        program.chmod(0o700)
        return str(program)

    def search(self, base: str, text: str, *attributes: str, host: str = "dc1") -> Dump:
        arguments = ("-LLL", "-o", "ldif-wrap=no", "-E", SECURITY_PARTS, "-b", base, text, *attributes)
        return parse_ldif(self._client("ldapsearch", host, *arguments))

    def change(self, ldif: str, host: str = "dc1") -> None:
        """Carry out change records."""
        self._client("ldapmodify", host, text=ldif)

    def dump(self, host: str = "dc1") -> Dump:
        """All objects of both containers with all attributes."""
        every = ("*", "nTSecurityDescriptor")
        return {
            **self.search(SERVICES, "(objectClass=*)", *every, host=host),
            **self.search(f"CN=Users,{DOMAIN}", "(objectClass=*)", *every, host=host),
            **self.search(f"CN=Managed Service Accounts,{DOMAIN}", "(objectClass=*)", *every, host=host),
            **self.search(estate.SERVICE_ACCOUNTS_DN, "(objectClass=*)", *every, host=host),
        }

    def restore(self, wanted: Dump, host: str = "dc1") -> None:
        """Bring back the state O(wanted) as far as LDAP can: an object that is gone gets a new GUID."""
        now = self.dump(host)
        gone = sorted(now.keys() - wanted.keys(), key=len, reverse=True)
        records = [f"{_line('dn', dn.encode())}changetype: delete\n" for dn in gone]
        for dn in sorted(wanted.keys() - now.keys(), key=len):
            lines = [
                _line(name, value)
                for name, values in wanted[dn].items()
                if name not in _NOT_WRITABLE
                for value in values
            ]
            records.append(f"{_line('dn', dn.encode())}{WITH_SECURITY}changetype: add\n{''.join(lines)}")
        for dn in wanted.keys() & now.keys():
            lines = []
            for name in (wanted[dn].keys() | now[dn].keys()) - _NOT_WRITABLE:
                values = wanted[dn].get(name, [])
                if sorted(values) != sorted(now[dn].get(name, [])):
                    lines.append(f"replace: {name}\n{''.join(_line(name, value) for value in values)}-\n")
            if lines:
                records.append(f"{_line('dn', dn.encode())}{WITH_SECURITY}changetype: modify\n{''.join(lines)}")
        if records:
            self.change("\n".join(records), host)


def _line(name: str, value: bytes) -> str:
    return f"{name}:: {base64.b64encode(value).decode()}\n"


def normal(dump: Dump) -> dict[str, dict[str, list[bytes]]]:
    """O(dump) without what the directory writes by itself, and without the numbers that a run draws."""
    drawn = {}
    for entry in dump.values():
        if is_oid_object(entry) and entry.get("flags") == [TEMPLATE_OID_FLAG]:
            label = entry.get("displayName", [b"nameless"])[0]
            drawn[entry[OID][0]] = b"<OID of " + label + b">"
    # An account that is made again has another SID.
    sids = {entry["objectSid"][0]: f"<SID of {dn}>".encode() for dn, entry in dump.items() if "objectSid" in entry}

    def named(value: bytes) -> bytes:
        for sid, label in sids.items():
            value = value.replace(sid, label)
        return value

    shown: dict[str, dict[str, list[bytes]]] = {}
    for dn, entry in dump.items():
        masked = entry.get(OID, [b""])[0] in drawn
        place = f"<{drawn[entry[OID][0]].decode()}>" if masked and is_oid_object(entry) else dn
        while place in shown:
            place += " again"
        shown[place] = {
            name: [drawn[values[0]]] if masked and name == OID else sorted(map(named, values))
            for name, values in entry.items()
            if name not in _BY_ITSELF and not (masked and is_oid_object(entry) and name in _CHOSEN - {OID})
        }
    return shown


def differences(left: Dump, right: Dump) -> list[str]:
    """Where two states differ, in words."""
    first, second = normal(left), normal(right)
    found = [f"only before: {dn}" for dn in first.keys() - second.keys()]
    found += [f"only after: {dn}" for dn in second.keys() - first.keys()]
    for dn in first.keys() & second.keys():
        for name in first[dn].keys() | second[dn].keys():
            if first[dn].get(name) != second[dn].get(name):
                found.append(f"{dn}: {name} {first[dn].get(name)} -> {second[dn].get(name)}"[:400])
    return sorted(found)


def is_oid_object(entry: Entry) -> bool:
    return b"msPKI-Enterprise-Oid" in entry.get("objectClass", [])


def is_template(entry: Entry) -> bool:
    return b"pKICertificateTemplate" in entry.get("objectClass", [])


def half_made(dump: Dump, baseline: Dump) -> list[str]:
    """What is in O(dump), was not in O(baseline), and is not whole."""
    new = {dn: entry for dn, entry in dump.items() if dn not in baseline}
    templates = {dn: entry for dn, entry in dump.items() if is_template(entry)}
    oids = {dn: entry for dn, entry in dump.items() if is_oid_object(entry)}
    names = {entry["cn"][0].lower() for entry in templates.values()}
    held = [entry.get(OID, [b""])[0] for entry in templates.values()]
    found = [f"a conflict of replication: {dn}" for dn in new if "CNF:" in dn or "\n" in dn]
    for dn, entry in new.items():
        if is_oid_object(entry) and entry.get("flags") == [TEMPLATE_OID_FLAG] and entry[OID][0] not in held:
            found.append(f"OID object without template: {dn} {entry.get('displayName')}")
        if is_template(entry):
            mine = [oid for oid in oids.values() if oid[OID] == entry.get(OID)]
            if len(mine) != 1:
                found.append(f"template with {len(mine)} OID objects: {dn}")
            elif mine[0].get("displayName") != entry.get("displayName"):
                found.append(f"OID object under another name: {dn}")
            if not int.from_bytes(entry["nTSecurityDescriptor"][0][2:4], "little") & PROTECTED:
                found.append(f"template with default security: {dn}")
        if b"user" in entry.get("objectClass", []) and int(entry["userAccountControl"][0]) & DISABLED:
            found.append(f"account without its flags: {dn}")
    for dn, entry in dump.items():
        before = {value.lower() for value in baseline.get(dn, {}).get("certificateTemplates", [])}
        found += [
            f"published without template: {value.decode()}"
            for value in entry.get("certificateTemplates", [])
            if value.lower() not in names | before
        ]
    if len(set(held)) != len(held):
        found.append("two templates with one OID")
    return found

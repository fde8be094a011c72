# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenLDAP's programs in the hands of any account, and people, groups and units that last as long as a test."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import typing as t
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from .modules.conftest import parse_ldif

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Lab

Entries: t.TypeAlias = dict[str, dict[str, list[bytes]]]

PASSWORD = "Sommar-2026-i-skogen"
DOMAIN = "DC=corp,DC=example"
CONFIGURATION = f"CN=Configuration,{DOMAIN}"
SERVICES = f"CN=Public Key Services,CN=Services,{CONFIGURATION}"
SERVER = "dc1.corp.example"
#: The control SD_FLAGS with the value 4.
DACL_ONLY = "1.2.840.113556.1.4.801 true:: MAMCAQQ="


class Answer(t.NamedTuple):
    """What a program of OpenLDAP ended with: the result code, and what it printed about it."""

    code: int
    text: str


@dataclass
class Client:
    """One account that speaks LDAPS to the first domain controller.

    Args:
        lab: the lab.
        account: its sAMAccountName.
        password: handed over in a file, since a command line is for all to see.
        folder: where that file and the LDIF lie.
    """

    lab: Lab
    account: str
    password: str = field(repr=False)
    folder: Path

    def modify(self, ldif: str) -> Answer:
        """Apply change records with ldapmodify."""
        file = self.folder / f"{uuid.uuid4().hex}.ldif"
        file.write_text(ldif)
        return self._run("ldapmodify", "-f", str(file))

    def write_dacl(self, dn: str, descriptor: bytes) -> None:
        """Give an object the access control list of a descriptor."""
        record = f"dn: {dn}\ncontrol: {DACL_ONLY}\nchangetype: modify\nreplace: nTSecurityDescriptor\n"
        answer = self.modify(f"{record}nTSecurityDescriptor:: {encoded(descriptor)}\n")
        assert answer.code == 0, answer.text

    def search(self, base: str, text: str, *attributes: str, scope: str = "sub") -> Entries:
        """DN to attribute to values; nothing when there is no such base."""
        plain = ("-LLL", "-o", "ldif-wrap=no", "-E", "!1.2.840.113556.1.4.801=::MAMCAQc=", "-E", "pr=1000/noprompt")
        answer = self._run("ldapsearch", *plain, "-b", base, "-s", scope, text, *attributes)
        assert answer.code in (0, 32), answer.text
        return parse_ldif(answer.text)

    def read(self, dn: str, *attributes: str) -> dict[str, list[bytes]]:
        """One object; empty when there is none."""
        return next(iter(self.search(dn, "(objectClass=*)", *attributes, scope="base").values()), {})

    def descriptor(self, dn: str) -> bytes:
        """The security descriptor of an object.

        Without the two bits that say that owner and group were not given when it was made: a domain controller clears
        them whenever anything of a descriptor is written.
        """
        octets = bytearray(self.read(dn, "nTSecurityDescriptor")["nTSecurityDescriptor"][0])
        octets[2] &= ~0x03
        return bytes(octets)

    def _run(self, program: str, *arguments: str) -> Answer:
        secret = self.folder / f"{self.account}.password"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(self.password)
        command = [program, "-x", "-H", f"ldaps://{SERVER}", "-D", f"{self.account}@corp.example", "-y", str(secret)]
        done = subprocess.run(
            [*command, *arguments],
            capture_output=True,
            check=False,
            env={"LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
        )
        return Answer(done.returncode, (done.stdout + done.stderr).decode())


def known_client(lab: Lab, account: str, folder: Path) -> Client:
    """One of the lab's own accounts."""
    return Client(lab, account, lab.credentials["accounts"][account]["password"], folder)


@dataclass
class Scratch:
    """Objects that an administrator makes for a test, and deletes after it."""

    administrator: Client
    made: list[str] = field(default_factory=list)

    def add(self, dn: str, ldif: str) -> str:
        answer = self.administrator.modify(f"dn: {dn}\nchangetype: add\n{ldif}")
        assert answer.code == 0, answer.text
        self.made.append(dn)
        return dn

    def unit(self, name: str = "") -> str:
        """The DN of a new organizational unit at the top of the domain."""
        return self.add(f"OU={name or unique('u')},{DOMAIN}", "objectClass: organizationalUnit\n")

    def group(self, *members: str, parent: str = f"CN=Users,{DOMAIN}") -> str:
        """The sAMAccountName of a new global group with members, DNs."""
        name = unique("g")
        listed = "".join(f"member: {member}\n" for member in members)
        self.add(f"CN={name},{parent}", f"objectClass: group\nsAMAccountName: {name}\n{listed}")
        return name

    def add_member(self, group: str, member: str, parent: str = f"CN=Users,{DOMAIN}") -> None:
        """Put one object of CN=Users into another."""
        answer = self.administrator.modify(
            f"dn: CN={group},{parent}\nchangetype: modify\nadd: member\nmember: CN={member},{parent}\n"
        )
        assert answer.code == 0, answer.text

    def person(self, parent: str = f"CN=Users,{DOMAIN}") -> Client:
        """A new user, with PASSWORD."""
        name = unique("p")
        octets = f'"{PASSWORD}"'.encode("utf-16-le")
        self.add(
            f"CN={name},{parent}",
            f"objectClass: user\nsAMAccountName: {name}\nuserPrincipalName: {name}@corp.example\n"
            f"userAccountControl: 512\nunicodePwd:: {encoded(octets)}\n",
        )
        return Client(self.administrator.lab, name, PASSWORD, self.administrator.folder)

    def remove_all(self) -> None:
        for dn in reversed(self.made):
            below = self.administrator.search(dn, "(objectClass=*)", "cn")
            for child in sorted(below, key=len, reverse=True):
                self.administrator.modify(f"dn: {child}\nchangetype: delete\n")
        self.made.clear()


def sid_of(client: Client, account: str) -> str:
    """The SID of an account, as Samba prints it."""
    (found,) = client.search(DOMAIN, f"(sAMAccountName={account})", "objectSid").values()
    octets = found["objectSid"][0]
    numbers = (str(int.from_bytes(octets[at : at + 4], "little")) for at in range(8, len(octets), 4))
    return "-".join(("S-1", str(int.from_bytes(octets[2:8], "big")), *numbers))


@contextlib.contextmanager
def entry_on(administrator: Client, dn: str, entry: str) -> Iterator[None]:
    """An object with an entry that somebody else has made, as long as the block runs."""
    before = administrator.descriptor(dn)
    samba_tool(administrator.lab, "dsacl", "set", f"--objectdn={dn}", f"--sddl={entry}")
    try:
        yield
    finally:
        administrator.write_dacl(dn, before)


def samba_tool(lab: Lab, *arguments: str) -> str:
    """Straight at the first domain controller's database."""
    files = lab.dir / "dc1"
    command: list[str | Path] = [
        "samba-tool",
        *arguments,
        "-H",
        files / "private" / "sam.ldb",
        "-s",
        files / "smb.conf",
    ]
    done: subprocess.CompletedProcess[str] = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def unique(prefix: str) -> str:
    return f"{prefix}{uuid.uuid4().hex[:11]}"


def encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()

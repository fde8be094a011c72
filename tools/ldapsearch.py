# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the lab's forest with ldapsearch: a second opinion that shares no code with the collection."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.tree import TOP


@dataclass(frozen=True, slots=True)
class Template:
    """A certificate template as ldapsearch shows it."""

    name: str
    display_name: str
    oid: str
    revision: str
    published_on: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Account:
    """A user or managed account as ldapsearch shows it."""

    name: str
    dn: str
    control: int
    service_principal_names: Sequence[str] = field(default_factory=tuple)


#: Bits of userAccountControl worth showing.
CONTROL = {0x2: "disabled", 0x10000: "password never expires", 0x100000: "not delegated"}


def parse_ldif(text: str) -> list[dict[str, list[str]]]:
    """Entries of LDIF without wrapped lines (ldapsearch -o ldif-wrap=no), attribute names in lower case.

    Values in base64 (`attribute:: ...`) are decoded as UTF-8; none that is asked for here is binary.
    """
    entries: list[dict[str, list[str]]] = []
    for block in text.split("\n\n"):
        entry: dict[str, list[str]] = {}
        for line in block.splitlines():
            name, separator, value = line.partition(":")
            if separator and not line.startswith("#"):
                decoded = base64.b64decode(value[1:]).decode() if value.startswith(":") else value.removeprefix(" ")
                entry.setdefault(name.lower(), []).append(decoded)
        if "dn" in entry:
            entries.append(entry)
    return entries


class Reader:
    """Runs ldapsearch in a lab as one of its people, signed in with Kerberos."""

    def __init__(self, lab: Path, cache: Path) -> None:
        self.lab = lab
        self.environment = {**os.environ, "KRB5CCNAME": f"FILE:{cache}"}

    def inside(self, command: Sequence[str], stdin: str | None = None) -> str:
        """Run a command in the lab and return what it prints."""
        line = ["bin/lab", "exec", "--dir", str(self.lab), "--", *command]
        done = subprocess.run(
            line, cwd=TOP, env=self.environment, input=stdin, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    def search(
        self, server: str, base: str, scope: str, query: str, attributes: Sequence[str]
    ) -> list[dict[str, list[str]]]:
        command = ["ldapsearch", "-N", "-Q", "-Y", "GSSAPI", "-LLL", "-o", "ldif-wrap=no", "-H", f"ldap://{server}"]
        return parse_ldif(self.inside([*command, "-b", base, "-s", scope, query, *attributes]))


@contextmanager
def sign_in(lab: Path, person: str) -> Iterator[Reader]:
    """A reader with a ticket for one of the lab's people, in a cache of its own."""
    credentials = json.loads((lab / "credentials.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        reader = Reader(lab, Path(scratch) / "ccache")
        account = credentials["accounts"][person]
        # The password goes through standard input: a command line is for all to see.
        reader.inside(["kinit", account["username"]], stdin=account["password"] + "\n")
        yield reader


def read_templates(reader: Reader, server: str) -> dict[str, Template]:
    """All certificate templates by name, each with the authorities that publish it."""
    (root,) = reader.search(server, "", "base", "(objectClass=*)", ["configurationNamingContext"])
    services = f"CN=Public Key Services,CN=Services,{root['configurationnamingcontext'][0]}"
    query = "(objectClass=pKIEnrollmentService)"
    authorities = reader.search(server, services, "sub", query, ["cn", "certificateTemplates"])
    wanted = ["cn", "displayName", "msPKI-Cert-Template-OID", "revision", "msPKI-Template-Minor-Revision"]
    found = {}
    for entry in reader.search(server, services, "sub", "(objectClass=pKICertificateTemplate)", wanted):
        name = entry["cn"][0]
        publishers = [
            authority["cn"][0]
            for authority in authorities
            if name.casefold() in (published.casefold() for published in authority.get("certificatetemplates", []))
        ]
        revision = f"{entry.get('revision', ['?'])[0]}.{entry.get('mspki-template-minor-revision', ['?'])[0]}"
        oid = entry.get("mspki-cert-template-oid", [""])[0]
        found[name] = Template(name, entry.get("displayname", [name])[0], oid, revision, tuple(publishers))
    return found


def read_accounts(reader: Reader, server: str) -> dict[str, Account]:
    """All users and managed accounts by account name, with their service principal names."""
    (root,) = reader.search(server, "", "base", "(objectClass=*)", ["defaultNamingContext"])
    query = "(|(&(objectCategory=person)(objectClass=user))(objectClass=msDS-GroupManagedServiceAccount))"
    wanted = ["sAMAccountName", "userAccountControl", "servicePrincipalName"]
    found = {}
    for entry in reader.search(server, root["defaultnamingcontext"][0], "sub", query, wanted):
        name, control = entry["samaccountname"][0], int(entry.get("useraccountcontrol", ["0"])[0])
        names = tuple(sorted(entry.get("serviceprincipalname", []), key=str.casefold))
        found[name] = Account(name, entry["dn"][0], control, names)
    return found

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was built to be judged, brought into the lab's directory and out of it, and read there as an ordinary user."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ..modules.conftest import parse_ldif
from . import judged

if t.TYPE_CHECKING:
    from ..conftest import Lab

DATA = judged.load()
TEMPLATES = judged.templates(DATA)
OBJECTS = judged.objects(judged.load(judged.OBJECTS))
DOMAIN = "DC=corp,DC=example"
SERVICES = f"CN=Public Key Services,CN=Services,CN=Configuration,{DOMAIN}"
URL = "ldaps://dc1.corp.example"
PLANTER = Path(__file__).with_name("planter.py")

#: What every account has in its token beside its groups: Everyone, Network, Authenticated Users, This Organization.
IN_EVERY_TOKEN = {"S-1-1-0", "S-1-5-2", "S-1-5-11", "S-1-5-15"}

#: Bits of sDRightsEffective: who may write these may rewrite the rest (MS-ADTS 3.1.1.4.5.4).
OWNER, DACL = 1, 4


@dataclass
class Planted:
    """What the planter wrote."""

    #: SIDs of accounts by name.
    sids: dict[str, str]
    passwords: dict[str, str]


def content(passwords: dict[str, str]) -> dict[str, t.Any]:
    """Everything that there is to plant."""
    return {
        "users": {name: {**user, "password": passwords[name]} for name, user in DATA["users"].items()},
        "groups": DATA["groups"],
        "policies": DATA["policies"],
        "templates": [{**_common(template), "published": template.published} for template in TEMPLATES],
        "objects": [{**_common(each), "class": each.object_class, "container": each.container} for each in OBJECTS],
    }


def _common(planted: judged.Judged | judged.JudgedObject) -> dict[str, t.Any]:
    attributes = {
        name: [base64.b64encode(value).decode() for value in values] for name, values in planted.attributes.items()
    }
    return {"name": planted.name, "sddl": planted.sddl, "attributes": attributes}


def new_passwords() -> dict[str, str]:
    return {name: f"Aa1-{secrets.token_urlsafe(12)}" for name in DATA["users"]}


def plant(lab: Lab, wanted: dict[str, t.Any] | None) -> dict[str, str]:
    """Ask the planter to write, or with None to remove. Returns SIDs of accounts by name."""
    question = {
        "host": "dc1.corp.example",
        "domain": lab.credentials["domain"],
        "username": "pkiadmin",
        "password": lab.credentials["accounts"]["pkiadmin"]["password"],
        "prefix": judged.PREFIX,
        "plant": wanted,
        "names": ["alice", "svc-ndes", "Domain Users", "Domain Computers", "Judged Computers"],
    }
    done = subprocess.run(
        ["/usr/bin/python3", "-I", PLANTER], input=json.dumps(question), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    sids: dict[str, str] = json.loads(done.stdout)["sids"]
    return sids


def environment(lab: Lab) -> dict[str, str]:
    """For OpenLDAP's programs: the lab's root as the only trust."""
    return {**os.environ, "LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem")}


def search(lab: Lab, base: str, scope: str, text: str, *attributes: str) -> dict[str, dict[str, list[bytes]]]:
    """OpenLDAP's client as alice."""
    command = ["ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-H", URL, "-x"]
    command += ["-D", "alice@corp.example", "-y", "/dev/stdin", "-b", base, "-s", scope, text, *attributes]
    password = lab.credentials["accounts"]["alice"]["password"]
    done = subprocess.run(command, input=password, env=environment(lab), capture_output=True, text=True, check=True)
    return parse_ldif(done.stdout)


def alices_token(lab: Lab, planted: Planted) -> set[str]:
    """The SIDs that the domain controller gives alice when she logs on."""
    dn = next(iter(search(lab, DOMAIN, "sub", "(sAMAccountName=alice)", "cn")))
    groups = search(lab, dn, "base", "(objectClass=*)", "tokenGroups")[dn]["tokenGroups"]
    return {sid_text(group) for group in groups} | IN_EVERY_TOKEN | {planted.sids["alice"]}


def sid_text(octets: bytes) -> str:
    """The text of a SID (MS-DTYP 2.4.2)."""
    parts = [int.from_bytes(octets[start : start + 4], "little") for start in range(8, len(octets), 4)]
    return "-".join(["S-1", str(int.from_bytes(octets[2:8], "big")), *map(str, parts)])


def may_rewrite(entry: dict[str, list[bytes]], decisive: t.Callable[[str], bool]) -> bool:
    """Whether whoever asked may write owner, access control list, an attribute or a child that is O(decisive)."""
    found = (*entry.get("allowedAttributesEffective", ()), *entry.get("allowedChildClassesEffective", ()))
    return bool(int(entry["sDRightsEffective"][0]) & (OWNER | DACL)) or any(decisive(each.decode()) for each in found)

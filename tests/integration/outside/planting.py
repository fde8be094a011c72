# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was built to be judged, brought into the lab's directory and out of it, and read there as an ordinary user."""

from __future__ import annotations

import base64
import json
import os
import re
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

#: What ldapmodify says of what is not allowed.
REFUSED = "ldap_modify: Insufficient access (50)"

#: Bits of sDRightsEffective: who may write these may rewrite the rest (MS-ADTS 3.1.1.4.5.4).
OWNER, DACL = 1, 4


#: The rights that probes have in the place of Enroll: User-Force-Change-Password.
ENROLL, RESET = DATA["guids"]["Enroll"], "00299570-246d-11d0-a768-00aa006e0529"
#: The templates that are ESC1 but for who may enroll, each with a user as a probe: the domain controller does not
#: enroll, but it judges the same entries with another extended right when somebody resets the user's password.
PROBED = [
    template
    for template, row in zip(TEMPLATES, DATA["templates"], strict=True)
    if row["shape"] == "esc1" and "attributes" not in row
]


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
        "probes": [
            {
                "name": template.name,
                "account": f"judged-{number}",
                "password": f"Aa1-{secrets.token_urlsafe(12)}",
                "sddl": template.sddl.replace(ENROLL, RESET),
            }
            for number, template in enumerate(PROBED)
        ],
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


def change_all(lab: Lab, records: t.Mapping[str, str], folder: Path) -> set[str]:
    """Which of the change records, by DN, alice may carry out: the others end with insufficient access rights."""
    password, skipped = folder / "password", folder / "skipped.ldif"
    password.touch(0o600)
    password.write_text(lab.credentials["accounts"]["alice"]["password"])
    command: list[str | Path] = ["ldapmodify", "-c", "-S", skipped, "-H", URL, "-x", "-D", "alice@corp.example"]
    done = subprocess.run(
        [*command, "-y", password],
        input="\n".join(f"dn: {dn}\nchangetype: modify\n{record}\n" for dn, record in records.items()),
        env=environment(lab),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = skipped.read_text().replace("\n ", "").splitlines() if skipped.exists() else []
    refused = {line[4:] for line in lines if line.startswith("dn: ")}
    assert set(re.findall(r"^ldap_modify: .+$", done.stderr, re.MULTILINE)) <= {REFUSED}, done.stderr
    return set(records) - refused


def alices_token(lab: Lab) -> set[str]:
    """The SIDs that the domain controller gives alice when she logs on, as its rootDSE tells her."""
    own = search(lab, "", "base", "(objectClass=*)", "tokenGroups")[""]
    return {sid_text(octets) for octets in own["tokenGroups"]}


def sid_text(octets: bytes) -> str:
    """The text of a SID (MS-DTYP 2.4.2)."""
    parts = [int.from_bytes(octets[start : start + 4], "little") for start in range(8, len(octets), 4)]
    return "-".join(["S-1", str(int.from_bytes(octets[2:8], "big")), *map(str, parts)])


def may_rewrite(entry: dict[str, list[bytes]], decisive: t.Callable[[str], bool]) -> bool:
    """Whether whoever asked may write owner, access control list, an attribute or a child that is O(decisive)."""
    found = (*entry.get("allowedAttributesEffective", ()), *entry.get("allowedChildClassesEffective", ()))
    return bool(int(entry["sDRightsEffective"][0]) & (OWNER | DACL)) or any(decisive(each.decode()) for each in found)

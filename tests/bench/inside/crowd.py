# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put many certificate templates into the database of a lab's domain controller.

For the system's Python, which has Samba's modules, in the lab: `/usr/bin/python3 -m tests.bench.inside.crowd COUNT`.
One transaction on the database itself; over LDAP it would take more than twice as long. Nothing is done when they are
there already.

The templates are duplicates of the 33 built-in ones as the console makes them, of schema versions 2, 3 and 4. No two
have the same security: five to nine entries, for some of the groups that are made with them. So nobody gains by
remembering descriptors.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Any

import ldb
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack

from lab import estate
from lab.forest import catalogue, database
from lab.layout import Layout

PREFIX = "Bench"
GROUPS = 200
_GLOBAL_SECURITY_GROUP = "-2147483646"

#: flags: a duplicate loses IS_DEFAULT and gets IS_MODIFIED.
_IS_DEFAULT, _IS_MODIFIED = 0x10000, 0x20000
#: Schema version and compatibility bits of msPKI-Private-Key-Flag, in the proportion in which they occur here.
_KINDS = ((2, 0x01010000), (2, 0x01010000), (2, 0x03030000), (3, 0x03030000), (4, 0x06060000))
_ALGORITHMS = ("RSA", "RSA", "ECDSA_P256")


def triplets(algorithm: str) -> str:
    """The value of msPKI-RA-Application-Policies of a template with a key storage provider."""
    usage = 16777215 if algorithm == "RSA" else 2
    words = {
        "msPKI-Asymmetric-Algorithm": ("PZPWSTR", algorithm),
        "msPKI-Hash-Algorithm": ("PZPWSTR", "SHA256"),
        "msPKI-Key-Usage": ("DWORD", str(usage)),
        "msPKI-Symmetric-Algorithm": ("PZPWSTR", "3DES"),
        "msPKI-Symmetric-Key-Length": ("DWORD", "168"),
    }
    return "".join(f"{name}`{kind}`{value}`" for name, (kind, value) in words.items())


def template(number: int, data: dict[str, Any], oid_root: str) -> dict[str, list[bytes]]:
    """The attributes of the template O(number), without its security."""
    source = data["templates"][number % len(data["templates"])]
    version, compatibility = _KINDS[number % len(_KINDS)]
    values = catalogue.attributes(source, data["common"], oid_root)
    usages = values.get("pKIExtendedKeyUsage", [])
    changes: dict[str, Any] = {
        "cn": f"{PREFIX}{number:05}{source['cn']}",
        "displayName": f"{PREFIX} {number:05} {source['displayName']}",
        "msPKI-Cert-Template-OID": f"{oid_root}.{1000 + number}.{7 * number + 1}",
        "flags": source["flags"] & ~_IS_DEFAULT | _IS_MODIFIED,
        "revision": 100,
        "msPKI-Template-Minor-Revision": 1 + number % 9,
        "msPKI-Template-Schema-Version": version,
        "msPKI-Private-Key-Flag": source["msPKI-Private-Key-Flag"] & 0xFFFF | compatibility,
    }
    if version > 2:
        algorithm = _ALGORITHMS[number % len(_ALGORITHMS)]
        changes["msPKI-RA-Application-Policies"] = triplets(algorithm)
        changes["msPKI-Minimal-Key-Size"] = 2048 if algorithm == "RSA" else 256
        changes["pKIDefaultCSPs"] = ["1,Microsoft Software Key Storage Provider"]
    if number % 4 == 0:
        changes["msPKI-Supersede-Templates"] = [source["cn"]]
    if number % 6 == 0:
        changes["msPKI-Certificate-Policy"] = [f"{oid_root}.1.{400 + number % 3}"]
    values |= {name: catalogue.octets(name, value) for name, value in changes.items()}
    if usages:
        values["msPKI-Certificate-Application-Policy"] = usages
    return values


def descriptor(reader: str, *enrollers: str) -> str:
    """The security of a duplicate that one group may read and others may enroll for, all but the first of them by
    themselves.
    """
    entries = [f"(OA;;CR;{catalogue.ENROLL};;{sid})" for sid in enrollers]
    entries += [f"(OA;;CR;{catalogue.AUTOENROLL};;{sid})" for sid in enrollers[1:]]
    entries.append(f"(A;;LCRPRC;;;{reader})")
    administrators = "".join(f"(A;;{catalogue.FULL};;;{alias})" for alias in ("DA", "EA"))
    return f"O:EAG:EAD:PAI{''.join(entries)}{administrators}(A;;{catalogue.READ};;;AU)"


def groups(samdb: Any) -> list[str]:
    """Make the groups; returns their SIDs."""
    sids = []
    for number in range(GROUPS):
        dn = f"CN={PREFIX} Enrollers {number:03},CN=Users,{samdb.domain_dn()}"
        name = f"{PREFIX.lower()}-enrollers-{number:03}"
        samdb.add({"dn": dn, "objectClass": "group", "sAMAccountName": name, "groupType": _GLOBAL_SECURITY_GROUP})
        found = samdb.search(base=dn, scope=ldb.SCOPE_BASE, attrs=["objectSid"])
        sids.append(str(ndr_unpack(security.dom_sid, found[0]["objectSid"][0])))
    return sids


def fill(samdb: Any, count: int) -> None:
    """Add O(count) templates and their groups."""
    data = catalogue.load()
    services = f"CN=Public Key Services,CN=Services,{samdb.get_config_basedn()}"
    found = samdb.search(base=f"CN=OID,{services}", scope=ldb.SCOPE_BASE, attrs=["msPKI-Cert-Template-OID"])
    oid_root = str(found[0]["msPKI-Cert-Template-OID"][0])
    domain = security.dom_sid(samdb.get_domain_sid())
    sids = groups(samdb)
    # The same choices each time: two runs read the same forest.
    chance, used = random.Random(0), set[str]()
    for number in range(count):
        values = template(number, data, oid_root)
        while (sddl := descriptor(*chance.sample(sids, 2 + number % 3))) in used:
            pass
        used.add(sddl)
        packed = ndr_pack(security.descriptor.from_sddl(sddl, domain))
        dn = f"CN={values['cn'][0].decode()},CN=Certificate Templates,{services}"
        samdb.add({"dn": dn, "objectClass": "pKICertificateTemplate", **values, "nTSecurityDescriptor": packed})


def main(count: str) -> None:
    """Fill the database of the first domain controller, all or nothing."""
    layout = Layout(Path(os.environ["LAB_DIR"]))
    samdb = database.opened(layout.smb_conf(estate.DOMAIN_CONTROLLERS[0].name))
    if samdb.search(base=f"CN=Users,{samdb.domain_dn()}", expression=f"(cn={PREFIX} Enrollers 000)", attrs=["cn"]):
        return
    samdb.transaction_start()
    try:
        fill(samdb, int(count))
    except BaseException:
        samdb.transaction_cancel()
        raise
    samdb.transaction_commit()


if __name__ == "__main__":
    main(*sys.argv[1:])

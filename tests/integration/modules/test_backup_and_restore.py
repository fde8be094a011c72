# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide docs/backup-and-restore.md, its commands run as they are printed, and what they bring back."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest

from tools.tree import TOP

from .conftest import AUTHORITY, SERVICES, Ldapmodify, Ldapsearch, Modules
from .test_certificate_template import OIDS, SCEP, TEMPLATES
from .test_template_publication import SERVICE, published

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

GUIDE = (TOP / "docs" / "backup-and-restore.md").read_text(encoding="utf-8")
#: The template of the guide's commands.
NAME = "IntuneSCEP"

Dump: t.TypeAlias = dict[str, dict[str, list[bytes]]]


def commands(heading: str) -> str:
    """The commands below a heading of the guide."""
    section = re.split(r"^#+ ", GUIDE, flags=re.MULTILINE)
    (found,) = [part for part in section if part.partition("\n")[0] == heading]
    return "".join(re.findall(r"^```sh\n(.*?)^```$", found, re.MULTILINE | re.DOTALL))


def not_restored() -> set[str]:
    """The attributes that the guide says do not come back."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", GUIDE, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


class Shell:
    """What somebody types who follows the guide."""

    def __init__(self, lab: Lab, home: Path) -> None:
        self.lab = lab
        self.home = home

    def __call__(self, *headings: str) -> str:
        script = "set -eu\n" + commands("Bring it back") + "".join(map(commands, headings))
        password = self.lab.credentials["accounts"]["pkiadmin"]["password"]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            ["bash", "-c", script],
            # Each command that asks for the password gets it.
            input=f"{password}\n" * (script.count("kinit") + script.count(" -W")),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            # No terminal: they ask the standard input.
            start_new_session=True,
            env={
                "HOME": str(self.home),
                "PATH": "/usr/bin:/bin",
                "LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"),
                "KRB5CCNAME": f"FILE:{self.home}/ccache",
                **{key: value for key, value in os.environ.items() if key.startswith("KRB5_")},
            },
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def shell(lab: Lab, home: Path) -> Shell:
    return Shell(lab, home)


def dump(ldapsearch: Ldapsearch, *bases: str) -> Dump:
    """Everything below the bases but what does not come back; values in order, since a directory has none."""
    ignored = not_restored()
    assert {"objectGUID", "whenChanged", "uSNChanged", "objectSid"} <= ignored
    found = {
        dn: entry
        for base in bases
        for dn, entry in ldapsearch(base, "(objectClass=*)", "*", "nTSecurityDescriptor").items()
    }
    assert all("nTSecurityDescriptor" in entry for entry in found.values())
    return {
        dn: {key: sorted(values) for key, values in entry.items() if key not in ignored} for dn, entry in found.items()
    }


def unlike(before: Dump, after: Dump) -> list[tuple[str, str, list[bytes], list[bytes]]]:
    """DN, attribute and both values of all that differs."""
    return [
        (dn, name, before.get(dn, {}).get(name, []), after.get(dn, {}).get(name, []))
        for dn in sorted({*before, *after})
        for name in sorted({*before.get(dn, {}), *after.get(dn, {})})
        if before.get(dn, {}).get(name) != after.get(dn, {}).get(name)
    ]


def made(modules: Modules, **more: t.Any) -> None:
    assert not modules.template(NAME, **{**SCEP, "display_name": "Intüne SCEP", **more})["failed"]
    assert not modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [NAME]})[
        "failed"
    ]


@pytest.mark.parametrize("way", ["With Kerberos", "With a password, inside TLS"])
def test_deleted_template_comes_back_byte_for_byte(
    way: str, modules: Modules, ldapsearch: Ldapsearch, shell: Shell, home: Path
) -> None:
    made(modules)
    before = dump(ldapsearch, SERVICES)
    done = modules.template(NAME, state="absent")
    assert NAME.encode() not in published(ldapsearch)
    assert done["backup_file"].startswith(f"{home}/certops-intune-backups/")
    assert stat.S_IMODE(Path(done["backup_file"]).stat().st_mode) == 0o600
    assert len(dump(ldapsearch, SERVICES)) == len(before) - 2
    shown = shell("Find the file, and read it", way, *(["See that it is back"] if way == "With Kerberos" else []))
    assert f"# State before: certificate_template {NAME}\n" in shown
    assert shown.count("changetype: add\n") == 2
    assert unlike(before, dump(ldapsearch, SERVICES)) == []
    if way == "With Kerberos":
        assert "displayName:: SW50w7xuZSBTQ0VQ" in shown
        assert "nTSecurityDescriptor:: " in shown
    again = modules.template(NAME, **SCEP, display_name="Intüne SCEP")
    assert (again["failed"], again["changed"]) == (False, False)


@pytest.mark.parametrize("inherits", [False, True])
def test_changed_template_goes_back(inherits: bool, modules: Modules, ldapsearch: Ldapsearch, shell: Shell) -> None:
    made(modules, inherit_rights=inherits)
    before = dump(ldapsearch, TEMPLATES, OIDS)
    changed: dict[str, t.Any] = {
        "display_name": "Other",
        "general": {"validity_period": "3 years"},
        "issuance_requirements": {"authorized_signatures": 1},
        "superseded_templates": {"add": ["User"]},
        "rights": {"set": [{"principal": "Enterprise Admins", "rights": ["full_control"]}]},
        "owner": "Domain Admins",
    }
    assert modules.template(NAME, check=True, **changed)["changed"]
    assert "backup_file" not in modules.template(NAME, check=True, **changed)
    done = modules.template(NAME, **changed)
    assert done["changed"]
    after = dump(ldapsearch, TEMPLATES, OIDS)
    assert after != before
    shown = shell("Find the file, and read it", "With Kerberos", "Changed, not deleted")
    assert unlike(before, dump(ldapsearch, TEMPLATES, OIDS)) == []
    assert "!modifying entry" in shown, "-n shows and does nothing"
    assert "backup_file" not in modules.template(NAME, **SCEP, display_name="Intüne SCEP")


def test_list_of_an_authority_goes_back_and_what_others_published_since_stays(
    modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify
) -> None:
    before = published(ldapsearch)
    wanted: dict[str, t.Any] = {"certification_authority": AUTHORITY, "templates": {"set": ["User", "CrossCA"]}}
    done = modules.run("template_publication", **wanted)
    try:
        assert published(ldapsearch) == [b"CrossCA", b"User"]
        others = f"dn: {SERVICE}\nchangetype: modify\nadd: certificateTemplates\ncertificateTemplates: CAExchange\n"
        ldapmodify(others)
        ldapmodify(Path(done["backup_file"]).read_text(encoding="ascii"))
        assert published(ldapsearch) == sorted([*before, b"CAExchange"])
    finally:
        modules.run(
            "template_publication",
            certification_authority=AUTHORITY,
            templates={"set": [value.decode() for value in before]},
        )


def test_folder_of_the_option_is_used_and_nothing_else(modules: Modules, home: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "kept"
    modules.template(name, **SCEP)
    done = modules.template(name, general={"validity_period": "3 years"}, backup_dir=str(folder))
    assert [str(path) for path in folder.iterdir()] == [done["backup_file"]]
    assert not (home / "certops-intune-backups").exists()
    assert "backup_file" not in modules.template(name, general={"validity_period": "3 years"}, backup_dir=str(folder))
    assert len(list(folder.iterdir())) == 1


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system without room, mounted in the lab alone."""
    folder = tmp_path / "full"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=0700", "none", folder], check=True)
    (folder / "fill").write_bytes(bytes(4096))
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    "wanted", [{"state": "absent"}, {"general": {"validity_period": "3 years"}}], ids=["deletion", "change"]
)
def test_full_disk_stops_a_template_before_the_first_write(
    wanted: dict[str, t.Any], modules: Modules, ldapsearch: Ldapsearch, full: Path, name: str
) -> None:
    modules.template(name, **SCEP)
    modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [name]})
    before = dump(ldapsearch, SERVICES)
    result = modules.template(name, backup_dir=str(full), **wanted)
    assert result["msg"] == no_room(full)
    assert result["cause"] == "backup_failed"
    assert [path.name for path in full.iterdir()] == ["fill"], "no part of a file is left"
    assert unlike(before, dump(ldapsearch, SERVICES)) == []


def test_full_disk_stops_a_publication_before_the_first_write(
    modules: Modules, ldapsearch: Ldapsearch, full: Path
) -> None:
    before = published(ldapsearch)
    result = modules.run(
        "template_publication", certification_authority=AUTHORITY, templates={"set": []}, backup_dir=str(full)
    )
    assert result["msg"] == no_room(full)
    assert [path.name for path in full.iterdir()] == ["fill"]
    assert published(ldapsearch) == before


def no_room(folder: Path) -> str:
    return (
        f"Failed to write the backup ({folder}): without it nothing was changed in the directory (No space left on "
        "device, errno 28). Remedy: make room there, or give another folder as backup_dir."
    )


def test_delegated_rights_go_back(modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify) -> None:
    """Lists of containers, with entries that they inherit and pass on."""
    places = (SERVICES, f"OU=Service Accounts,{SERVICES.partition('CN=Configuration,')[2]}")
    before = dump(ldapsearch, *places)
    done = modules.run(
        "pki_delegation",
        principal="CORP\\PKI Operators",
        tasks=["templates", "publication", "accounts"],
        organizational_unit=places[1],
    )
    assert (done["failed"], done["changed"]) == (False, True)
    changed = {dn for dn, _name, _old, _new in unlike(before, dump(ldapsearch, *places))}
    assert {TEMPLATES, OIDS, SERVICE, places[1]} <= changed
    ldapmodify(Path(done["backup_file"]).read_text(encoding="ascii"))
    assert unlike(before, dump(ldapsearch, *places)) == []


def test_service_principal_names_go_back_and_those_of_others_stay(
    modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, name: str
) -> None:
    def names() -> list[bytes]:
        ((_dn, entry),) = ldapsearch("DC=corp,DC=example", "(sAMAccountName=svc-ndes)", "servicePrincipalName").items()
        return sorted(entry.get("servicePrincipalName", []))

    first, second, third = (f"http/{part}-{name}.corp.example".lower() for part in ("a", "b", "c"))
    before = names()
    modules.run("service_principal_name", name="svc-ndes", service_principal_names={"add": [first]})
    edited = modules.run(
        "service_principal_name", name="svc-ndes", service_principal_names={"add": [second], "remove": [first]}
    )
    modules.run("service_principal_name", name="svc-ndes", service_principal_names={"add": [third]})
    ldapmodify(Path(edited["backup_file"]).read_text(encoding="ascii"))
    assert names() == sorted([*before, first.encode(), third.encode()])
    modules.run("service_principal_name", name="svc-ndes", service_principal_names={"remove": [first, third]})
    assert names() == before

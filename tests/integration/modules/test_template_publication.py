# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""template_publication and certification_authority_info against the lab's forest.

Read back with ldapsearch and openssl.
"""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from .conftest import AUTHORITY, SERVICES, Ldapsearch, Modules
from .test_certificate_template import SCEP

if t.TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Lab

SERVICE = f"CN={AUTHORITY},CN=Enrollment Services,{SERVICES}"


def published(ldapsearch: Ldapsearch) -> list[bytes]:
    (found,) = ldapsearch(SERVICE, "(objectClass=*)", "certificateTemplates", scope="base").values()
    return sorted(found["certificateTemplates"])


@pytest.mark.requirement("SCEP-044", "SCEP-045", "PKCS-029")
@pytest.mark.parametrize(
    "authority", [AUTHORITY, AUTHORITY.upper(), "ca1.corp.example", f"ca1.corp.example\\{AUTHORITY}"]
)
def test_template_is_published_and_taken_back(
    authority: str, modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    modules.template(name, **SCEP)
    before = published(ldapsearch)
    wanted: dict[str, t.Any] = {"certification_authority": authority, "templates": {"add": [name.upper()]}}
    rehearsed = modules.run("template_publication", check=True, **wanted)
    assert (rehearsed["failed"], rehearsed["changed"], published(ldapsearch)) == (False, True, before)
    done = modules.run("template_publication", **wanted)
    assert done["changed"]
    assert done["diff"] == rehearsed["diff"]
    assert published(ldapsearch) == sorted([*before, name.encode()])
    assert modules.run("template_publication", **wanted)["changed"] is False
    assert (
        name in modules.run("certification_authority_info", name=authority)["certification_authorities"][0]["templates"]
    )
    back = modules.run("template_publication", certification_authority=authority, templates={"remove": [name.lower()]})
    assert (back["changed"], published(ldapsearch)) == (True, before)


def test_set_is_the_whole_list_and_can_be_undone(modules: Modules, ldapsearch: Ldapsearch) -> None:
    before = [value.decode() for value in published(ldapsearch)]
    done = modules.run(
        "template_publication", certification_authority=AUTHORITY, templates={"set": ["user", "WebServer"]}
    )
    assert published(ldapsearch) == [b"User", b"WebServer"]
    assert done["templates"] == ["User", "WebServer"]
    modules.run("template_publication", certification_authority=AUTHORITY, templates={"set": before})
    assert [value.decode() for value in published(ldapsearch)] == before


def test_expected_templates_count_in_check_mode_only(modules: Modules, name: str) -> None:
    wanted: dict[str, t.Any] = {
        "certification_authority": AUTHORITY,
        "templates": {"add": [name]},
        "expected_templates": [name],
    }
    assert modules.run("template_publication", check=True, **wanted)["changed"]
    refused = modules.run("template_publication", **wanted)
    assert refused["msg"] == f"templates.add: '{name}' is not a template of this forest; an authority would ignore it"


@pytest.mark.requirement("SCEP-002", "SCEP-017", "PKCS-003", "PKCS-017")
def test_authority_is_described_and_its_root_written(lab: Lab, modules: Modules, tmp_path: Path) -> None:
    target = tmp_path / "root.cer"
    wanted: dict[str, t.Any] = {"name": AUTHORITY, "root_certificate_path": str(target)}
    assert modules.run("certification_authority_info", check=True, **wanted)["changed"]
    assert not target.exists()
    done = modules.run("certification_authority_info", **wanted)
    assert done["changed"]
    assert modules.run("certification_authority_info", **wanted)["changed"] is False
    (authority,) = done["certification_authorities"]
    assert authority["config"] == f"ca1.corp.example\\{AUTHORITY}"
    assert (authority["in_ntauth"], authority["expired"], authority["issues_by_templates"]) == (True, False, True)

    def openssl(*arguments: str, text: str | None = None) -> str:
        return subprocess.run(["openssl", *arguments], input=text, capture_output=True, check=True, text=True).stdout

    # The file is the lab's root, self-signed, and verifies the authority's own certificate.
    shown = openssl(
        "x509", "-inform", "DER", "-in", str(target), "-noout", "-fingerprint", "-sha1", "-subject", "-issuer"
    )
    fingerprint, subject, issuer = shown.splitlines()
    assert fingerprint.partition("=")[2].replace(":", "") == authority["root_thumbprint"]
    assert subject.removeprefix("subject=") == issuer.removeprefix("issuer=")
    root = tmp_path / "root.pem"
    root.write_text(openssl("x509", "-inform", "DER", "-in", str(target)))
    leaf = tmp_path / "ca.pem"
    leaf.write_text(authority["certificate"])
    assert openssl("verify", "-CAfile", str(root), str(leaf)).strip() == f"{leaf}: OK"
    assert authority["chain"] == [authority["certificate"], root.read_text()]
    expires = openssl("x509", "-in", str(leaf), "-noout", "-enddate", "-dateopt", "iso_8601").partition("=")[2].strip()
    assert expires == authority["not_valid_after"].replace("T", " ").replace("+00:00", "Z")

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every built-in template exported and made again under another name.

Compared attribute by attribute with ldapsearch.
"""

from __future__ import annotations

import typing as t

import pytest
import yaml

from lab.forest import catalogue

from .conftest import SERVICES, Ldapsearch, Modules

TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
BUILT_IN = [template["cn"] for template in catalogue.load()["templates"]]

#: What must differ: names, OID, who and when, the revisions, and what follows from them.
OWN = {
    "cn", "name", "distinguishedName", "displayName", "objectGUID", "whenCreated", "whenChanged", "uSNCreated",
    "uSNChanged", "msPKI-Cert-Template-OID", "revision", "msPKI-Template-Minor-Revision", "nTSecurityDescriptor",
    "dSCorePropagationData",
}  # fmt: skip


def test_there_are_33_built_in_templates() -> None:
    assert len(BUILT_IN) == 33


@pytest.mark.parametrize("built_in", BUILT_IN)
def test_built_in_template_made_again_is_equal(
    built_in: str, modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    (exported,) = modules.run("certificate_template_info", **exporting(built_in))["templates"]
    options: dict[str, t.Any] = yaml.safe_load(exported["yaml"])
    assert options == exported["options"]
    made = modules.template(**{**options, "name": name, "display_name": name})
    assert (made["failed"], made["changed"]) == (False, True), made.get("msg")

    (original,) = ldapsearch(TEMPLATES, f"(cn={built_in})").values()
    (copy,) = ldapsearch(TEMPLATES, f"(cn={name})").values()
    different = {
        attribute: (original.get(attribute), copy.get(attribute))
        for attribute in {*original, *copy} - OWN
        if sorted(original.get(attribute, [])) != sorted(copy.get(attribute, []))
    }
    assert different == {}
    assert entries(modules, built_in) == entries(modules, name)
    assert modules.template(**{**options, "name": name, "display_name": name})["changed"] is False


def exporting(name: str) -> dict[str, t.Any]:
    return {"name": [name], "as": "options"}


def entries(modules: Modules, name: str) -> list[t.Any]:
    """The access control entries, with the exact masks."""
    (facts,) = modules.run("certificate_template_info", name=[name])["templates"]
    assert facts["inherited_rights"] == []
    return t.cast(list[t.Any], facts["rights"])

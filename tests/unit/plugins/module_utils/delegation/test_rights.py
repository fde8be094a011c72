# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the data of a delegation: entries, completeness beside what the modules write, and the guide's table."""

from __future__ import annotations

import ast
import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import writes
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import TEXTS
from ansible_collections.certops.intune.plugins.module_utils.delegation import rights
from ansible_collections.certops.intune.plugins.module_utils.delegation.rights import PLACES, RIGHTS, TASKS, Right
from ansible_collections.certops.intune.plugins.module_utils.directory import schema
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import ace_to_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

from tools.tree import TOP

SID = Sid.parse("S-1-5-21-1004336348-1177238915-682003330-1103")
GUIDE = TOP / "docs" / "delegated-operator.md"


def entry(right: Right) -> str:
    """The entry as the guide shows it: names for GUIDs, an ellipsis for the principal."""
    text = ace_to_sddl(right.ace(SID)).replace(str(SID), "…")
    for name, guid in schema.GUIDS.items():
        text = text.replace(str(guid), name)
    return text


def table() -> str:
    lines = ["| Task | Object | Right | Entry | Why |", "|---|---|---|---|---|"]
    lines.extend(
        f"| `{right.task}` | {PLACES[right.place]} | {right.words} | `{entry(right)}` | {right.why} |"
        for right in RIGHTS
    )
    return "\n".join(lines)


def test_the_guide_shows_the_rights() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    found = re.search(r"<!-- rights -->\n(.*)\n<!-- end of rights -->", guide, re.DOTALL)
    assert found
    assert found[1] == table()


@pytest.mark.parametrize(
    ("words", "sddl"),
    [
        ("create certificate templates", "OA;;CC;pKICertificateTemplate;;…"),
        ("create OID objects", "OA;;CC;msPKI-Enterprise-Oid;;…"),
        ("manage the template, without enrolling", "A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;…"),
        ("write certificateTemplates", "OA;;WP;certificateTemplates;;…"),
        ("reset passwords of users", "OA;CINPIO;CR;User-Force-Change-Password;user;…"),
        ("read and delete gMSAs", "OA;CINPIO;LCRPSDRC;;msDS-GroupManagedServiceAccount;…"),
        ("write servicePrincipalName of users", "OA;CINPIO;WP;servicePrincipalName;user;…"),
        ("write member", "OA;;WP;member;;…"),
    ],
)
def test_entries(words: str, sddl: str) -> None:
    (right,) = [right for right in RIGHTS if right.words == words]
    assert entry(right) == sddl


def test_no_right_is_named_twice_and_every_task_and_place_has_one() -> None:
    assert len({(right.task, right.place, right.words) for right in RIGHTS}) == len(RIGHTS)
    assert len({(right.place, right.ace(SID)) for right in RIGHTS}) == len(RIGHTS)
    assert {right.task for right in RIGHTS} == set(TASKS)
    assert {right.place for right in RIGHTS} == set(PLACES)
    assert {name for right in RIGHTS for name in (right.about, right.of) if name} <= set(schema.GUIDS)


def test_nothing_wide_is_granted_but_on_templates_that_are_named() -> None:
    """No deletion of other objects, no list, no owner, no write without naming the attribute."""
    delete_child, write_property, write_dac, write_owner = 0x2, 0x20, 0x40000, 0x80000
    for right in RIGHTS:
        if right.place in ("template", "template_oid"):
            continue
        assert not right.mask & (delete_child | write_dac | write_owner), right.words
        assert not right.mask & write_property or right.about in schema.ATTRIBUTES, right.words


def attributes(kind: str) -> set[str]:
    return {right.about for right in RIGHTS if right.of == kind and right.about in schema.ATTRIBUTES}


def test_what_is_written_to_accounts_is_granted() -> None:
    """Every attribute that the module service_account changes, by its own code, and no other one."""
    code = ast.parse((TOP / "plugins" / "module_utils" / "accounts" / "writes.py").read_text(encoding="utf-8"))
    assert writes.encode.__name__ == "encode"
    (encode,) = [node for node in code.body if isinstance(node, ast.FunctionDef) and node.name == "encode"]
    names = {
        node.value
        for node in ast.walk(encode)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in schema.GUIDS
    }
    written = {*names, *TEXTS, "servicePrincipalName"}
    only_managed = {"dNSHostName", "msDS-GroupMSAMembership"}
    assert attributes(rights.USER) == written - only_managed
    at_creation = {"sAMAccountName", "msDS-ManagedPasswordInterval"}
    assert attributes(rights.GMSA) == written | at_creation


def test_rights_of_a_task_on_a_place() -> None:
    assert [right.words for right in rights.rights_of(["templates", "publication"], "authority")] == [
        "write certificateTemplates"
    ]
    assert rights.rights_of(["templates"], "unit") == ()

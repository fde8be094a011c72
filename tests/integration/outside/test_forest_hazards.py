# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ESC5, control over objects of the public key services that are no templates, judged from outside.

The domain controller says what an ordinary user may write to objects that were built for it, and Certipy what it finds
wrong with the policies among them. Differences are in docs/hazards-compared.md.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import read_forest_hazards
from ansible_collections.certops.intune.plugins.module_utils.directory import options, session

from ..modules.conftest import connection
from . import compared
from .planting import OBJECTS, SERVICES, Planted, alices_token, may_rewrite, search

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Lab
    from .conftest import Found

DNS = {f"CN={each.name},{each.container},{SERVICES}": each for each in OBJECTS}
EFFECTIVE = ("allowedAttributesEffective", "allowedChildClassesEffective", "sDRightsEffective")


@pytest.fixture(scope="module")
def principals(planted: Planted, lab: Lab) -> dict[str, set[str]]:
    """What the collection tells alice of the set: name of an object to the SIDs of those who control it."""
    given = {name: spec.get("default") for name, spec in options.argument_spec().items()}
    with session.connect(options.settings_from({**given, **connection(lab, "alice")})) as opened:
        found = read_forest_hazards(opened)
    return {
        DNS[hazard.object].name: {principal.sid for principal in hazard.principals}
        for hazard in found
        if hazard.object in DNS
    }


@pytest.fixture(scope="module")
def hers(principals: dict[str, set[str]], planted: Planted, lab: Lab) -> set[str]:
    """The objects that alice controls by what the collection says and the groups that the server gives her."""
    token = alices_token(lab)
    return {name for name, sids in principals.items() if sids & token}


def differences(found: set[str]) -> set[tuple[str, str]]:
    return {(name, "ESC5") for name in found}


def of_the_set(said_by: str) -> set[tuple[str, str]]:
    return compared.explained(said_by, objects=True)


def test_the_set_has_every_kind_of_object_with_and_without_control() -> None:
    classes = {each.object_class for each in OBJECTS}
    assert len(classes) == 6
    for object_class in classes:
        names = {each.name for each in OBJECTS if each.object_class == object_class}
        assert {name for name in names if name.endswith("Nobody")}
        assert len(names) >= 3


def test_alice_controls_what_the_domain_controller_lets_her_write(planted: Planted, lab: Lab, hers: set[str]) -> None:
    found = search(lab, SERVICES, "sub", "(!(objectClass=pKICertificateTemplate))", *EFFECTIVE)
    writable = {each.name for dn, each in DNS.items() if may_rewrite(found[dn], each.decisive.__contains__)}
    assert differences(writable - hers) == of_the_set("domain controller")
    assert differences(hers - writable) == of_the_set("all but the domain controller")


def test_nothing_is_missed_that_certipy_finds_wrong_with_policies(
    planted: Planted, lab: Lab, principals: dict[str, set[str]], certipy_find: Callable[[str, str], Found]
) -> None:
    """Certipy calls it ESC13 of the policy: whoever controls it can link it to a group."""
    shown = certipy_find("alice", lab.credentials["accounts"]["alice"]["password"]).policies
    policies = {each.name for each in OBJECTS if each.container == "CN=OID"}
    reported = {name for name in policies if "ESC13" in (shown[name].get("[!] Vulnerabilities") or {})}
    assert len(reported) >= 8
    assert differences(reported - set(principals)) == of_the_set("Certipy")
    assert differences(set(principals) & policies - reported) == of_the_set("collection")


def test_objects_that_only_administrators_control_are_not_reported(principals: dict[str, set[str]]) -> None:
    assert {name for name in principals if name.endswith("Nobody")} == set()


def test_control_of_a_service_account_is_reported_with_the_account(
    principals: dict[str, set[str]], planted: Planted
) -> None:
    assert principals["JudgedPolicyService"] == {planted.sids["svc-ndes"]}

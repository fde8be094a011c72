# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused and how that is told, what is inherited, and whose objects are an authority's own."""

from __future__ import annotations

from uuid import UUID

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import (
    HazardError,
    forest,
    known,
    refuse,
    warnings,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.inheritance import inherited_entries
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import Ace

from .people import SIDS, hazards, security

SERVICES = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"
ANY = Template("T", schema_version=2, name_flags=1, security=security("allow enroll staff"))


def test_refused_hazards_are_told_with_principals_remedy_and_the_way_to_allow_them() -> None:
    found = hazards(ANY)
    assert {id_: hazard.refused for id_, hazard in found.items()} == {
        "ESC1": True,
        "ESC2": True,
        "ESC3": False,
        "ESC17": False,
    }
    with pytest.raises(HazardError) as caught:
        refuse(found.values(), ())
    text = str(caught.value)
    assert text.startswith("Refused as dangerous, and nothing was written. Template 'T': ESC1 (the requester chooses ")
    assert text.endswith("Whoever wants this nevertheless allows it by name: allow_hazards: [ESC1, ESC2].")
    for id_ in ("ESC1", "ESC2"):
        assert f"{found[id_].sentence} Remedy: {found[id_].remedy}." in text
    assert "ESC3" not in text
    with pytest.raises(HazardError, match=r"allow_hazards: \[ESC2\]\.$"):
        refuse(found.values(), ["ESC1", "ESC4"])
    refuse(found.values(), ["ESC2", "ESC1"])
    assert [warning.partition(",")[0] for warning in warnings(found.values())] == [
        "Template 'T' has the hazard ESC1",
        "Template 'T' has the hazard ESC2",
    ]


@pytest.mark.parametrize(
    ("flags", "inherited_object_type", "expected"),
    [
        (0x00, None, None),
        (0x01, None, None),
        (0x02, None, 0x12),
        (0x0A, None, 0x12),
        (0x02, known.TEMPLATE_CLASS, 0x12),
        (0x02, known.OID_CLASS, None),
    ],
)
def test_inherited_entries(flags: int, inherited_object_type: UUID | None, expected: int | None) -> None:
    ace = Ace(0x05, flags, 0x100, SIDS["staff"], None, inherited_object_type)
    found = inherited_entries([ace], None)
    assert [(each.flags, each.sid) for each in found] == ([] if expected is None else [(expected, SIDS["staff"])])


def test_creator_owner_becomes_the_owner() -> None:
    ace = Ace(0x00, 0x0A, 0xF01FF, SIDS["creator owner"])
    (found,) = inherited_entries([ace], SIDS["alice"])
    assert found.sid == SIDS["alice"]
    assert inherited_entries([ace], None) == ()


@pytest.mark.parametrize(
    ("dn", "own"),
    [
        (f"CN=CORP Issuing CA 1,CN=Enrollment Services,{SERVICES}", True),
        (f"CN=CORP Issuing CA 1,CN=AIA,{SERVICES}", True),
        (f"CN=CORP Issuing CA 1(1),CN=ca1,CN=CDP,{SERVICES}", True),
        (f"CN=ca1,CN=CDP,{SERVICES}", True),
        (f"CN=CORP Issuing CA 10,CN=AIA,{SERVICES}", False),
        (f"CN=CORP Root CA,CN=AIA,{SERVICES}", False),
        (f"CN=NTAuthCertificates,{SERVICES}", False),
        (SERVICES, False),
    ],
)
def test_objects_of_an_authority(dn: str, own: bool) -> None:
    assert forest._Authority("CORP Issuing CA 1", "ca1.corp.example", None).owns(dn) is own

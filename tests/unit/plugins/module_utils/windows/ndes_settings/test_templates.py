# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which templates may be written into which slot."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.templates import (
    USAGES,
    check,
    configured_authority,
)
from hypothesis import given
from hypothesis import strategies as st

SIGN, ENCRYPT, BOTH = 0x80, 0x20, 0xA0

TEMPLATES = (
    Template("IntuneSCEP", "Intune SCEP", schema_version=2, key_usage=bytes([BOTH])),
    Template("ScepSign", "Scep Sign", schema_version=2, key_usage=bytes([SIGN | 0x40, 0])),
    Template("ScepEncrypt", "Scep Encrypt", schema_version=2, key_usage=bytes([ENCRYPT | 0x10])),
    Template("ScepNothing", "Scep Nothing", schema_version=2),
    Template("ScepNew", "Scep New", schema_version=4, key_usage=bytes([BOTH])),
    Template("Unpublished", "Scep Unpublished", schema_version=2, key_usage=bytes([BOTH])),
)
PUBLISHED = ("intunescep", "ScepSign", "ScepEncrypt", "ScepNothing", "ScepNew")
CA1 = store.StoredAuthority("CN=CORP Issuing CA 1", "CORP Issuing CA 1", "ca1.corp.example", PUBLISHED)
CA2 = store.StoredAuthority("CN=CORP Issuing CA 2", "CORP Issuing CA 2", "ca2.corp.example", ())
SNAPSHOT = store.Snapshot(
    tuple(store.StoredTemplate(f"CN={one.name}", Entry(f"CN={one.name}", {}), one) for one in TEMPLATES),
    (),
    (CA1, CA2),
    None,
)


@pytest.mark.parametrize(
    "slot, name, spelled",
    [
        ("general_purpose", "IntuneSCEP", "IntuneSCEP"),
        ("general_purpose", "INTUNESCEP", "IntuneSCEP"),
        ("signature", "scepsign", "ScepSign"),
        ("encryption", "ScepEncrypt", "ScepEncrypt"),
    ],
)
def test_a_template_that_serves_its_slot(slot: str, name: str, spelled: str) -> None:
    found = check({slot: name}, SNAPSHOT, CA1)
    assert (dict(found.names), found.warnings) == ({slot: spelled}, ())


@pytest.mark.requirement("SCEP-061")
def test_a_display_name_is_refused_and_the_name_told() -> None:
    told = "templates.signature: 'Scep sign' is the display name of template 'ScepSign'; write ScepSign"
    with pytest.raises(OptionError, match=f"^{told}$"):
        check({"signature": "Scep sign"}, SNAPSHOT, CA1)


SIGNS, ENCRYPTS = "digital signature without key encipherment", "key encipherment without digital signature"
DOES_BOTH, NEITHER = "digital signature and key encipherment", "neither digital signature nor key encipherment"


@pytest.mark.parametrize(
    "slot, name, has, wants, hint",
    [
        ("signature", "IntuneSCEP", DOES_BOTH, SIGNS, "it is one for templates.general_purpose"),
        ("general_purpose", "ScepSign", SIGNS, DOES_BOTH, "it is one for templates.signature"),
        ("general_purpose", "ScepEncrypt", ENCRYPTS, DOES_BOTH, "it is one for templates.encryption"),
        ("encryption", "ScepNothing", NEITHER, ENCRYPTS, "it serves no device"),
    ],
)
def test_a_template_for_another_use(slot: str, name: str, has: str, wants: str, hint: str) -> None:
    told = f"templates.{slot}: '{name}' has the key usage {has}, and this slot is for {wants}; {hint}"
    with pytest.raises(OptionError, match=f"^{re.escape(told)}$"):
        check({slot: name}, SNAPSHOT, CA1)


def test_a_template_that_there_is_not() -> None:
    with pytest.raises(OptionError, match=r"^templates.signature: 'NoSuch' is not a template of this forest$"):
        check({"signature": "NoSuch"}, SNAPSHOT, CA1)


def test_a_template_that_is_not_published() -> None:
    told = (
        r"templates.general_purpose: 'Unpublished' is not issued by 'ca1.corp.example\CORP Issuing CA 1', which would "
        "deny every request; publish it there with certops.intune.template_publication"
    )
    with pytest.raises(OptionError, match=f"^{re.escape(told)}$"):
        check({"general_purpose": "Unpublished"}, SNAPSHOT, CA1)


def test_a_template_of_a_newer_version_is_warned_of() -> None:
    [warning] = check({"general_purpose": "ScepNew"}, SNAPSHOT, CA1).warnings
    assert warning.startswith("templates.general_purpose: 'ScepNew' is a template of version 4;")


def test_without_an_authority_publication_is_not_checked_and_that_is_said() -> None:
    found = check({"general_purpose": "Unpublished"}, SNAPSHOT, None)
    assert found.names == {"general_purpose": "Unpublished"}
    [warning] = found.warnings
    assert warning.startswith("templates: whether they are published was not checked")
    with pytest.raises(OptionError, match="has the key usage"):
        check({"signature": "Unpublished"}, SNAPSHOT, None)


@pytest.mark.parametrize(
    "name, expected, spelled",
    [
        ("Planned", ["planned"], "Planned"),
        ("unpublished", ["Unpublished"], "Unpublished"),
    ],
)
def test_what_an_earlier_task_would_have_made(name: str, expected: list[str], spelled: str) -> None:
    assert check({"general_purpose": name}, SNAPSHOT, CA1, expected).names == {"general_purpose": spelled}
    with pytest.raises(OptionError):
        check({"general_purpose": name}, SNAPSHOT, CA1)


def test_a_template_that_cannot_be_read_is_told() -> None:
    broken = Entry("CN=Broken,DC=x", {"cn": [b"Broken"]})
    snapshot = store.Snapshot((), (), (CA1,), None, ((broken, "attribute flags: no number"),))
    with pytest.raises(ValueError, match="CN=Broken,DC=x: attribute flags: no number; repair the object"):
        check({"signature": "broken"}, snapshot, CA1)


CONFIG = r"ca1.corp.example\CORP Issuing CA 1"


@pytest.mark.parametrize(
    "asked, has, found",
    [
        (None, CONFIG, CA1),
        (None, r"CA1\corp issuing ca 1", CA1),
        (None, None, None),
        ("CORP Issuing CA 2", None, CA2),
        ("ca1.corp.example", CONFIG, CA1),
        (CONFIG, CONFIG.upper(), CA1),
    ],
)
def test_the_authority(asked: str | None, has: str | None, found: store.StoredAuthority | None) -> None:
    assert configured_authority((CA1, CA2), asked, has) is found


@pytest.mark.parametrize(
    "asked, has, message",
    [
        ("No Such CA", None, "certification_authority: 'No Such CA' is not an enterprise certification authority"),
        (None, r"ca9\Gone CA", "certification_authority: 'Gone CA' is not an enterprise certification authority"),
        ("CORP Issuing CA 2", CONFIG, r"certification_authority: NDES on this server asks .*CA 1', not .*CA 2'; leave"),
    ],
)
def test_an_authority_that_cannot_be(asked: str | None, has: str | None, message: str) -> None:
    with pytest.raises(OptionError, match=f"^{message}"):
        configured_authority((CA1, CA2), asked, has)


def serves(snapshot: store.Snapshot, slot: str) -> bool:
    try:
        check({slot: "X"}, snapshot, None)
    except OptionError:
        return False
    return True


@given(st.binary(max_size=2))
def test_every_key_usage_serves_one_slot_at_most(usage: bytes) -> None:
    template = Template("X", schema_version=2, key_usage=usage)
    snapshot = store.Snapshot((store.StoredTemplate("CN=X", Entry("CN=X", {}), template),), (), (), None)
    bits = (usage[0] if usage else 0) & BOTH
    wanted = {SIGN: ["signature"], ENCRYPT: ["encryption"], BOTH: ["general_purpose"], 0: []}[bits]
    assert [slot for slot in USAGES if serves(snapshot, slot)] == wanted

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the option rights as it is written."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import Entry
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_options import parse_rights, principals_of
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_plan import RightsEdit
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import Ace
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls

SIDS = dacls.SIDS
X, Y = SIDS["X"], SIDS["Y"]

Rights: t.TypeAlias = dict[str, t.Any]


def test_principals_of_all_lists() -> None:
    rights = {"add": [{"principal": "X"}], "remove": [{"principal": "Y"}, {"principal": "X"}], "set": None}
    assert principals_of(rights) == ["X", "Y", "X"]
    assert principals_of(None) == []


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        pytest.param(None, None, id="not given"),
        pytest.param({}, None, id="empty"),
        pytest.param({"add": None, "remove": None, "set": None}, None, id="no lists"),
        pytest.param({"set": []}, RightsEdit(set=()), id="nobody"),
        pytest.param({"set": [], "remove": []}, RightsEdit(set=(), remove=()), id="nobody to remove"),
        pytest.param(
            {"add": [{"principal": "X", "rights": ["read", "enroll"], "type": None, "access": None, "ace": None}]},
            RightsEdit(add=(Entry(X, "allow", frozenset({"read", "enroll"}), option="rights.add[1]"),)),
            id="words",
        ),
        pytest.param(
            {"remove": [{"principal": "X"}, {"principal": "Y", "type": "deny", "rights": []}]},
            RightsEdit(
                remove=(
                    Entry(X, option="rights.remove[1]"),
                    Entry(Y, "deny", option="rights.remove[2]"),
                )
            ),
            id="all rights of a principal",
        ),
        pytest.param(
            {"set": [{"principal": "X", "rights": ["enroll"], "access": "RPWPCR", "type": "deny"}]},
            RightsEdit(set=(Entry(X, "deny", frozenset({"enroll"}), 0x130, option="rights.set[1]"),)),
            id="mask in letters",
        ),
        pytest.param(
            {"add": [{"principal": "X", "rights": ["read"], "access": "0x20094"}]},
            RightsEdit(add=(Entry(X, "allow", frozenset({"read"}), 0x20094, option="rights.add[1]"),)),
            id="mask as a number",
        ),
        pytest.param(
            {"add": [{"principal": "X", "ace": f"OA;CI;WP;{dacls.OTHER};", "type": "allow"}]},
            RightsEdit(add=(Entry(X, ace=Ace(5, 2, 0x20, X, dacls.OTHER), option="rights.add[1]"),)),
            id="whole entry",
        ),
    ],
)
def test_edit(rights: Rights | None, expected: RightsEdit | None) -> None:
    assert parse_rights(rights, SIDS) == expected


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        pytest.param(
            {"set": [], "remove": [{"principal": "X"}]},
            "rights: set and remove exclude each other; leave out of set what is to go",
            id="set and remove",
        ),
        pytest.param({"add": [{"principal": "X"}]}, "rights.add[1]: names no rights for X", id="no rights"),
        pytest.param({"set": [{"principal": "X", "rights": []}]}, "rights.set[1]: names no rights for X", id="no word"),
        pytest.param(
            {"add": [{"principal": "X", "access": "RP"}]},
            "rights.add[1]: access is the exact mask of an entry; say with rights which one",
            id="mask without words",
        ),
        pytest.param(
            {"add": [{"principal": "Y", "rights": ["read"]}, {"principal": "X", "rights": ["read"], "access": "QQ"}]},
            "rights.add[2].access: 'QQ': access rights 'QQ' is none of CC, DC, LC, SW, RP, WP, DT, LO, CR, SD, "
            "RC, WD, WO, GA, GX, GW, GR, FA, FR, FW, FX, KA, KR, KW, KX",
            id="unknown letters",
        ),
        pytest.param(
            {"add": [{"principal": "X", "ace": "A;;RP;;", "rights": ["read"]}]},
            "rights.add[1]: ace is a whole entry; it excludes rights, access and type",
            id="entry and words",
        ),
        pytest.param(
            {"add": [{"principal": "X", "ace": "A;;RP;;", "type": "deny"}]},
            "rights.add[1]: ace is a whole entry; it excludes rights, access and type",
            id="entry and type",
        ),
        pytest.param(
            {"add": [{"principal": "X", "ace": "A;;RP;;;X"}]},
            "rights.add[1].ace: 'A;;RP;;;X' is not an ACE without trustee: type;flags;rights;object;inherited object",
            id="entry with its principal",
        ),
        pytest.param(
            {"add": [{"principal": "X", "ace": "A;;RP;enroll;"}]},
            "rights.add[1].ace: 'enroll' is not a GUID",
            id="entry with a word",
        ),
        pytest.param(
            {
                "add": [{"principal": "X", "rights": ["enroll", "read"]}],
                "remove": [{"principal": "X", "rights": ["read"]}],
            },
            f"rights.remove[1]: read of {X} is what rights.add[1] gives",
            id="added and removed",
        ),
        pytest.param(
            {"add": [{"principal": "X", "rights": ["manage"]}], "remove": [{"principal": "X", "rights": ["write"]}]},
            f"rights.remove[1]: write of {X} is what rights.add[1] gives",
            id="added with another word",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(rights: Rights, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_rights(rights, SIDS)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "rights",
    [
        {"add": [{"principal": "X", "rights": ["read"]}], "remove": [{"principal": "Y", "rights": ["read"]}]},
        {"add": [{"principal": "X", "rights": ["read"]}], "remove": [{"principal": "X"}]},
        {"add": [{"principal": "X", "rights": ["read"]}], "remove": [{"principal": "X", "rights": ["manage"]}]},
        {
            "add": [{"principal": "X", "rights": ["enroll"]}],
            "remove": [{"principal": "X", "rights": ["enroll"], "type": "deny"}],
        },
    ],
)
def test_what_only_looks_like_a_contradiction_is_taken(rights: Rights) -> None:
    assert parse_rights(rights, SIDS) is not None

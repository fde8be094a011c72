# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the words for rights: which entries mean which words, and which entries the console writes for them."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import (
    DENY,
    Entry,
    console_aces,
    exact_ace,
    granted,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.access import mapped
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.dacls import aces, text
from hypothesis import given, settings
from hypothesis import strategies as st

X = dacls.SIDS["X"]


@pytest.mark.parametrize(
    ("sddl", "words", "special"),
    [
        pytest.param("", "", 0, id="nothing"),
        pytest.param("(A;;LCRPRC;;;X)", "read", 0, id="read of the console"),
        pytest.param("(A;;LCRPLORC;;;X)", "read", 0, id="read of the built-in templates"),
        pytest.param("(A;;GR;;;X)", "read", 0, id="generic read"),
        pytest.param("(A;;LCRP;;;X)", "", 0x14, id="less than read"),
        pytest.param("(A;;WPWDWO;;;X)", "write", 0, id="write"),
        pytest.param("(A;;SWWPWDWO;;;X)", "write", 0, id="write of PSPKI"),
        pytest.param("(A;;GW;;;X)", "", 0x20028, id="generic write is less than write"),
        pytest.param("(A;;LCRPWPLORCWDWO;;;X)", "read write", 0, id="read and write"),
        pytest.param("(A;;LCRPRC;;;X)(A;;WPWDWO;;;X)", "read write", 0, id="in two entries"),
        pytest.param("(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;X)", "manage", 0, id="full control of the built-in templates"),
        pytest.param("(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;X)", "full_control", 0, id="full control"),
        pytest.param("(A;;GA;;;X)", "full_control", 0, id="generic all"),
        pytest.param("(A;;0xf01ff;;;X)", "full_control", 0, id="full control as a number"),
        pytest.param("(OA;;CR;enroll;;X)", "enroll", 0, id="enroll of the console"),
        pytest.param("(OA;;RPWPCR;enroll;;X)", "enroll", 0, id="enroll of the built-in templates"),
        pytest.param("(OA;;RPCR;enroll;;X)", "enroll", 0, id="enroll of read-only domain controllers"),
        pytest.param("(OA;;CR;autoenroll;;X)", "autoenroll", 0, id="autoenroll"),
        pytest.param("(OA;;RPWP;enroll;;X)", "", 0, id="not without control access"),
        pytest.param("(OA;;GA;enroll;;X)", "enroll", 0, id="generic all of one right"),
        pytest.param("(OA;;CR;other;;X)", "", 0, id="another extended right"),
        pytest.param("(A;;CR;;;X)", "enroll autoenroll", 0, id="all extended rights"),
        pytest.param("(OA;;CR;;;X)", "enroll autoenroll", 0, id="all extended rights in an object entry"),
        pytest.param("(A;;GX;;;X)", "", 0x20004, id="generic execute"),
        pytest.param("(A;;LCRPRCSD;;;X)", "read", 0x10000, id="read and delete"),
        pytest.param("(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", "read enroll", 0, id="read and enroll"),
        pytest.param("(A;ID;LCRPRC;;;X)", "read", 0, id="inherited"),
        pytest.param("(A;CIIO;LCRPRC;;;X)", "", 0, id="for children only"),
        pytest.param("(A;CI;LCRPRC;;;X)", "read", 0, id="for children as well"),
        pytest.param("(D;;LCRPRC;;;X)", "", 0, id="denied"),
        pytest.param("(A;;LCRPRC;;;Y)", "", 0, id="of somebody else"),
        pytest.param("(XA;;LCRPRC;;;X;#61727478)", "", 0, id="under a condition"),
        pytest.param("(0x04;;#0000000000)", "", 0, id="of unknown shape"),
    ],
)
def test_words_of_entries(sddl: str, words: str, special: int) -> None:
    found = granted(aces(sddl), X)
    assert (" ".join(found.words), found.special) == (words, special)


@pytest.mark.parametrize("word", ["full_control", "manage", "read", "write", "enroll", "autoenroll"])
def test_full_control_has_every_right(word: str) -> None:
    assert granted(aces("(A;;GA;;;X)"), X).has(word)


@pytest.mark.parametrize(
    ("sddl", "words"),
    [
        ("(D;;LCRPRC;;;X)", "read"),
        ("(OD;;CR;enroll;;X)", "enroll"),
        ("(D;;CR;;;X)", "enroll autoenroll"),
        ("(D;;GA;;;X)", "full_control"),
        ("(A;;GA;;;X)", ""),
    ],
)
def test_words_of_denials(sddl: str, words: str) -> None:
    assert " ".join(granted(aces(sddl), X, DENY).words) == words


@pytest.mark.parametrize(
    ("words", "kind", "sddl"),
    [
        ("enroll", "allow", "(OA;;CR;enroll;;X)"),
        ("autoenroll enroll", "allow", "(OA;;CR;enroll;;X)(OA;;CR;autoenroll;;X)"),
        ("read", "allow", "(A;;LCRPRC;;;X)"),
        ("write", "allow", "(A;;WPWDWO;;;X)"),
        ("read write", "allow", "(A;;LCRPWPLORCWDWO;;;X)"),
        ("enroll read", "allow", "(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)"),
        ("manage", "allow", "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;X)"),
        ("manage read write", "allow", "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;X)"),
        ("manage enroll", "allow", "(OA;;CR;enroll;;X)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;X)"),
        ("full_control", "allow", "(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;X)"),
        ("full_control enroll", "allow", "(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;X)"),
        ("enroll", "deny", "(OD;;CR;enroll;;X)"),
        ("read", "deny", "(D;;LCRPRC;;;X)"),
    ],
)
def test_entries_of_words(words: str, kind: str, sddl: str) -> None:
    assert text(console_aces(X, words.split(), kind)) == sddl


@settings(deadline=None)
@given(dacls.some_words, dacls.kinds)
def test_entries_of_words_mean_the_words(words: frozenset[str], kind: str) -> None:
    found = granted(console_aces(X, words, kind), X, kind)
    assert all(found.has(word) for word in words)
    assert found.special == 0


@pytest.mark.parametrize(
    ("mask", "bits"),
    [
        (0x80000000, 0x20094),
        (0x40000000, 0x20028),
        (0x20000000, 0x20004),
        (0x10000000, 0xF01FF),
        (0xA0010000, 0x30094),
        (0x20014, 0x20014),
    ],
)
def test_generic_rights_are_spelled_out(mask: int, bits: int) -> None:
    assert mapped(mask) == bits


@settings(deadline=None)
@given(st.integers(0, 0xFFFFFFFF))
def test_spelling_out_is_done_once(mask: int) -> None:
    assert mapped(mapped(mask)) == mapped(mask)


@pytest.mark.parametrize(
    ("words", "kind", "access", "sddl"),
    [
        ("enroll", "allow", 0x130, "(OA;;RPWPCR;enroll;;X)"),
        ("autoenroll", "deny", 0x100, "(OD;;CR;autoenroll;;X)"),
        ("read", "allow", 0x20094, "(A;;LCRPLORC;;;X)"),
        ("read write", "allow", 0xE00BC, "(A;;LCSWRPWPLORCWDWO;;;X)"),
        ("full_control", "allow", 0xF00FF, "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;X)"),
        ("full_control", "allow", 0x10000000, "(A;;GA;;;X)"),
    ],
)
def test_exact_entry(words: str, kind: str, access: int, sddl: str) -> None:
    entry = Entry(X, kind, frozenset(words.split()), access)
    assert text((exact_ace(entry),)) == sddl


@pytest.mark.parametrize(
    ("words", "access", "message"),
    [
        (
            "enroll autoenroll",
            0x100,
            "access describes one entry: give enroll and autoenroll in entries of their own",
        ),
        ("enroll read", 0x20114, "access describes one entry: give enroll and autoenroll in entries of their own"),
        ("enroll", 0x30, r"access of enroll must contain CR \(control access\)"),
        ("read", 0x100, "access does not contain all of read"),
        ("full_control read", 0x20014, "access does not contain all of full_control"),
        ("read write", 0, "access does not contain all of read, write"),
    ],
)
def test_mask_that_does_not_mean_its_words_is_refused(words: str, access: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        exact_ace(Entry(X, rights=frozenset(words.split()), access=access))

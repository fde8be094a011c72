# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the flag words: signed and unsigned, names and numbers."""

from __future__ import annotations

import re
from enum import IntEnum

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.flags import (
    EnrollmentFlag,
    GeneralFlag,
    NameFlag,
    PrivateKeyFlag,
    flag_names,
    flag_value,
    from_int32,
    to_int32,
)
from hypothesis import given, settings
from hypothesis import strategies as st

WORDS = (GeneralFlag, EnrollmentFlag, NameFlag, PrivateKeyFlag)


@pytest.mark.parametrize(
    ("unsigned", "signed"),
    [
        (0, 0),
        (1, 1),
        (0x7FFFFFFF, 2147483647),
        (0x80000000, -2147483648),
        (2785017856, -1509949440),  # User
        (0x82000000, -2113929216),  # ClientAuth
        (0xFFFFFFFF, -1),
    ],
)
def test_directory_stores_signed_numbers(unsigned: int, signed: int) -> None:
    assert to_int32(unsigned) == signed
    assert from_int32(signed) == unsigned
    assert from_int32(unsigned) == unsigned


@settings(deadline=None)
@given(st.integers(0, 0xFFFFFFFF))
def test_every_word_survives_the_directory(word: int) -> None:
    assert -(1 << 31) <= to_int32(word) < 1 << 31
    assert from_int32(to_int32(word)) == word


@pytest.mark.parametrize(
    ("kind", "value", "names"),
    [
        # The words of built-in templates, spelled out by MS-CRTD 3 and by hand from the tables of MS-CRTD 2.
        (GeneralFlag, 66106, "ADD_EMAIL PUBLISH_TO_DS EXPORTABLE_KEY AUTO_ENROLLMENT ADD_TEMPLATE_NAME IS_DEFAULT"),
        (GeneralFlag, 67600, "EXPORTABLE_KEY IS_CROSS_CA IS_DEFAULT"),
        (EnrollmentFlag, 41, "INCLUDE_SYMMETRIC_ALGORITHMS PUBLISH_TO_DS AUTO_ENROLLMENT"),
        (EnrollmentFlag, 20480, "ADD_OCSP_NOCHECK NOREVOCATIONINFOINISSUEDCERTS"),
        (EnrollmentFlag, 0x80000, "NO_SECURITY_EXTENSION"),
        (
            NameFlag,
            2785017856,
            "SUBJECT_ALT_REQUIRE_UPN SUBJECT_ALT_REQUIRE_EMAIL SUBJECT_REQUIRE_EMAIL SUBJECT_REQUIRE_DIRECTORY_PATH",
        ),
        (NameFlag, 0x9, "ENROLLEE_SUPPLIES_SUBJECT OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME"),
        (PrivateKeyFlag, 0x06060110, "EXPORTABLE_KEY USE_LEGACY_PROVIDER 0x6060000"),
        (PrivateKeyFlag, 0x3000, "ATTEST_PREFERRED ATTEST_REQUIRED"),
        (NameFlag, 0, ""),
        (EnrollmentFlag, 0x80100000, "0x80100000"),
    ],
)
def test_names_of_a_word(kind: type[IntEnum], value: int, names: str) -> None:
    assert flag_names(kind, value) == names.split()
    assert flag_value(kind, names.split()) == value


@settings(deadline=None)
@given(st.sampled_from(WORDS), st.integers(0, 0xFFFFFFFF))
def test_names_give_the_word_back_with_bits_that_nobody_named(kind: type[IntEnum], value: int) -> None:
    assert flag_value(kind, flag_names(kind, value)) == value


@pytest.mark.parametrize("kind", WORDS)
def test_each_flag_is_one_bit_of_its_own(kind: type[IntEnum]) -> None:
    assert all(flag.bit_count() == 1 for flag in kind)
    assert len({int(flag) for flag in kind}) == len(kind)


def test_names_are_read_in_any_case_and_numbers_beside_them() -> None:
    assert flag_value(EnrollmentFlag, ["pend_all_requests", "0x10", "0x80000000"]) == 0x80000012


@pytest.mark.parametrize(
    "name", ["PEND", "CT_FLAG_PEND_ALL_REQUESTS", "2", "0x", "0x123456789", "-0x1", "0xg", "0x2\n"]
)
def test_unknown_names_are_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"'{name}' is none of INCLUDE_SYMMETRIC_ALGORITHMS, PEND_ALL")):
        flag_value(EnrollmentFlag, [name])

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of search filters, compared with python-ldap's own escaping."""

from __future__ import annotations

import ldap.filter
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import filters
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("cn", "NDESIntune", "(cn=NDESIntune)"),
        ("cn", "*", r"(cn=\2a)"),
        ("cn", "a)(objectClass=*", r"(cn=a\29\28objectClass=\2a)"),
        ("cn", "back\\slash", r"(cn=back\5cslash)"),
        ("cn", "nul\0", r"(cn=nul\00)"),
        ("cn", "Åsa", "(cn=Åsa)"),
        ("cn", "", "(cn=)"),
        ("objectSid", b"\x01\x05\x00\xff*", r"(objectSid=\01\05\00\ff\2a)"),
        ("objectSid", b"", "(objectSid=)"),
    ],
)
def test_equals(attribute: str, value: str | bytes, expected: str) -> None:
    assert filters.equals(attribute, value) == expected


def test_present() -> None:
    assert filters.present("nETBIOSName") == "(nETBIOSName=*)"


@pytest.mark.parametrize(
    ("parts", "any_of", "all_of"),
    [
        (("(a=1)",), "(a=1)", "(a=1)"),
        (("(a=1)", "(b=2)"), "(|(a=1)(b=2))", "(&(a=1)(b=2))"),
        (("(a=1)", "(|(b=2)(c=3))"), "(|(a=1)(|(b=2)(c=3)))", "(&(a=1)(|(b=2)(c=3)))"),
    ],
)
def test_combinations(parts: tuple[str, ...], any_of: str, all_of: str) -> None:
    assert filters.any_of(*parts) == any_of
    assert filters.all_of(*parts) == all_of


@pytest.mark.parametrize("combine", [filters.any_of, filters.all_of])
def test_nothing_to_combine(combine: object) -> None:
    with pytest.raises(ValueError, match="no filters"):
        combine()  # type: ignore[operator]  # both are functions of any number of filters


@given(st.text())
def test_escape_as_python_ldap_does(text: str) -> None:
    assert filters.escape(text) == ldap.filter.escape_filter_chars(text)


@given(st.text())
def test_nothing_of_a_value_is_syntax(text: str) -> None:
    assert not set(filters.escape(text)) & set("*()\0")

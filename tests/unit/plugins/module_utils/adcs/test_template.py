# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of a template's form in the directory."""

from __future__ import annotations

import re
import typing as t
from dataclasses import asdict, replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import (
    SECURITY,
    Template,
    changed_attributes,
    decode,
    encode,
)
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest, strategies
from hypothesis import given, settings

#: Ticks of a year of 365 days and of six weeks.
YEAR, SIX_WEEKS = 315_360_000_000_000, 36_288_000_000_000


def test_there_are_33_built_in_templates() -> None:
    assert len(forest.BUILT_IN_NAMES) == 33


@pytest.mark.parametrize("name", forest.BUILT_IN_NAMES)
def test_built_in_templates_survive_byte_for_byte(name: str) -> None:
    attributes = forest.built_in_attributes()[name]
    template = decode(attributes)
    assert encode(template) == {
        attribute: values
        for attribute, values in attributes.items()
        if attribute not in (SECURITY, "showInAdvancedViewOnly")
    }
    assert template.security is not None
    assert template.security.to_bytes() == attributes[SECURITY][0]


def test_example_of_the_specification() -> None:
    # MS-CRTD 3, "certutil -v -dstemplate administrator", as the directory holds it.
    attributes = {
        "cn": [b"Administrator"],
        "displayName": [b"Administrator"],
        "flags": [b"66106"],
        "revision": [b"4"],
        "pKIDefaultKeySpec": [b"1"],
        "pKIKeyUsage": [bytes.fromhex("a000")],
        "pKIMaxIssuingDepth": [b"0"],
        "pKICriticalExtensions": [b"2.5.29.15"],
        "pKIExpirationPeriod": [bytes.fromhex("004039872ee1feff")],
        "pKIOverlapPeriod": [bytes.fromhex("0080a60affdeffff")],
        "pKIExtendedKeyUsage": [
            b"1.3.6.1.4.1.311.10.3.1",
            b"1.3.6.1.4.1.311.10.3.4",
            b"1.3.6.1.5.5.7.3.4",
            b"1.3.6.1.5.5.7.3.2",
        ],
        "pKIDefaultCSPs": [
            b"2,Microsoft Base Cryptographic Provider v1.0",
            b"1,Microsoft Enhanced Cryptographic Provider v1.0",
        ],
        "msPKI-RA-Signature": [b"0"],
        "msPKI-Enrollment-Flag": [b"41"],
        "msPKI-Private-Key-Flag": [b"16"],
        "msPKI-Certificate-Name-Flag": [b"-1509949440"],
        "msPKI-Minimal-Key-Size": [b"2048"],
        "msPKI-Template-Schema-Version": [b"1"],
        "msPKI-Template-Minor-Revision": [b"1"],
        "msPKI-Cert-Template-OID": [b"1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.1.7"],
    }
    assert decode(attributes) == Template(
        name="Administrator",
        display_name="Administrator",
        oid="1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.1.7",
        general_flags=0x1023A,
        revision=4,
        minor_revision=1,
        schema_version=1,
        name_flags=0xA6000000,
        enrollment_flags=0x29,
        private_key_flags=0x10,
        minimum_key_size=2048,
        ra_signatures=0,
        extended_key_usage=(
            "1.3.6.1.4.1.311.10.3.1",
            "1.3.6.1.4.1.311.10.3.4",
            "1.3.6.1.5.5.7.3.4",
            "1.3.6.1.5.5.7.3.2",
        ),
        key_usage=b"\xa0\x00",
        key_spec=1,
        providers=(
            "2,Microsoft Base Cryptographic Provider v1.0",
            "1,Microsoft Enhanced Cryptographic Provider v1.0",
        ),
        critical_extensions=("2.5.29.15",),
        validity_period=YEAR,
        renewal_period=SIX_WEEKS,
        maximum_issuing_depth=0,
    )


def test_attributes_that_are_absent_mean_what_windows_assumes() -> None:
    template = decode({"cn": [b"Bare"]})
    assert template == Template(name="Bare")
    numbers = {name: value for name, value in asdict(template).items() if isinstance(value, int)}
    assert numbers == {
        "general_flags": 0,
        "revision": 100,
        "minor_revision": 0,
        "schema_version": 1,
        "name_flags": 0,
        "enrollment_flags": 0,
        "private_key_flags": 0,
        "minimum_key_size": 0,
        "ra_signatures": 0,
        "key_spec": 1,
        "validity_period": 0,
        "renewal_period": 0,
        "maximum_issuing_depth": 0,
    }
    assert template.key_usage == b""
    assert template.legacy_provider
    assert template.security is None


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_names_of_attributes_have_no_case(spelling: t.Callable[[str], str]) -> None:
    attributes = forest.built_in_attributes()["User"]
    spelled = {spelling(name): values for name, values in attributes.items()}
    template = decode({**spelled, "whenCreated": [b"20260601000000.0Z"], "msPKI-RA-Policies": []})
    assert template == decode(attributes)
    assert template.security == decode(attributes).security


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("pKIExpirationPeriod", b"\0" * 7, "attribute pKIExpirationPeriod: a period has 8 octets, not 7"),
        ("pKIOverlapPeriod", b"", "attribute pKIOverlapPeriod: a period has 8 octets, not 0"),
        ("flags", b"0x10", "attribute flags: invalid literal for int()"),
        ("msPKI-Certificate-Name-Flag", b"", "attribute msPKI-Certificate-Name-Flag: invalid literal for int()"),
        ("msPKI-RA-Signature", b"one", "attribute msPKI-RA-Signature: invalid literal for int()"),
        ("nTSecurityDescriptor", b"\1\0", "attribute nTSecurityDescriptor: a security descriptor has 20 to"),
    ],
)
def test_values_of_another_syntax_are_refused_by_attribute(attribute: str, value: bytes, message: str) -> None:
    attributes = {**forest.built_in_attributes()["User"], attribute: [value]}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        decode(attributes)


def test_text_that_is_not_utf8_survives() -> None:
    attributes = {
        **forest.built_in_attributes()["User"],
        "displayName": [b"Anv\xe4ndare"],
        "pKIDefaultCSPs": [b"1,\xff"],
    }
    again = encode(decode(attributes))
    assert (again["displayName"], again["pKIDefaultCSPs"]) == ([b"Anv\xe4ndare"], [b"1,\xff"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("revision", 1 << 31),
        ("minor_revision", 1 << 31),
        ("minimum_key_size", -(1 << 31) - 1),
        ("ra_signatures", 1 << 40),
    ],
)
def test_numbers_that_the_directory_would_wrap_are_refused(field: str, value: int) -> None:
    changed: dict[str, t.Any] = {field: value}
    with pytest.raises(ValueError, match=f"^{value} does not fit the directory's 32-bit integer$"):
        encode(replace(forest.built_in("User"), **changed))


@settings(deadline=None)
@given(strategies.templates)
def test_every_template_survives_the_directory(template: Template) -> None:
    assert decode(encode(template)) == template


NOTHING: dict[str, list[bytes]] = {}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        pytest.param({}, {}, NOTHING, id="nothing"),
        pytest.param(
            {"extended_key_usage": ("1.2.3", "1.2.4")}, {"extended_key_usage": ("1.2.4", "1.2.3")}, NOTHING, id="order"
        ),
        pytest.param(
            {"extended_key_usage": ("1.2.3",)},
            {"extended_key_usage": ("1.2.3", "1.2.4")},
            {"pKIExtendedKeyUsage": [b"1.2.3", b"1.2.4"]},
            id="one more",
        ),
        pytest.param(
            {"application_policies": ("1.2.3",)},
            {"application_policies": ()},
            {"msPKI-Certificate-Application-Policy": []},
            id="none left",
        ),
        pytest.param(
            {"superseded_templates": ("user",)},
            {"superseded_templates": ("User",)},
            NOTHING,
            id="letter case of a name",
        ),
        pytest.param(
            {"providers": ("2,B", "1,A")}, {"providers": ("1,A", "2,B")}, NOTHING, id="providers carry their numbers"
        ),
        pytest.param(
            {"providers": ("2,B", "1,A")},
            {"providers": ("2,A", "1,B")},
            {"pKIDefaultCSPs": [b"2,A", b"1,B"]},
            id="other numbers",
        ),
        pytest.param({"key_usage": b"\xa0\0"}, {"key_usage": b"\xa0"}, NOTHING, id="octet that was edited away"),
        pytest.param({"key_usage": b"\xa0"}, {"key_usage": b"\xa0\0\0"}, NOTHING, id="octets that say nothing"),
        pytest.param({"key_usage": b"\0\0"}, {"key_usage": b""}, NOTHING, id="no usage in two ways"),
        pytest.param({"key_usage": b"\0\x80"}, {"key_usage": b"\x80"}, {"pKIKeyUsage": [b"\x80"]}, id="zero in front"),
        pytest.param({"key_usage": b"\x80"}, {"key_usage": b""}, {"pKIKeyUsage": []}, id="usage taken away"),
        pytest.param(
            {"name_flags": 1},
            {"name_flags": 0xA6000000},
            {"msPKI-Certificate-Name-Flag": [b"-1509949440"]},
            id="flags are signed",
        ),
        pytest.param(
            {"display_name": "a"}, {"display_name": "A"}, {"displayName": [b"A"]}, id="case of a display name"
        ),
        pytest.param({"display_name": "a"}, {"display_name": ""}, {"displayName": []}, id="no display name"),
        pytest.param(
            {"renewal_period": SIX_WEEKS},
            {"renewal_period": 0},
            {"pKIOverlapPeriod": [bytes(8)]},
            id="no renewal is a period of zero",
        ),
        pytest.param(
            {"revision": 100, "minor_revision": 3},
            {"revision": 101, "minor_revision": 0},
            {"revision": [b"101"], "msPKI-Template-Minor-Revision": [b"0"]},
            id="revisions",
        ),
    ],
)
def test_changed_attributes(before: dict[str, t.Any], after: dict[str, t.Any], changed: dict[str, list[bytes]]) -> None:
    template = forest.built_in("User")
    assert changed_attributes(replace(template, **before), replace(template, **after)) == changed


def test_security_is_no_attribute_among_others() -> None:
    template = forest.built_in("User")
    other = replace(template, security=forest.built_in("WebServer").security)
    assert changed_attributes(template, other) == NOTHING
    assert SECURITY not in encode(template)


@settings(deadline=None)
@given(strategies.templates, strategies.templates)
def test_what_changed_is_what_the_directory_would_show_otherwise(before: Template, after: Template) -> None:
    old, new = forest.attributes_of(before), forest.attributes_of(after)
    for attribute, line in forest.lines(changed_attributes(before, after)).items():
        assert line == new.get(attribute, "")
        assert line != old.get(attribute, "")

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for: texts brought into their form, and what can be right on no server refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.wish import thumbprint
from hypothesis import given
from hypothesis import strategies as st

from .servers import wish

THUMBPRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"


@pytest.mark.requirement("TRBL-049")
@pytest.mark.parametrize(
    "text",
    [
        THUMBPRINT,
        THUMBPRINT.upper(),
        "9F 86 D0 81 88 4C 7D 65 9A 2F EA A0 C5 5A D0 15 A3 BF 4F 1B",
        "\u200e9f 86 d0 81 88 4c 7d 65 9a 2f ea a0 c5 5a d0 15 a3 bf 4f 1b",
        "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B",
        f"  {THUMBPRINT}\n",
        f"\u00a0{THUMBPRINT}\ufeff",
    ],
)
def test_a_thumbprint_however_it_was_copied(text: str) -> None:
    assert wish(policy_module_thumbprint=text).data == {"policy_module_thumbprint": THUMBPRINT}


@given(st.binary(min_size=20, max_size=20), st.lists(st.sampled_from(" \t:\u200e\u00a0"), max_size=40))
def test_any_thumbprint(octets: bytes, between: list[str]) -> None:
    digits = octets.hex().upper()
    spread = "".join(digit + (between[place] if place < len(between) else "") for place, digit in enumerate(digits))
    assert thumbprint(spread) == octets.hex()


@given(st.text(max_size=60))
def test_whatever_is_taken_for_a_thumbprint_is_one(text: str) -> None:
    try:
        found = thumbprint(text)
    except OptionError:
        return
    assert len(found) == 40
    assert set(found) <= set("0123456789abcdef")


ADD_AND_REMOVE = {"add": ["AES", "SHA-256"], "remove": ["aes"]}


@pytest.mark.parametrize(
    "given_options, message",
    [
        ({"policy_module_thumbprint": ""}, r"policy_module_thumbprint: '' is no thumbprint, .* \(this has 0 char"),
        ({"policy_module_thumbprint": "CN=ndes1"}, "policy_module_thumbprint: 'CN=ndes1' is no thumbprint"),
        ({"policy_module_thumbprint": THUMBPRINT[:-1]}, r"policy_module_thumbprint: .* \(this has 39 characters\)"),
        ({"policy_module_thumbprint": "g" + THUMBPRINT[1:]}, "policy_module_thumbprint: 'g.* is no thumbprint"),
        ({"http": {"max_field_length": 65535}}, "http.max_field_length: 65535 is not from 64 to 65534"),
        ({"http": {"max_field_length": 63}}, "http.max_field_length: 63 is not from 64 to 65534"),
        ({"http": {"max_request_bytes": 255}}, "http.max_request_bytes: 255 is not from 256 to 16777216"),
        ({"http": {"max_request_bytes": 16777217}}, "http.max_request_bytes: 16777217 is not from 256 to 16777216"),
        ({"http": {"max_request_bytes": -1}}, "http.max_request_bytes: -1 is not from"),
        ({"passwords": {"length": 0}}, "passwords.length: 0 is not from 1 to 2147483647"),
        ({"passwords": {"max": 0}}, "passwords.max: 0 is not from 1 to 2147483647"),
        ({"passwords": {"validity": 2**31}}, "passwords.validity: 2147483648 is not from 1 to 2147483647"),
        ({"templates": {"signature": ""}}, "templates.signature: a template has a name"),
        ({"templates": {"general_purpose": "  "}}, "templates.general_purpose: a template has a name"),
        ({"ca_capabilities": {"add": ["SHA 256"]}}, "ca_capabilities.add: 'SHA 256' is no capability"),
        ({"ca_capabilities": {"set": [""]}}, "ca_capabilities.set: '' is no capability"),
        ({"ca_capabilities": {"remove": ["AES\n"]}}, "ca_capabilities.remove: 'AES\n' is no capability"),
        ({"ca_capabilities": ADD_AND_REMOVE}, "ca_capabilities: AES is in add and in remove"),
        (
            {"ca_capabilities": {"set": ["AES"], "remove": ["AES"]}},
            "ca_capabilities: set and remove exclude",
        ),
        ({"state": "absent", "templates": {}}, "templates: is for state=present"),
        ({"state": "absent", "http": {"max_field_length": 64}}, "http: is for state=present"),
        ({"state": "absent", "hash_algorithm": "default"}, "hash_algorithm: is for state=present"),
        ({"state": "absent", "policy_module_thumbprint": THUMBPRINT}, "policy_module_thumbprint: is for state=present"),
    ],
)
def test_what_is_refused(given_options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(OptionError, match=f"(?s)^{message}"):
        wish(**given_options)


def test_what_was_not_given_is_not_asked_for() -> None:
    asked = wish(http={}, passwords={"enforce": None}, templates={})
    assert (dict(asked.templates), dict(asked.data), asked.capabilities) == ({}, {}, None)


def test_false_is_a_wish() -> None:
    assert wish(passwords={"enforce": False}).data == {"passwords.enforce": False}


def test_the_default_hash_algorithm_is_none_at_all() -> None:
    assert wish(hash_algorithm="default").data == {"hash_algorithm": None}


def test_a_name_twice_is_one() -> None:
    asked = wish(ca_capabilities={"add": ["AES", "aes", "SHA-256"]})
    assert asked.capabilities == {"add": ("AES", "SHA-256"), "remove": None, "set": None}


def test_blanks_around_a_template() -> None:
    assert wish(templates={"signature": " IntuneSCEP "}).templates == {"signature": "IntuneSCEP"}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The syntax of service principal names, and who stands for whom."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn import (
    DEFAULT_MAPPINGS,
    ServicePrincipalName,
    covered,
    covering,
    parse,
    parse_mappings,
)
from hypothesis import given
from hypothesis import strategies as st

MAPPINGS = parse_mappings([DEFAULT_MAPPINGS])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http/scep.corp.example", ("http", "scep.corp.example", None, None)),
        ("HOST/ndes1", ("HOST", "ndes1", None, None)),
        ("http/scep.corp.example:8080", ("http", "scep.corp.example", "8080", None)),
        ("MSSQLSvc/db1.corp.example:INST$1", ("MSSQLSvc", "db1.corp.example", "INST$1", None)),
        ("ldap/dc1.corp.example/corp.example", ("ldap", "dc1.corp.example", None, "corp.example")),
        ("x/h:1/name", ("x", "h", "1", "name")),
        (
            "E3514235-4B06-11D1-AB04-00C04FC2DCD2/5f5ad5a2-0000-4b06-8000-00c04fc2dcd2/corp.example",
            ("E3514235-4B06-11D1-AB04-00C04FC2DCD2", "5f5ad5a2-0000-4b06-8000-00c04fc2dcd2", None, "corp.example"),
        ),
        ("GC/_msdcs.corp.example", ("GC", "_msdcs.corp.example", None, None)),
    ],
)
def test_names(text: str, parts: tuple[str, str, str | None, str | None]) -> None:
    assert parse(text) == ServicePrincipalName(*parts)
    assert str(parse(text)) == text


@pytest.mark.requirement("SCEP-055")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http/ndes\u20131.corp.example", "holds a dash that is not the one of the keyboard (en dash, U+2013)"),
        ("\u2013s http/ndes1.corp.example", "holds a dash that is not the one of the keyboard (en dash, U+2013)"),
        ("http/ndes\u20141", "(em dash, U+2014)"),
        ("http/ndes\u22121", "(minus sign, U+2212)"),
        ("-s http/ndes1", "is empty or holds a blank; write the name alone, as class/host, without the setspn command"),
        ("", "is empty or holds a blank"),
        (" http/x", "is empty or holds a blank"),
        ("http/x\u00a0", "is empty or holds a blank"),
        ("https://scep.corp.example/certsrv", "is an address; write class/host, as http/scep.corp.example"),
        ("scep.corp.example", "is not written as class/host, as http/scep.corp.example"),
        ("http/", "is not written as class/host"),
        ("/x", "has '' for a class of service"),
        ("ht(tp/x", "has 'ht(tp' for a class of service"),
        ("http/x/", "is not written as class/host, class/host:port or class/host:port/name"),
        ("http/x/y/z", "is not written as class/host, class/host:port or class/host:port/name"),
        ("http/-x", "has '-x' for a host"),
        ("http/x..y", "has 'x..y' for a host"),
        ("http/x.", "has 'x.' for a host"),
        ("http/*", "has '*' for a host"),
        ("http/x)(cn=*", "has 'x)(cn=*' for a host"),
        ("http/b\u00fccher.example", "has 'b\u00fccher.example' for a host"),
        ("http/" + "a" * 64, "has a host name that is too long"),
        ("http/" + ".".join(["a" * 60] * 5), "has a host name that is too long"),
        ("http/x:0", "has port 0, which is not between 1 and 65535"),
        ("http/x:65536", "has port 65536"),
        ("http/x:", "has '' behind the colon"),
        ("http/x:1:2", "has '1:2' behind the colon"),
        ("http/x/n\u00e4me", "for the name of the service"),
    ],
)
def test_what_is_no_name(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        parse(text)


@given(st.text(max_size=40))
def test_any_text_is_a_name_that_reads_back_or_refused_with_a_reason(text: str) -> None:
    try:
        name = parse(text)
    except ValueError as exc:
        reason = str(exc)
    else:
        assert parse(str(name)) == name
        assert not any(char.isspace() for char in text)
        assert str(name) == text
        return
    assert reason.split(maxsplit=1)[0] in ("is", "has", "holds")


def test_what_the_forest_says_stands_for_what() -> None:
    found = parse_mappings(["host=http,WWW, cifs", "ldap=gc", "broken", "=x", "empty=", "HOST=dns"])
    assert found == {"host": frozenset({"http", "www", "cifs", "dns"}), "ldap": frozenset({"gc"})}


def test_host_stands_for_http() -> None:
    assert covering("HTTP/x.example:80", MAPPINGS) == ("host/x.example:80",)
    assert "http/x.example" in covered("HOST/x.example", MAPPINGS)
    assert covering("https/x", MAPPINGS) == covering("termsrv/x", MAPPINGS) == covering("junk", MAPPINGS) == ()
    assert covered("http/x", MAPPINGS) == covered("junk", MAPPINGS) == ()

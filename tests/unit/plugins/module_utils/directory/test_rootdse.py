# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the root entry of a domain controller."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.rootdse import from_entry, parse_extended_dn
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

DOMAIN = Sid.parse("S-1-5-21-1-2-3")
GUID = "<GUID=d4de07bc-eb9f-46d5-aca0-ecb313db46a1>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{GUID};<SID={DOMAIN}>;DC=corp,DC=example", ("DC=corp,DC=example", DOMAIN)),
        (f"{GUID};<SID={DOMAIN.to_bytes().hex()}>;DC=corp,DC=example", ("DC=corp,DC=example", DOMAIN)),
        (f"{GUID};CN=Configuration,DC=corp", ("CN=Configuration,DC=corp", None)),
        ("DC=corp,DC=example", ("DC=corp,DC=example", None)),
        ("", ("", None)),
    ],
)
def test_parse_extended_dn(text: str, expected: tuple[str, Sid | None]) -> None:
    assert parse_extended_dn(text) == expected


def entry(**changed: list[bytes]) -> Entry:
    attributes = {
        "defaultNamingContext": [f"{GUID};<SID={DOMAIN}>;DC=corp,DC=example".encode()],
        "configurationNamingContext": [f"{GUID};CN=Configuration,DC=example".encode()],
        "schemaNamingContext": [b"CN=Schema,CN=Configuration,DC=example"],
        "rootDomainNamingContext": [f"{GUID};<SID=S-1-5-21-7-8-9>;DC=example".encode()],
        "dnsHostName": [b"dc1.corp.example"],
        "domainFunctionality": [b"7"],
        "isGlobalCatalogReady": [b"TRUE"],
        "supportedControl": [b"1.2.840.113556.1.4.801"],
        "tokenGroups": [DOMAIN.child(1104).to_bytes(), DOMAIN.child(513).to_bytes()],
    }
    return Entry("", attributes | changed)


def test_root_entry() -> None:
    root = from_entry(entry())
    assert root.default_naming_context == "DC=corp,DC=example"
    assert root.configuration_naming_context == "CN=Configuration,DC=example"
    assert root.schema_naming_context == "CN=Schema,CN=Configuration,DC=example"
    assert root.root_domain_naming_context == "DC=example"
    assert root.dns_host_name == "dc1.corp.example"
    assert root.domain_functionality == 7
    assert root.forest_functionality == 0
    assert root.is_global_catalog
    assert root.token_sids == (DOMAIN.child(1104), DOMAIN.child(513))
    assert root.domain_sid == DOMAIN
    assert root.root_domain_sid == Sid.parse("S-1-5-21-7-8-9")
    assert "1.2.840.113556.1.4.801" in root.supported_controls


def test_server_that_says_little() -> None:
    root = from_entry(entry(tokenGroups=[], isGlobalCatalogReady=[b"FALSE"], defaultNamingContext=[b"DC=corp"]))
    assert root.token_sids == ()
    assert root.domain_sid is None
    assert not root.is_global_catalog


def test_another_directory() -> None:
    with pytest.raises(ValueError, match="has no configurationNamingContext, schemaNamingContext: it is not a domain"):
        from_entry(entry(configurationNamingContext=[], schemaNamingContext=[]))

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the connection's options: what they come to, and what is refused before anything is contacted."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.certops.intune.plugins.doc_fragments.directory import ModuleDocFragment
from ansible_collections.certops.intune.plugins.module_utils.directory import options
from ansible_collections.certops.intune.plugins.module_utils.directory.options import SettingsError, settings_from
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

DOMAIN = {"domain": "corp.example.com"}
USER = {**DOMAIN, "domain_username": "alice", "domain_password": "secret"}
SIMPLE = {**USER, "domain_auth": "simple"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (DOMAIN, ConnectionSettings("corp.example.com")),
        ({"domain": "corp.example.com."}, ConnectionSettings("corp.example.com")),
        (
            {"domain_server": ["dc1.corp.example.com", "dc2.corp.example.com."]},
            ConnectionSettings(servers=("dc1.corp.example.com", "dc2.corp.example.com")),
        ),
        (USER, ConnectionSettings("corp.example.com", username="alice", password="secret")),
        (
            {**DOMAIN, "domain_username": "svc$", "domain_keytab": "/k"},
            ConnectionSettings("corp.example.com", username="svc$", keytab="/k"),
        ),
        (
            {"domain_server": ["dc1"], "domain_username": "a@b.c", "domain_password": "x"},
            ConnectionSettings(servers=("dc1",), username="a@b.c", password="x"),
        ),
        ({**DOMAIN, "domain_ccache": "/c"}, ConnectionSettings("corp.example.com", ccache="/c")),
        (
            {**USER, "domain_tls": "ldaps", "domain_ca_certificates": "/ca.pem", "domain_timeout": 5},
            ConnectionSettings(
                "corp.example.com",
                username="alice",
                password="secret",
                tls="ldaps",
                ca_certificates="/ca.pem",
                timeout=5,
            ),
        ),
        (
            SIMPLE,
            ConnectionSettings(
                "corp.example.com", auth="simple", username="alice@corp.example.com", password="secret", tls="ldaps"
            ),
        ),
        (
            {**SIMPLE, "domain_username": "CORP\\alice", "domain_tls": "start_tls"},
            ConnectionSettings(
                "corp.example.com", auth="simple", username="CORP\\alice", password="secret", tls="start_tls"
            ),
        ),
        (
            {**SIMPLE, "domain": None, "domain_server": ["192.0.2.1"], "domain_username": "CN=a,DC=b"},
            ConnectionSettings(
                servers=("192.0.2.1",), auth="simple", username="CN=a,DC=b", password="secret", tls="ldaps"
            ),
        ),
    ],
)
def test_settings(params: dict[str, t.Any], expected: ConnectionSettings) -> None:
    assert settings_from(params) == expected


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of domain and domain_server is required"),
        ({"domain": "CORP"}, "domain 'CORP' is not the DNS name of a domain, such as corp.example.com"),
        (
            {"domain": "ldap://corp.example.com"},
            "domain 'ldap://corp.example.com' is not the DNS name of a domain, such as corp.example.com",
        ),
        ({"domain": "corp..com"}, "domain 'corp..com' is not the DNS name of a domain, such as corp.example.com"),
        (
            {"domain_server": ["ldaps://dc1"]},
            "domain_server 'ldaps://dc1' is not a host name; write it without scheme and port",
        ),
        (
            {"domain_server": ["dc1:636"]},
            "domain_server 'dc1:636' is not a host name; write it without scheme and port",
        ),
        (
            {"domain_server": ["192.0.2.1"]},
            "domain_server '192.0.2.1' is an address; Kerberos needs the name of the server",
        ),
        ({"domain_server": ["::1"]}, "domain_server '::1' is an address; Kerberos needs the name of the server"),
        ({**DOMAIN, "domain_password": "x"}, "domain_password needs domain_username"),
        ({**DOMAIN, "domain_keytab": "/k"}, "domain_keytab needs domain_username"),
        ({**USER, "domain_password": ""}, "domain_password is empty"),
        ({**USER, "domain_password": None}, "domain_username needs domain_password or domain_keytab"),
        ({**USER, "domain_keytab": "/k"}, "domain_password and domain_keytab exclude each other"),
        ({**USER, "domain_ccache": "/c"}, "domain_ccache says whose ticket it is; it excludes domain_username"),
        (
            {**USER, "domain_username": "CORP\\alice"},
            "domain_username 'CORP\\alice' must be written as user@domain for Kerberos",
        ),
        (
            {**USER, "domain": None, "domain_server": ["dc1"]},
            "domain_username 'alice' must be written as user@domain when domain is not given",
        ),
        ({**USER, "domain_username": "alice@"}, "domain_username 'alice@' is not a user name"),
        ({**USER, "domain_username": "@corp"}, "domain_username '@corp' is not a user name"),
        (
            {**USER, "domain_ca_certificates": "/ca.pem"},
            "domain_ca_certificates has no effect with domain_tls=none: use ldaps or start_tls",
        ),
        (
            {**SIMPLE, "domain_tls": "none"},
            "domain_auth=simple sends the password itself, so domain_tls must be ldaps or start_tls",
        ),
        ({**SIMPLE, "domain_password": None}, "domain_auth=simple needs domain_username and domain_password"),
        ({**SIMPLE, "domain_username": None}, "domain_auth=simple needs domain_username and domain_password"),
        ({**SIMPLE, "domain_password": ""}, "domain_password is empty"),
        ({**SIMPLE, "domain_keytab": "/k"}, "domain_keytab is for domain_auth=kerberos"),
        ({**SIMPLE, "domain_ccache": "/c"}, "domain_ccache is for domain_auth=kerberos"),
        (
            {**SIMPLE, "domain": None, "domain_server": ["dc1"]},
            "domain_username 'alice' must be written as user@domain when domain is not given",
        ),
        ({**DOMAIN, "domain_timeout": 0}, "domain_timeout is 0; it must be between 1 and 600 seconds"),
        ({**DOMAIN, "domain_timeout": 601}, "domain_timeout is 601; it must be between 1 and 600 seconds"),
    ],
)
def test_refused(params: dict[str, t.Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from(params)
    assert str(caught.value) == message


def test_no_password_in_a_representation() -> None:
    assert "secret" not in repr(settings_from(USER))


def test_documentation_and_specification_agree() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    specified = options.argument_spec()
    assert list(documented) == list(specified)
    for name, specification in specified.items():
        for key in ("type", "elements", "choices", "default"):
            assert documented[name].get(key) == specification.get(key), f"{name}: {key}"


def test_every_option_says_what_its_omission_means() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    silent = [
        name
        for name, option in documented.items()
        if "default" not in option and not any(line.startswith("When omitted") for line in option["description"])
    ]
    assert not silent


def test_only_the_password_is_secret() -> None:
    assert [name for name, option in options.argument_spec().items() if option.get("no_log")] == ["domain_password"]


class EndedError(Exception):
    """What fail_json comes to here."""


class FakeModule:
    """The two things that require_libraries uses of AnsibleModule."""

    def __init__(self, **params: t.Any) -> None:
        self.params = dict.fromkeys(options.argument_spec()) | {"domain_auth": "kerberos"} | params

    def fail_json(self, msg: str, exception: str) -> t.NoReturn:
        raise EndedError(f"{msg}|{exception}")


@pytest.mark.parametrize(
    ("failure", "params", "library"),
    [
        ("LDAP_IMPORT_ERROR", {}, "python-ldap"),
        ("KRB5_IMPORT_ERROR", {"domain_username": "alice"}, "krb5"),
        ("KRB5_IMPORT_ERROR", {}, None),
        ("KRB5_IMPORT_ERROR", {"domain_username": "alice", "domain_auth": "simple"}, None),
        ("DNS_IMPORT_ERROR", {}, "dnspython"),
        ("DNS_IMPORT_ERROR", {"domain_server": ["dc1"]}, None),
    ],
)
def test_missing_libraries(
    monkeypatch: pytest.MonkeyPatch, failure: str, params: dict[str, t.Any], library: str | None
) -> None:
    monkeypatch.setattr(options, failure, "the traceback")
    module = t.cast(t.Any, FakeModule(**params))
    if library is None:
        options.require_libraries(module)
        return
    with pytest.raises(EndedError, match=rf"required Python library \({library}\).*\|the traceback"):
        options.require_libraries(module)

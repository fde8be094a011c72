# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and SIDs in both languages, and who somebody is after a logon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.identity import LANGUAGES, RELEASES
from lab.windows.people import principals, sids
from lab.windows.people.principals import NoMapping, find, name_of, token_for, translate

from .fake_directory import DOMAIN, MACHINE, FakeDirectory, member

# Language, what is written, whose SID it is (None: nobody's), what it is shown as.
NAMES = [
    ("en-US", "Everyone", "S-1-1-0", "Everyone"),
    ("en-US", "everyone", "S-1-1-0", "Everyone"),
    ("sv-SE", "Alla", "S-1-1-0", "Alla"),
    ("sv-SE", "Everyone", None, ""),
    ("en-US", "SYSTEM", "S-1-5-18", "NT AUTHORITY\\SYSTEM"),
    ("sv-SE", "SYSTEM", "S-1-5-18", "NT instans\\SYSTEM"),
    ("sv-SE", "NT AUTHORITY\\SYSTEM", "S-1-5-18", "NT instans\\SYSTEM"),
    ("sv-SE", "NT instans\\Autentiserade användare", "S-1-5-11", "NT instans\\Autentiserade användare"),
    ("sv-SE", "NT AUTHORITY\\Authenticated Users", None, ""),
    ("en-US", "NT AUTHORITY\\NetworkService", "S-1-5-20", "NT AUTHORITY\\NETWORK SERVICE"),
    ("en-US", "Administrators", "S-1-5-32-544", "BUILTIN\\Administrators"),
    ("en-US", "BUILTIN\\Administrators", "S-1-5-32-544", "BUILTIN\\Administrators"),
    ("sv-SE", "BUILTIN\\Administratörer", "S-1-5-32-544", "BUILTIN\\Administratörer"),
    ("sv-SE", "Administrators", None, ""),
    ("sv-SE", "Fjärrhanteringsanvändare", "S-1-5-32-580", "BUILTIN\\Fjärrhanteringsanvändare"),
    ("en-US", "IIS_IUSRS", "S-1-5-32-568", "BUILTIN\\IIS_IUSRS"),
    ("en-US", "administrator", f"{MACHINE}-500", "NDES1\\Administrator"),
    ("en-US", ".\\Administrator", f"{MACHINE}-500", "NDES1\\Administrator"),
    ("en-US", "NDES1\\Guest", f"{MACHINE}-501", "NDES1\\Guest"),
    ("sv-SE", ".\\Gäst", f"{MACHINE}-501", "NDES1\\Gäst"),
    ("en-US", ".\\Administrators", "S-1-5-32-544", "BUILTIN\\Administrators"),
    ("en-US", "CORP\\Administrator", f"{DOMAIN}-500", "CORP\\Administrator"),
    ("en-US", "corp.example\\alice", f"{DOMAIN}-1108", "CORP\\alice"),
    ("en-US", "alice@corp.example", f"{DOMAIN}-1108", "CORP\\alice"),
    ("sv-SE", "alice", f"{DOMAIN}-1108", "CORP\\alice"),
    ("en-US", "Domain Admins", f"{DOMAIN}-512", "CORP\\Domain Admins"),
    ("en-US", "OTHER\\alice", None, ""),
    ("en-US", "nobody", None, ""),
    ("en-US", "", None, ""),
    ("en-US", "NT SERVICE\\ALL SERVICES", "S-1-5-80-0", "NT SERVICE\\ALL SERVICES"),
    ("en-US", "NT SERVICE\\no such service", None, ""),
    ("en-US", "S-1-5-32-544", "S-1-5-32-544", "BUILTIN\\Administrators"),
    ("en-US", "S-1-5-21-9-9-9-9", "S-1-5-21-9-9-9-9", "S-1-5-21-9-9-9-9"),
]


@pytest.mark.parametrize("language, written, sid, shown", NAMES)
def test_a_name_means_one_account_or_nobody(language: str, written: str, sid: str | None, shown: str) -> None:
    host = member(language)
    if sid is None:
        with pytest.raises(NoMapping) as refused:
            find(host, written)
        assert str(refused.value) == "Some or all identity references could not be translated."
    else:
        assert (find(host, written).sid, name_of(host, sid)) == (sid, shown)


def test_the_builtin_groups_are_not_in_the_domain_of_the_machine() -> None:
    host = member()
    with pytest.raises(NoMapping):
        translate(host, "NDES1\\Administrators")
    made = host.accounts.add_group("Own")
    assert translate(host, "NDES1\\Own").sid == made.sid


def test_who_cannot_be_asked_for_is_told_otherwise() -> None:
    host = member()
    assert isinstance(host.directory, FakeDirectory)
    host.directory.answers = False
    with pytest.raises(NoMapping, match="trust relationship"):
        find(host, "CORP\\alice")
    assert name_of(host, f"{DOMAIN}-1108") == f"{DOMAIN}-1108"
    assert find(host, "SYSTEM").sid == "S-1-5-18"


def test_services_have_names_while_they_exist() -> None:
    host = member()
    service = next(iter(host.services.all()))
    found = find(host, f"nt service\\{service.name.upper()}")
    assert (found.account, found.sid) == (f"NT SERVICE\\{service.name}", sids.of_service(service.name))
    assert principals.by_sid(host, found.sid) == found


def test_pools_have_names_where_iis_is() -> None:
    host = member()
    with pytest.raises(NoMapping):
        find(host, "IIS APPPOOL\\SCEP")
    host.iis.install(["Web-Server"])
    assert find(host, "IIS APPPOOL\\SCEP").sid == sids.of_application_pool("SCEP")
    host.iis.pools.create("SCEP")
    assert name_of(host, sids.of_application_pool("SCEP")) == "IIS APPPOOL\\SCEP"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_sid_is_called_means_it(language: str, release: str) -> None:
    host = member(language, release)
    known = [entry["sid"] for entry in principals.data()["well_known"]]
    local = [group.sid for group in host.accounts.groups()] + [
        host.accounts.sid_of(user) for user in host.accounts.users()
    ]
    for sid in [*known, *local]:
        found = principals.by_sid(host, sid)
        assert found is not None
        assert find(host, found.account).sid == sid


def test_every_source_of_a_name_is_named() -> None:
    data = principals.data()
    entries = [*data["domains"].values(), *data["well_known"]]
    assert {entry["from"] for entry in entries if "from" in entry} <= set(data["sources"])


# Tokens

NETWORK, BATCH, INTERACTIVE, SERVICE = "S-1-5-2", "S-1-5-3", "S-1-5-4", "S-1-5-6"


def test_domain_admins_are_administrators() -> None:
    host = member()
    token = token_for(host, find(host, "CORP\\pkiadmin"), "network")
    assert token.is_administrator
    assert {f"{DOMAIN}-512", f"{DOMAIN}-513", "S-1-5-32-545", NETWORK, "S-1-5-11", "S-1-1-0"} <= set(token.groups)


def test_an_administrator_of_domain_controllers_is_none_here() -> None:
    host = member()
    host.accounts.remove_member("S-1-5-32-544", f"{DOMAIN}-512")
    assert not token_for(host, find(host, "CORP\\pkiadmin"), "network").is_administrator


@pytest.mark.parametrize(
    "logon_type, sid", [("network", NETWORK), ("batch", BATCH), ("interactive", INTERACTIVE), ("service", SERVICE)]
)
def test_the_kind_of_logon_is_in_the_token(logon_type: principals.LogonType, sid: str) -> None:
    host = member()
    token = token_for(host, find(host, "alice"), logon_type)
    assert token.logon_type == logon_type
    assert {NETWORK, BATCH, INTERACTIVE, SERVICE}.intersection(token.groups) == {sid}


def test_a_local_account_is_told_by_its_groups() -> None:
    host = member()
    host.accounts.add_administrator("ansible", "Passw0rd!")
    token = token_for(host, find(host, "ansible"), "network")
    assert {f"{MACHINE}-513", "S-1-5-113", "S-1-5-114", "S-1-5-64-10", "S-1-5-32-544"} <= set(token.groups)
    assert f"{DOMAIN}-513" not in token.groups


def test_groups_follow_what_somebody_is_in_by_the_logon() -> None:
    host = member()
    host.accounts.add_member("S-1-5-32-551", BATCH)
    alice = find(host, "alice")
    assert "S-1-5-32-551" in token_for(host, alice, "batch").groups
    assert "S-1-5-32-551" not in token_for(host, alice, "network").groups


def test_kerberos_and_ntlm_differ() -> None:
    host = member()
    alice = find(host, "alice")
    kerberos, ntlm = (set(token_for(host, alice, "network", package=each).groups) for each in ("kerberos", "ntlm"))
    assert (kerberos - ntlm, ntlm - kerberos) == ({"S-1-18-1"}, {"S-1-5-64-10"})


def test_system_is_an_administrator() -> None:
    host = member("sv-SE")
    token = token_for(host, find(host, "SYSTEM"), "service")
    assert (token.account, token.is_administrator, token.delegates) == ("NT instans\\SYSTEM", True, True)


@given(st.sampled_from(LANGUAGES), st.text())
def test_any_text_is_somebody_or_nobody(language: str, text: str) -> None:
    host = _HOSTS[language]
    try:
        found = find(host, text)
    except NoMapping:
        return
    assert find(host, found.sid).sid == found.sid


_HOSTS = {language: member(language) for language in LANGUAGES}

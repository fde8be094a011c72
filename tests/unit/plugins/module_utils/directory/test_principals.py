# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of principals, on a forest of two domains whose language is Swedish."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError, error
from ansible_collections.certops.intune.plugins.module_utils.directory.principal_names import (
    Account,
    Domain,
    Forest,
    Wanted,
    lookup_filter,
    match,
    parse,
    well_known,
    well_known_name,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.principals import PrincipalError, Principals
from ansible_collections.certops.intune.plugins.module_utils.directory.rootdse import RootDse
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import given
from hypothesis import strategies as st

ROOT = Sid.parse("S-1-5-21-7-8-9")
CHILD = Sid.parse("S-1-5-21-1-2-3")
ROOT_DN = "DC=corp,DC=example"
CHILD_DN = "DC=emea,DC=corp,DC=example"
CONFIGURATION = f"CN=Configuration,{ROOT_DN}"
DOMAINS = (Domain(ROOT_DN, "CORP", "corp.example"), Domain(CHILD_DN, "EMEA", "emea.corp.example"))
FOREST = Forest(CHILD_DN, ROOT_DN, CHILD, ROOT, DOMAINS)

SECURITY_GROUP, DISTRIBUTION_GROUP = b"-2147483646", b"2"


def account(dn: str, sid: Sid, name: str | None, **attributes: str | bytes) -> Entry:
    values = {key: [value if isinstance(value, bytes) else value.encode()] for key, value in attributes.items()}
    if name is not None:
        values["sAMAccountName"] = [name.encode()]
    return Entry(dn, {"objectSid": [sid.to_bytes()], "name": [dn.partition(",")[0][3:].encode()], **values})


CHILD_ENTRIES = [
    account(f"CN=Domänadministratörer,CN=Users,{CHILD_DN}", CHILD.child(512), "Domänadministratörer"),
    account(f"CN=Alice A,CN=Users,{CHILD_DN}", CHILD.child(1104), "alice", userPrincipalName="Alice.A@mail.example"),
    account(f"CN=NDES1,CN=Computers,{CHILD_DN}", CHILD.child(1105), "NDES1$"),
    account(f"CN=pki-ops,CN=Users,{CHILD_DN}", CHILD.child(1106), "pki-ops", displayName="PKI Ops"),
    account(f"CN=News,CN=Users,{CHILD_DN}", CHILD.child(1107), "News", groupType=DISTRIBUTION_GROUP),
    account(f"CN=Staff,CN=Users,{CHILD_DN}", CHILD.child(1108), "Staff", groupType=SECURITY_GROUP),
]
ROOT_ENTRIES = [
    account(f"CN=Företagsadministratörer,CN=Users,{ROOT_DN}", ROOT.child(519), "Företagsadministratörer"),
    account(f"CN=bob,CN=Users,{ROOT_DN}", ROOT.child(1104), "bob", userPrincipalName="bob@mail.example"),
    account(f"CN=alice,CN=Users,{ROOT_DN}", ROOT.child(1105), "alice"),
    account(f"CN=clash,CN=Users,{ROOT_DN}", ROOT.child(1106), "clash", userPrincipalName="twin@mail.example"),
    account(f"CN=S-1-5-21-4-4-4-1104,CN=ForeignSecurityPrincipals,{ROOT_DN}", Sid.parse("S-1-5-21-4-4-4-1104"), None),
]
CROSS_REFERENCES = [
    Entry(
        f"CN={domain.netbios},CN=Partitions,{CONFIGURATION}",
        {"nETBIOSName": [domain.netbios.encode()], "nCName": [domain.dn.encode()], "dnsRoot": [domain.dns.encode()]},
    )
    for domain in DOMAINS
]
ACCOUNTS = [found for found in map(Account.from_entry, CHILD_ENTRIES) if found]
EVERYONE = ACCOUNTS + [found for found in map(Account.from_entry, ROOT_ENTRIES) if found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice", ("alice", None, "plain")),
        (" alice ", ("alice", None, "plain")),
        ("EMEA\\alice", ("alice", "EMEA", "down_level")),
        ("EMEA\\al@ice", ("al@ice", "EMEA", "down_level")),
        ("alice@emea.corp.example", ("alice", "emea.corp.example", "principal")),
        ("a@b@c", ("a@b", "c", "principal")),
        ("CN=Alice,DC=corp", ("CN=Alice,DC=corp", None, "dn")),
        ("PKI = Ops", ("PKI = Ops", None, "dn")),
        ("=x", ("=x", None, "plain")),
    ],
)
def test_parse(text: str, expected: tuple[str, str | None, str]) -> None:
    assert parse(text)[1:] == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("\\alice", "is not written as DOMAIN\\name"),
        ("EMEA\\", "is not written as DOMAIN\\name"),
        ("@emea", "is not written as name@domain"),
        ("alice@", "is not written as name@domain"),
    ],
)
def test_what_is_no_name(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "sid"),
    [
        ("Authenticated Users", "S-1-5-11"),
        ("authenticated users", "S-1-5-11"),
        ("NT AUTHORITY\\Authenticated Users", "S-1-5-11"),
        ("BUILTIN\\Administrators", "S-1-5-32-544"),
        ("Administrators", "S-1-5-32-544"),
        ("NT AUTHORITY\\Administrators", None),
        ("Domain Admins", f"{CHILD}-512"),
        ("EMEA\\Domain Admins", f"{CHILD}-512"),
        ("emea.corp.example\\domain admins", f"{CHILD}-512"),
        ("Domain Admins@emea.corp.example", f"{CHILD}-512"),
        ("CORP\\Domain Admins", f"{ROOT}-512"),
        ("Enterprise Admins", f"{ROOT}-519"),
        ("CORP\\Enterprise Admins", f"{ROOT}-519"),
        ("EMEA\\Enterprise Admins", None),
        ("OTHER\\Domain Admins", None),
        ("Enterprise Read-only Domain Controllers", f"{ROOT}-498"),
        ("RAS and IAS Servers", f"{CHILD}-553"),
        ("Domänadministratörer", None),
        ("CN=Domain Admins,DC=corp", None),
    ],
)
def test_well_known(text: str, sid: str | None) -> None:
    assert well_known(parse(text), FOREST) == (Sid.parse(sid) if sid else None)


def test_well_known_of_a_server_that_does_not_name_its_domain() -> None:
    silent = Forest(CHILD_DN, ROOT_DN, None, None)
    assert well_known(parse("Domain Admins"), silent) is None
    assert well_known(parse("Authenticated Users"), silent) == Sid.parse("S-1-5-11")


@pytest.mark.parametrize(
    ("sid", "name"),
    [
        ("S-1-5-11", "Authenticated Users"),
        ("S-1-5-32-544", "Administrators"),
        (f"{CHILD}-512", "Domain Admins"),
        (f"{ROOT}-519", "Enterprise Admins"),
        (f"{ROOT}-512", None),
        (f"{CHILD}-519", None),
        (f"{CHILD}-1104", None),
        ("S-1-5-21-4-4-4-512", None),
    ],
)
def test_well_known_name(sid: str, name: str | None) -> None:
    assert well_known_name(Sid.parse(sid), FOREST) == name


@pytest.mark.parametrize(
    ("text", "sid"),
    [
        ("alice", CHILD.child(1104)),
        ("ALICE", CHILD.child(1104)),
        ("EMEA\\alice", CHILD.child(1104)),
        ("emea.corp.example\\Alice", CHILD.child(1104)),
        ("alice@emea.corp.example", CHILD.child(1104)),
        ("alice.a@MAIL.example", CHILD.child(1104)),
        ("CORP\\alice", ROOT.child(1105)),
        ("alice@corp.example", ROOT.child(1105)),
        ("bob", ROOT.child(1104)),
        ("bob@mail.example", ROOT.child(1104)),
        ("ndes1$", CHILD.child(1105)),
        ("EMEA\\NDES1$", CHILD.child(1105)),
        ("cn=alice a, cn=users, dc=emea, dc=corp, dc=example", CHILD.child(1104)),
        (f"CN=bob,CN=Users,{ROOT_DN}", ROOT.child(1104)),
        ("Staff", CHILD.child(1108)),
        ("Domänadministratörer", CHILD.child(512)),
    ],
)
def test_match(text: str, sid: Sid) -> None:
    found = match(parse(text), EVERYONE, FOREST)
    assert found.problem == ""
    assert found.account is not None
    assert found.account.sid == sid


NO_DOMAIN = (
    "is of a domain that the forest does not have; its domains are CORP (corp.example), EMEA (emea.corp.example)"
)
TWINS = [
    Account(f"CN=x,{ROOT_DN}", ROOT.child(2001), "x", None, frozenset(), False),
    Account(f"CN=x,DC=apac,{ROOT_DN}", Sid.parse("S-1-5-21-5-5-5-2001"), "x", "x@mail.example", frozenset(), False),
    Account(f"CN=y,{ROOT_DN}", ROOT.child(2002), "y", "x@mail.example", frozenset(), False),
]


@pytest.mark.parametrize(
    ("text", "problem", "elsewhere"),
    [
        ("nobody", "is not a principal of the forest", True),
        ("EMEA\\nobody", "is not a principal of the forest", False),
        ("CORP\\nobody", "is not a principal of the forest", True),
        ("nobody@mail.example", "is not a principal of the forest", True),
        ("CN=nobody,DC=corp", "is not a principal of the forest", True),
        (
            "OTHER\\alice",
            NO_DOMAIN,
            False,
        ),
        ("ndes1", "is a computer: write EMEA\\NDES1$", True),
        ("PKI Ops", "is the display name of EMEA\\pki-ops: write that", True),
        ("alice a", "is the display name of EMEA\\alice: write that", True),
        ("News", "is a distribution group, which cannot have rights", False),
        ("x", "is ambiguous: write CORP\\x or x", False),
        ("x@mail.example", "is ambiguous: write CORP\\y or x", False),
    ],
)
def test_no_match(text: str, problem: str, elsewhere: bool) -> None:
    found = match(parse(text), EVERYONE + TWINS, FOREST)
    assert found[:3] == (None, problem, elsewhere)


@given(st.text())
def test_no_name_is_read_as_syntax_of_a_filter(text: str) -> None:
    try:
        wanted = parse(text)
    except ValueError:
        return
    value = wanted.text.replace("(", "").replace(")", "").replace("*", "")
    plain = lookup_filter(wanted._replace(text=value, name=wanted.name.translate(dict.fromkeys(map(ord, "()*")))))
    for char in "()*":
        assert lookup_filter(wanted).count(char) == plain.count(char)


class FakeSession:
    """A domain controller of the child domain, with or without what the other domains have."""

    server = "dc1.emea.corp.example"

    def __init__(self, *, domains: int = 2, phantom_root: bool = True) -> None:
        controls = frozenset({"1.2.840.113556.1.4.1340"} if phantom_root else ())
        self.root_dse = RootDse(
            CHILD_DN, CONFIGURATION, "", ROOT_DN, self.server, 7, 7, 7, False, controls, (), CHILD, ROOT
        )
        self.domains = domains
        self.searches: list[str] = []

    def search(self, base: str, filter_text: str, attributes: t.Sequence[str], **options: t.Any) -> list[Entry]:
        assert (base, options) == ("", {"sd_flags": None, "all_partitions": True})
        self.searches.append(filter_text)
        return self._answer(filter_text, CHILD_ENTRIES)

    def _answer(self, filter_text: str, entries: list[Entry]) -> list[Entry]:
        found = CROSS_REFERENCES[-self.domains :] if "crossRef" in filter_text else []
        return found + [
            entry for entry in entries if any(f"={term})".lower() in filter_text.lower() for term in terms_of(entry))
        ]

    def global_catalog(self) -> FakeCatalog:
        return FakeCatalog(self)


class FakeCatalog:
    """A global catalog of the forest."""

    server = "gc1.corp.example"

    def __init__(self, session: FakeSession) -> None:
        self.session = session

    def search(
        self, base: str, filter_text: str, attributes: t.Sequence[str], *, sd_flags: int | None = None
    ) -> list[Entry]:
        assert (base, sd_flags) == ("", None)
        self.session.searches.append(f"catalog {filter_text}")
        return self.session._answer(filter_text, CHILD_ENTRIES + ROOT_ENTRIES)


def terms_of(entry: Entry) -> list[str]:
    names = [entry.dn, *(value for name in ("sAMAccountName", "userPrincipalName") for value in entry.texts(name))]
    sid = "".join(f"\\{byte:02x}" for byte in entry.raw("objectSid") or b"")
    return [*names, *(value for name in ("name", "displayName") for value in entry.texts(name)), sid]


def principals(session: FakeSession) -> Principals:
    return Principals(t.cast(Session, session))


def test_no_search_for_sids_and_well_known_names() -> None:
    session = FakeSession()
    names = ["S-1-5-21-9-9-9-1234", "s-1-5-11", "Authenticated Users", "Domain Admins", "Enterprise Admins"]
    assert list(map(str, principals(session).resolve(names).values())) == [
        "S-1-5-21-9-9-9-1234", "S-1-5-11", "S-1-5-11", f"{CHILD}-512", f"{ROOT}-519",
    ]  # fmt: skip
    assert session.searches == []


def test_one_search_for_all_names_of_the_domain() -> None:
    session = FakeSession()
    cached = principals(session)
    names = ["alice", "EMEA\\Staff", "NDES1$", "EMEA\\Domain Admins"]
    expected = [CHILD.child(rid) for rid in (1104, 1108, 1105, 512)]
    assert list(cached.resolve(names).values()) == expected
    assert list(cached.resolve(names).values()) == expected
    assert cached.names(expected) == {
        expected[0]: "EMEA\\alice", expected[1]: "EMEA\\Staff", expected[2]: "EMEA\\NDES1$",
        expected[3]: "Domain Admins",
    }  # fmt: skip
    assert len(session.searches) == 1


def test_one_search_for_names_and_sids_together() -> None:
    session = FakeSession()
    cached = principals(session)
    cached.resolve(["alice"], also=[CHILD.child(1108)])
    assert cached.names([CHILD.child(1104), CHILD.child(1108)]) == {
        CHILD.child(1104): "EMEA\\alice",
        CHILD.child(1108): "EMEA\\Staff",
    }
    assert len(session.searches) == 1


def test_one_more_search_for_names_of_other_domains() -> None:
    session = FakeSession()
    resolved = principals(session).resolve(["alice", "CORP\\alice", "bob@mail.example"])
    assert list(resolved.values()) == [CHILD.child(1104), ROOT.child(1105), ROOT.child(1104)]
    assert [search.startswith("catalog ") for search in session.searches] == [False, True]
    assert "1104" not in session.searches[1]


def test_domains_are_read_once() -> None:
    session = FakeSession()
    cached = principals(session)
    cached.resolve(["alice"])
    cached.resolve(["Staff"])
    assert ["crossRef" in search for search in session.searches] == [True, False]


def test_a_forest_of_one_domain_has_no_elsewhere() -> None:
    session = FakeSession(domains=1)
    with pytest.raises(PrincipalError) as caught:
        principals(session).resolve(["bob"])
    assert caught.value.searched == ("all partitions of dc1.emea.corp.example",)
    assert len(session.searches) == 1


def test_a_server_that_cannot_search_all_its_partitions() -> None:
    session = FakeSession(phantom_root=False)
    assert principals(session).resolve(["alice"]) == {"alice": CHILD.child(1104)}
    assert [search.startswith("catalog ") for search in session.searches] == [True]


@pytest.mark.parametrize("code", ["unsupported_control", "operation_failed", "no_such_object"])
def test_a_server_that_refuses_to_search_all_its_partitions(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    session = FakeSession()
    monkeypatch.setattr(session, "search", failing(code))
    assert principals(session).resolve(["alice"]) == {"alice": CHILD.child(1104)}
    assert [search.startswith("catalog ") for search in session.searches] == [True]


def test_other_failures_of_the_search_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    monkeypatch.setattr(session, "search", failing("connection_lost"))
    with pytest.raises(DirectoryError):
        principals(session).resolve(["alice"])
    assert session.searches == []


def failing(code: str) -> t.Callable[..., t.NoReturn]:
    def search(*_arguments: object, **_options: object) -> t.NoReturn:
        raise error(code, "search", "dc1")

    return search


def test_everything_that_is_wrong_is_said_at_once() -> None:
    session = FakeSession()
    with pytest.raises(PrincipalError) as caught:
        principals(session).resolve(["alice", "nobody", "", "ndes1", "OTHER\\x"])
    assert str(caught.value) == (
        "Principals that cannot be resolved: '' is empty; 'OTHER\\x' is of a domain that the forest does not have; "
        "its domains are CORP (corp.example), EMEA (emea.corp.example); 'ndes1' is a computer: write EMEA\\NDES1$; "
        "'nobody' is not a principal of the forest. Searched: all partitions of dc1.emea.corp.example, global catalog "
        "gc1.corp.example. A principal of another forest is written as its SID."
    )
    assert sorted(caught.value.problems) == ["", "OTHER\\x", "ndes1", "nobody"]


def test_wrong_forms_need_no_search() -> None:
    session = FakeSession()
    with pytest.raises(
        PrincipalError, match=r"^Principals that cannot be resolved: 'a@' is not written as name@domain\.$"
    ):
        principals(session).resolve(["a@"])
    assert session.searches == []


def test_names_of_sids() -> None:
    session = FakeSession()
    foreign, deleted, unknown = (
        Sid.parse("S-1-5-21-4-4-4-1104"), CHILD.child(9999), Sid.parse("S-1-5-21-6-6-6-500"),
    )  # fmt: skip
    cached = principals(session)
    wanted = [Sid.parse("S-1-5-18"), CHILD.child(1104), ROOT.child(1104), foreign, deleted, unknown]
    expected = ["SYSTEM", "EMEA\\alice", "CORP\\bob", str(foreign), str(deleted), str(unknown)]
    assert list(cached.names(wanted).values()) == expected
    assert list(cached.names(wanted).values()) == expected
    assert [search.startswith("catalog ") for search in session.searches] == [False, True]


def test_a_deleted_account_of_the_own_domain_is_not_searched_for_elsewhere() -> None:
    session = FakeSession()
    principals(session).names([CHILD.child(9999)])
    assert len(session.searches) == 1


def test_many_names_are_searched_for_in_parts() -> None:
    session = FakeSession(domains=1)
    with pytest.raises(PrincipalError) as caught:
        principals(session).resolve([f"user{number}" for number in range(450)])
    assert len(caught.value.problems) == 450
    assert len(session.searches) == 3


def test_wanted_keeps_the_text_as_written() -> None:
    assert Wanted(" a ", "a", None, "plain") == parse(" a ")


def expecting(session: FakeSession, *names: str) -> Principals:
    return Principals(t.cast(Session, session), expected=names)


@pytest.mark.parametrize("written", ["svc-new", "EMEA\\svc-new", "SVC-NEW", "svc-new@emea.corp.example"])
@pytest.mark.parametrize("expected", ["svc-new", "emea\\svc-new", "emea.corp.example\\svc-new"])
def test_who_is_expected_is_shown_as_it_will_be(written: str, expected: str) -> None:
    resolving = expecting(FakeSession(), expected)
    sid = resolving.resolve([written])[written]
    assert resolving.names([sid]) == {sid: "EMEA\\svc-new"}
    assert resolving.is_expected(sid)


def test_expected_accounts_come_after_all_others_in_the_order_given() -> None:
    resolving = expecting(FakeSession(), "zeta", "CORP\\other", "alpha")
    sids = resolving.resolve(["alpha", "zeta", "alice"])
    assert sids["alice"] < sids["zeta"] < sids["alpha"]
    assert not resolving.is_expected(sids["alice"])


def test_who_exists_is_not_made_up() -> None:
    resolving = expecting(FakeSession(), "alice", "CORP\\bob")
    assert list(resolving.resolve(["alice", "CORP\\bob"]).values()) == [CHILD.child(1104), ROOT.child(1104)]


@pytest.mark.parametrize("expected", ["other", "CORP\\svc-new", "CN=svc-new,DC=corp", "", "NOWHERE\\svc-new"])
def test_who_is_not_expected_is_refused(expected: str) -> None:
    with pytest.raises(PrincipalError, match="'svc-new' is not a principal of the forest"):
        expecting(FakeSession(), expected).resolve(["svc-new"])


def test_a_display_name_is_refused_though_another_is_expected() -> None:
    with pytest.raises(PrincipalError, match="is the display name of"):
        expecting(FakeSession(), "svc-new").resolve(["PKI Ops"])


def test_objects_that_a_search_for_names_has_found_are_not_searched_again() -> None:
    session = FakeSession()
    principals = Principals(t.cast(t.Any, session))
    resolved = principals.resolve(["Staff"], beside=[CHILD.child(1104), CHILD.child(9999)])
    assert len(session.searches) == 1
    found = principals.objects([*resolved.values(), CHILD.child(1104), CHILD.child(9999)])
    assert len(session.searches) == 1
    assert {sid: entry.text("sAMAccountName") for sid, entry in found.items()} == {
        CHILD.child(1108): "Staff",
        CHILD.child(1104): "alice",
    }
    assert [principals.called(CHILD.child(rid)) for rid in (1108, 512)] == ["EMEA\\Staff", "Domain Admins"]
    assert principals.called(CHILD.child(9999)) == str(CHILD.child(9999))


def test_what_is_beside_is_no_reason_to_search() -> None:
    session = FakeSession()
    principals = Principals(t.cast(t.Any, session))
    principals.resolve(["Everyone"], beside=[CHILD.child(1104)])
    assert session.searches == []
    assert list(principals.objects([CHILD.child(1104)])) == [CHILD.child(1104)]
    assert len(session.searches) == 1

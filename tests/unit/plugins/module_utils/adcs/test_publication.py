# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the list of templates that an authority issues, and of how an authority is named."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.publication import (
    config_string,
    find_authority,
    plan_publication,
    publish,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.store import StoredAuthority
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry, Session
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import given, settings
from hypothesis import strategies as st

TEMPLATES = {name.casefold(): name for name in ("WebServer", "User", "IntuneScep", "IntunePkcs")}
DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
DISPLAYED = {"web server": "WebServer", "intune scep": "IntuneScep", "user": "User"}

Edit: t.TypeAlias = dict[str, list[str] | None]


@pytest.mark.parametrize(
    ("current", "edit", "after"),
    [
        pytest.param("User", {}, "User", id="nothing asked"),
        pytest.param("User", {"add": [], "remove": None, "set": None}, "User", id="nothing to add"),
        pytest.param("User", {"add": ["IntuneScep"]}, "User IntuneScep", id="added"),
        pytest.param("User", {"add": ["intunescep"]}, "User IntuneScep", id="added in the template's spelling"),
        pytest.param("USER", {"add": ["User"]}, "USER", id="there in another spelling"),
        pytest.param("User WebServer", {"remove": ["user"]}, "WebServer", id="removed in another spelling"),
        pytest.param("USER WebServer", {"remove": ["User"]}, "WebServer", id="removed in the spelling that is there"),
        pytest.param("User", {"remove": ["WebServer"]}, "User", id="removed what is not there"),
        pytest.param("User Gone", {"remove": ["gone"]}, "User", id="removed what is no template any more"),
        pytest.param("User", {"remove": ["Never"]}, "User", id="removed what never was"),
        pytest.param("User", {"add": ["IntuneScep"], "remove": ["User"]}, "IntuneScep", id="exchanged"),
        pytest.param("User WebServer", {"set": ["intunepkcs", "USER"]}, "User IntunePkcs", id="set"),
        pytest.param("User WebServer", {"set": ["WebServer", "User"]}, "User WebServer", id="set in another order"),
        pytest.param("User", {"set": []}, "", id="set to nothing"),
        pytest.param("User Gone", {"set": ["gone"]}, "Gone", id="what is no template any more may stay"),
        pytest.param("User", {"set": ["User"], "add": ["WebServer"]}, "User WebServer", id="set and add"),
        pytest.param("", {"add": ["User", "user"]}, "User", id="added twice"),
    ],
)
def test_plan(current: str, edit: Edit, after: str) -> None:
    planned = plan_publication(current.split(), edit, TEMPLATES, DISPLAYED)
    assert planned == tuple(after.split())
    assert plan_publication(planned, edit, TEMPLATES, DISPLAYED) == planned


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            {"add": ["Never"]},
            "templates.add: 'Never' is not a template of this forest; an authority would ignore it",
        ),
        (
            {"set": ["User", "Never"]},
            "templates.set: 'Never' is not a template of this forest; an authority would ignore it",
        ),
        (
            {"add": ["Web Server"]},
            "templates.add: 'Web Server' is the display name of template 'WebServer'; write WebServer",
        ),
        (
            {"remove": ["intune SCEP"]},
            "templates.remove: 'intune SCEP' is the display name of template 'IntuneScep'; write IntuneScep",
        ),
        (
            {"set": ["User"], "remove": ["WebServer"]},
            "templates: set and remove exclude each other; leave out of set what is to go",
        ),
        ({"add": ["User"], "remove": ["USER"]}, "templates: user is in add and in remove"),
        ({"add": [""]}, "templates.add: '' is not a template of this forest; an authority would ignore it"),
    ],
)
def test_wishes_that_cannot_be(edit: Edit, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        plan_publication(["User"], edit, TEMPLATES, DISPLAYED)
    assert str(caught.value) == message


_names = st.lists(st.sampled_from(["User", "user", "WEBSERVER", "WebServer", "IntuneScep"]), max_size=4)


@settings(deadline=None)
@given(_names, _names, _names)
def test_others_are_left_alone(current: list[str], add: list[str], remove: list[str]) -> None:
    remove = [name for name in remove if name.casefold() not in {other.casefold() for other in add}]
    after = plan_publication(current, {"add": add, "remove": remove}, TEMPLATES, DISPLAYED)
    asked = {name.casefold() for name in (*add, *remove)}
    kept = [name for name in after if name.casefold() not in asked]
    assert set(kept) <= set(current)
    assert {name.casefold() for name in kept} == {name.casefold() for name in current} - asked
    assert {name.casefold() for name in add} <= {name.casefold() for name in after}


def authority(name: str, host: str) -> StoredAuthority:
    return StoredAuthority(f"CN={name},CN=Enrollment Services", name, host, ())


ISSUING = authority("Corp Issuing CA", "ca1.corp.example")
SECOND = authority("Corp Issuing CA 2", "ca2.corp.example")
THIRD = authority("Corp Issuing CA 3", "ca2.corp.example")
AUTHORITIES = [THIRD, ISSUING, SECOND]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Corp Issuing CA", ISSUING),
        ("corp issuing ca 2", SECOND),
        ("CA1.corp.example", ISSUING),
        ("ca2.corp.example\\Corp Issuing CA 3", THIRD),
        ("CA2.CORP.EXAMPLE\\CORP ISSUING CA 2", SECOND),
    ],
)
def test_authority_by_name_host_or_configuration(name: str, found: StoredAuthority) -> None:
    assert find_authority(AUTHORITIES, name) is found


KNOWN = (
    "'ca1.corp.example\\Corp Issuing CA', 'ca2.corp.example\\Corp Issuing CA 2', 'ca2.corp.example\\Corp Issuing CA 3'"
)


@pytest.mark.parametrize(
    ("authorities", "name", "message"),
    [
        pytest.param(
            AUTHORITIES,
            "Corp Root CA",
            "certification_authority: 'Corp Root CA' is not an enterprise certification authority of this forest. "
            f"Known: {KNOWN}",
            id="unknown",
        ),
        pytest.param(
            AUTHORITIES,
            "ca2.corp.example",
            "certification_authority: 'ca2.corp.example' names 2 authorities; use the name or the configuration "
            f"string. Known: {KNOWN}",
            id="two on one host",
        ),
        pytest.param(
            [],
            "Corp Issuing CA",
            "certification_authority: 'Corp Issuing CA' is not an enterprise certification authority of this forest. "
            "Known: none",
            id="none at all",
        ),
    ],
)
def test_authorities_that_are_not_one_are_refused(authorities: list[StoredAuthority], name: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        find_authority(authorities, name)
    assert str(caught.value) == message


def test_configuration_string() -> None:
    assert config_string(ISSUING) == "ca1.corp.example\\Corp Issuing CA"


class Directory:
    """A session that finds one authority and some templates, and notes what is written."""

    def __init__(self, *published: str) -> None:
        self.writes: list[tuple[str, tuple[Change, ...]]] = []
        self.root_dse = types.SimpleNamespace(
            configuration_naming_context="CN=Configuration,DC=corp,DC=example",
            default_naming_context="DC=corp,DC=example",
            root_domain_naming_context="DC=corp,DC=example",
            domain_sid=DOMAIN,
            root_domain_sid=DOMAIN,
        )
        self.entries = [
            Entry(
                "CN=CA",
                {
                    "objectClass": [b"top", b"pKIEnrollmentService"],
                    "cn": [b"CA"],
                    "dNSHostName": [b"ca1.corp.example"],
                    "certificateTemplates": [name.encode() for name in published],
                },
            ),
            *(
                Entry(f"CN={name}", {"objectClass": [b"top", b"pKICertificateTemplate"], "cn": [name.encode()]})
                for name in TEMPLATES.values()
            ),
        ]

    def search(self, *_arguments: t.Any, **_options: t.Any) -> list[Entry]:
        return self.entries

    def read(self, dn: str, *_arguments: t.Any, **_options: t.Any) -> Entry:
        return next(entry for entry in self.entries if entry.dn == dn)

    def modify(self, dn: str, changes: tuple[Change, ...], *, sd_flags: int | None) -> None:
        assert sd_flags is None
        self.writes.append((dn, changes))


ADDED = Change("add", "certificateTemplates", (b"IntuneScep",))
REMOVED = Change("delete", "certificateTemplates", (b"user",))


@pytest.mark.parametrize(
    ("edit", "write", "writes", "after"),
    [
        pytest.param({"add": ["USER"]}, True, [], ["user", "WebServer"], id="published"),
        pytest.param({"add": ["intunescep"]}, True, [ADDED], ["IntuneScep", "user", "WebServer"], id="added"),
        pytest.param({"remove": ["User"]}, True, [REMOVED], ["WebServer"], id="taken back in its spelling"),
        pytest.param(
            {"set": ["IntuneScep", "WebServer"]}, True, [REMOVED, ADDED], ["IntuneScep", "WebServer"], id="exchanged"
        ),
        pytest.param({"add": ["IntuneScep"]}, False, None, ["IntuneScep", "user", "WebServer"], id="check mode"),
        pytest.param({"add": ["Coming"]}, False, None, ["Coming", "user", "WebServer"], id="expected in check mode"),
    ],
)
def test_only_what_differs_is_written(edit: Edit, write: bool, writes: list[Change] | None, after: list[str]) -> None:
    directory = Directory("user", "WebServer")
    result = publish(t.cast(Session, directory), "ca", edit, ["Coming"], write=write)
    assert directory.writes == ([("CN=CA", tuple(writes))] if writes else [])
    assert (result.changed, result.before, result.after) == (writes != [], ["user", "WebServer"], after)


def test_expected_templates_must_exist_when_it_counts() -> None:
    directory = Directory()
    with pytest.raises(OptionError, match=r"^templates\.add: 'Coming' is not a template of this forest"):
        publish(t.cast(Session, directory), "CA", {"add": ["Coming"]}, ["Coming"], write=True)
    assert directory.writes == []

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and features: the tree of every release, and what an installation and a removal do to it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows import consequences
from lab.windows.feature_catalogue import catalogue
from lab.windows.identity import EDITIONS, LANGUAGES, RELEASES
from lab.windows.parts.features import Features, PayloadMissing, UnknownFeature
from tools.tree import TOP

from .hosts import ADMINISTRATOR, USER, host, identity, run

#: Public listings of Get-WindowsFeature, kept beside the checkout by its maintainers.
LISTING = TOP.parent / "shared" / "data" / "windows" / "features.json"

NAMES = sorted(feature.name for feature in catalogue(identity()).all())
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)


@pytest.mark.skipif(not LISTING.exists(), reason="the public listings do not lie beside the checkout")
def test_every_listed_feature_is_known_as_it_is_listed() -> None:
    listed = json.loads(LISTING.read_text(encoding="utf-8"))["features"]
    assert len(listed) == 81
    tree = catalogue(identity(release="2012r2"))
    for row in listed:
        feature = tree[row["name"]]
        assert feature.parent == row["parent"]
        assert feature.display_name == row["display_name"].replace("{net}", "4.5")
        assert feature.state == row["state_on_a_fresh_server"]
        # One of its needs there is a sentence.
        assert {need for need in row.get("needs_unverified", ()) if " " not in need} <= set(feature.needs)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tree_of_every_host_is_closed(release: str, edition: str, language: str) -> None:
    tree = catalogue(identity(release=release, edition=edition, language=language))
    for feature in tree.all():
        for name in (*feature.needs, *feature.management_tools, *tree.children(feature.name)):
            assert tree.find(name) is not None
        assert feature.name not in tree.closure(feature.needs), f"{feature.name} needs itself"
        assert "{" not in feature.display_name
    numbers = [feature.number for feature in tree.all()]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "release, edition, name, known",
    [
        ("2019", "desktop", "Web-Lgcy-Mgmt-Console", True),
        ("2022", "desktop", "Web-Lgcy-Mgmt-Console", False),
        ("2022", "desktop", "Web-Mgmt-Console", True),
        ("2022", "core", "Web-Mgmt-Console", False),
        ("2022", "core", "ADCS-Device-Enrollment", True),
    ],
)
def test_releases_and_editions_differ(release: str, edition: str, name: str, known: bool) -> None:
    features = Features.blank(identity(release=release, edition=edition))
    assert (features.catalogue.find(name) is not None) is known
    assert features.is_installed(name) is False


def test_display_names_are_localised_where_they_are_known() -> None:
    assert catalogue(identity(language="sv-SE"))["Web-Server"].display_name == "Webbserver (IIS)"
    assert catalogue(identity(language="sv-SE"))["Web-CGI"].display_name == "CGI"


def test_the_certification_authority_has_its_role() -> None:
    authority = host(role="certification_authority")
    assert authority.features.is_installed("ADCS-Cert-Authority")
    assert not authority.features.is_installed("ADCS-Device-Enrollment")
    service = authority.services.get("CertSvc")
    assert service is not None
    assert service.state == "started"


def test_a_wrong_name_and_a_missing_payload_change_nothing() -> None:
    features = Features.blank(identity())
    before = features.export()
    with pytest.raises(UnknownFeature, match="Nothing"):
        features.install(["Web-Server", "Nothing"])
    with pytest.raises(PayloadMissing) as missing:
        features.install(["Web-Server", "Web-Asp-Net"])
    assert missing.value.names == ("NET-Framework-Core",)
    assert features.export() == before
    assert "NET-Framework-Core" in features.install(["Web-Asp-Net"], r"C:\sxs").names


@given(names)
def test_what_is_installed_has_all_that_it_needs(wanted: list[str]) -> None:
    features = Features.blank(identity())
    change = features.install(wanted, r"C:\sxs")
    installed = features.installed()
    assert installed.issuperset(wanted)
    assert features.catalogue.closure(installed) == installed
    assert installed.issuperset(change.names)
    # What is installed again brings nothing.
    assert features.install(wanted, r"C:\sxs").names == ()


@given(names, names)
def test_what_is_removed_leaves_nothing_that_needs_it(wanted: list[str], unwanted: list[str]) -> None:
    features = Features.blank(identity())
    features.install(wanted, r"C:\sxs")
    change = features.uninstall(unwanted)
    installed = features.installed()
    assert features.catalogue.closure(installed) == installed
    for name in unwanted:
        assert not installed.intersection((name, *features.catalogue.descendants(name)))
    assert not installed.intersection(change.names)
    assert change.restart == any(feature.removal_restarts for feature in change.features)


@given(st.sampled_from([name for name in NAMES if not catalogue(identity()).children(name)]))
def test_a_leaf_that_comes_and_goes_leaves_all_as_it_was(leaf: str) -> None:
    features = Features.blank(identity())
    above = [name for name in features.catalogue.closure([leaf]) if name != leaf]
    if above:
        features.install(above, r"C:\sxs")
    features.uninstall([leaf])
    before = features.export()
    features.install([leaf], r"C:\sxs")
    features.uninstall([leaf])
    assert features.export() == before


@given(names)
def test_features_are_restored_as_they_were_exported(wanted: list[str]) -> None:
    features = Features.blank(identity())
    features.install(wanted, r"C:\sxs")
    exported = json.loads(json.dumps(features.export()))
    assert Features.restore(identity(), exported).export() == exported


@settings(settings.get_profile("few"))
@given(names, names)
def test_services_and_web_server_follow_the_features(wanted: list[str], unwanted: list[str]) -> None:
    target = host()
    before = {service.name for service in target.services.all()}
    consequences.install_features(target, wanted, r"C:\sxs")
    consequences.uninstall_features(target, unwanted)
    web = target.features.is_installed("Web-WebServer")
    assert (target.services.get("W3SVC") is not None) is web
    assert target.iis.installed or not web
    everything = [feature.name for feature in target.features.catalogue.all() if feature.parent is None]
    consequences.uninstall_features(target, everything)
    assert {service.name for service in target.services.all()} == before
    assert not target.iis.installed


def test_network_device_enrollment_brings_what_it_needs() -> None:
    target = host()
    added = consequences.install_features(target, ["ADCS-Device-Enrollment"])
    assert {"AD-Certificate", "Web-Server", "Web-Filtering", "Web-Windows-Auth", "Web-Metabase"}.issubset(added)
    assert "ADCS-Cert-Authority" not in added
    states = {name: getattr(target.services.get(name), "state", None) for name in ("W3SVC", "IISADMIN", "CertSvc")}
    assert states == {"W3SVC": "started", "IISADMIN": "started", "CertSvc": None}
    assert "S-1-5-32-568" in target.rights.holders("SeImpersonatePrivilege")
    assert target.files.is_folder(r"C:\inetpub\wwwroot")
    assert target.iis.installed
    assert consequences.post_configuration_needed(target, "ADCS-Device-Enrollment")
    assert not consequences.post_configuration_needed(target, "Web-Server")
    consequences.uninstall_features(target, ["ADCS-Device-Enrollment"])
    assert not target.files.exists(r"C:\Windows\System32\CertSrv\mscep")
    assert target.files.exists(r"C:\inetpub\wwwroot")


def test_a_service_that_two_features_bring_stays_until_the_last_is_gone() -> None:
    target = host()
    consequences.install_features(target, ["WAS-Process-Model", "Web-WebServer"])
    consequences.uninstall_features(target, ["WAS-Process-Model"])
    assert target.services.get("WAS") is not None
    consequences.uninstall_features(target, ["Web-Server"])
    assert target.services.get("WAS") is None


@pytest.mark.parametrize(
    "release, code, told", [("2012r2", "0x800f0906", "downloaded"), ("2016", "0x800f081f", "found")]
)
def test_a_missing_payload_is_told_in_the_words_of_the_release(release: str, code: str, told: str) -> None:
    result = run(host(release=release), "ansible.windows.win_feature", {"name": ["NET-Framework-Core"]})
    assert result["failed"]
    assert f"The source files could not be {told}." in result["msg"]
    assert result["msg"].endswith(f"Error: {code}")


def test_group_policy_can_name_the_source() -> None:
    target = host()
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Servicing"
    target.registry.set(key, "LocalSourcePath", "REG_EXPAND_SZ", r"C:\sxs")
    assert run(target, "ansible.windows.win_feature", {"name": ["NET-Framework-Core"]})["failed"]
    target.files.make_folder(r"C:\sxs")
    result = run(target, "ansible.windows.win_feature", {"name": ["NET-Framework-Core"]})
    assert result["exitcode"] == "Success"


@pytest.mark.parametrize("name", ["Web-*", "Web-[A]", "Web-Serve?"])
def test_patterns_are_not_modelled(name: str) -> None:
    result = run(host(), "ansible.windows.win_feature", {"name": [name]})
    assert result["msg"].startswith("The lab does not model wildcards")


def test_who_is_no_administrator_changes_no_features() -> None:
    target = host()
    result = run(target, "ansible.windows.win_feature", {"name": ["Web-Server"]}, USER)
    assert "You do not have adequate user rights" in result["msg"]
    assert not target.features.is_installed("Web-Server")
    assert run(target, "ansible.windows.win_feature", {"name": ["Web-Server"]}, ADMINISTRATOR)["changed"]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IIS's configuration: what takes effect where, locks, collections, and what is kept."""

from __future__ import annotations

import json
import xml.etree.ElementTree as Tree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows.not_modelled import NotModelled
from lab.windows.parts.iis import ConfigurationError, Iis
from lab.windows.parts.iis.document import UnreadableConfiguration

from .iis_samples import DELEGATED, PLACES, identity, server, values

FILTERING = "system.webServer/security/requestFiltering"
WINDOWS = "system.webServer/security/authentication/windowsAuthentication"
DOCUMENTS = "system.webServer/defaultDocument"
SITE = "Default Web Site"


def words(iis: Iis, path: str, element: str, name: str, location: str = "") -> list[Any]:
    return [one.get(name) for one in iis.section(path, location).at(element).entries()]


@settings(settings.get_profile("few"))
@given(st.data())
def test_what_is_written_is_read_and_what_is_cleared_is_as_before(data: st.DataObject) -> None:
    iis = server()
    path, element, attribute = data.draw(st.sampled_from(PLACES))
    before = iis.section(path).at(element).get(attribute.name)
    written = before in iis.section(path).at(element).all().values() and iis.section(path).at(element).written(
        attribute.name
    )
    value = data.draw(values(attribute))
    iis.configuration.set(path, element, attribute.name, value)
    assert iis.section(path).at(element).get(attribute.name) == attribute.convert(value)
    iis.configuration.clear(path, element, attribute.name)
    after = iis.section(path).at(element).get(attribute.name)
    assert after == (attribute.default if written is not None else before)


@settings(settings.get_profile("few"))
@given(st.data())
def test_a_location_says_something_for_itself_and_below_only(data: st.DataObject) -> None:
    iis = server()
    path, element, attribute = data.draw(st.sampled_from(DELEGATED))
    value = data.draw(values(attribute))
    before = iis.section(path).at(element).get(attribute.name)
    iis.configuration.set(path, element, attribute.name, value, f"{SITE}/App")
    read = {place: iis.section(path, place).at(element).get(attribute.name) for place in ("", SITE, "Other/App")}
    assert set(map(repr, read.values())) == {repr(before)}
    for place in (f"{SITE}/App", f"{SITE}/app/folder".upper()):
        assert iis.section(path, place).at(element).get(attribute.name) == attribute.convert(value)
    iis.configuration.clear(path, element, attribute.name, f"{SITE}/App")
    assert iis.export()["locations"] == {}


@settings(settings.get_profile("few"))
@given(st.data())
def test_the_file_says_all_and_nothing_else(data: st.DataObject) -> None:
    iis = server()
    for path, element, attribute in data.draw(st.lists(st.sampled_from(DELEGATED), max_size=5)):
        place = data.draw(st.sampled_from(["", SITE, f"{SITE}/App"]))
        iis.configuration.set(path, element, attribute.name, data.draw(values(attribute)), place)
    for path, mode, place in data.draw(
        st.lists(st.tuples(st.sampled_from([FILTERING, WINDOWS]), st.sampled_from(["Allow", "Deny"]), st.just(SITE)))
    ):
        iis.configuration.set_mode(path, mode, place)
    state, text = iis.export(), iis.to_xml()
    assert Tree.fromstring(text.encode()).tag == "configuration"
    iis.from_xml(text)
    assert iis.export() == state
    assert iis.to_xml() == text
    assert Iis.restore(identity(), json.loads(json.dumps(state))).export() == state


def test_a_collection_is_cleared_and_filled_at_a_site() -> None:
    iis = server()
    assert words(iis, WINDOWS, "providers", "value", SITE) == ["Negotiate", "NTLM"]
    iis.configuration.clear_collection(WINDOWS, "providers", SITE)
    iis.configuration.add(WINDOWS, "providers", {"value": "NTLM"}, SITE)
    assert words(iis, WINDOWS, "providers", "value", SITE) == ["NTLM"]
    assert words(iis, WINDOWS, "providers", "value") == ["Negotiate", "NTLM"]
    with pytest.raises(ConfigurationError, match=r"unique key attribute 'value' set to 'ntlm'"):
        iis.configuration.add(WINDOWS, "providers", {"value": "ntlm"}, SITE)


def test_an_inherited_entry_is_removed_here_and_an_own_one_goes() -> None:
    iis = server()
    iis.configuration.remove(DOCUMENTS, "files", {"value": "index.htm"}, SITE, web=True)
    iis.configuration.add(DOCUMENTS, "files", {"value": "own.htm"}, SITE, web=True)
    assert words(iis, DOCUMENTS, "files", "value", SITE)[:2] == ["own.htm", "Default.htm"]
    assert "index.htm" not in words(iis, DOCUMENTS, "files", "value", SITE)
    iis.configuration.remove(DOCUMENTS, "files", {"value": "own.htm"}, SITE, web=True)
    assert "own.htm" not in words(iis, DOCUMENTS, "files", "value", SITE)
    with pytest.raises(ConfigurationError, match="Cannot find requested collection element"):
        iis.configuration.remove(DOCUMENTS, "files", {"value": "own.htm"}, SITE, web=True)


def test_a_locked_section_is_written_in_no_web_config_until_it_is_unlocked() -> None:
    iis = server()
    before = iis.export()
    with pytest.raises(ConfigurationError, match="locked at a parent level") as refused:
        iis.configuration.set(WINDOWS, "", "enabled", True, SITE, web=True)
    assert refused.value.code == 0x80070021
    assert iis.export() == before
    iis.configuration.set(WINDOWS, "", "enabled", True, SITE)
    assert iis.section(WINDOWS, SITE).get("enabled") is True
    iis.configuration.set_mode(WINDOWS, "Allow", SITE)
    iis.configuration.set(WINDOWS, "", "enabled", False, SITE, web=True)
    assert iis.section(WINDOWS, SITE).get("enabled") is False
    with pytest.raises(ConfigurationError, match="locked"):
        iis.configuration.set(WINDOWS, "", "enabled", True, "Another", web=True)


def test_what_belongs_to_the_server_is_said_at_no_location() -> None:
    iis = server()
    with pytest.raises(ConfigurationError, match="locked"):
        iis.configuration.set("system.applicationHost/webLimits", "", "demandStartThreshold", 20, SITE)
    iis.configuration.set_mode("system.applicationHost/webLimits", "Allow")
    assert iis.configuration.mode("system.applicationHost/webLimits", SITE) == "Deny"


def test_the_name_of_a_section_is_read_in_any_case() -> None:
    assert server().section(WINDOWS.replace("windowsA", "WindowsA")).get("enabled") is False


def test_a_section_whose_feature_is_not_installed_is_not_declared() -> None:
    iis = server("Web-WebServer")
    with pytest.raises(ConfigurationError, match="missing a section declaration") as refused:
        iis.section("system.webServer/applicationInitialization")
    assert refused.value.code == 0x80070032
    # The others are declared, whether something reads them or not.
    assert iis.section(WINDOWS).get("enabled") is False
    assert words(iis, WINDOWS, "providers", "value") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not well-formed"),
        ("<configuration>", "not well-formed"),
        ("<other/>", "not well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><configuration/>', "not well-formed"),
    ],
)
def test_what_is_no_configuration(text: str, said: str) -> None:
    iis = server()
    before = iis.export()
    with pytest.raises(UnreadableConfiguration, match=said):
        iis.from_xml(text)
    assert iis.export() == before


def test_a_section_that_the_lab_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(NotModelled, match=r"system\.webServer/rewrite"):
        server().from_xml("<configuration><system.webServer><rewrite/></system.webServer></configuration>")


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    iis = server()
    wrapped = f"<configuration><system.webServer>{text}</system.webServer></configuration>"
    for attempt in (text, wrapped):
        try:
            iis.from_xml(attempt)
        except (UnreadableConfiguration, ConfigurationError, NotModelled):
            continue


def test_a_password_is_told_by_no_file_and_no_visible_key() -> None:
    iis = server()
    iis.pools.get("DefaultAppPool").element.at("processModel").set("password", "Canary-1")  # type: ignore[union-attr]
    assert "Canary-1" not in iis.to_xml()
    assert "[enc:IISWASOnlyAesProvider:" in iis.to_xml()
    state = iis.export()
    assert '"secret": {"password": "Canary-1"}' in json.dumps(state)
    assert json.dumps(state).count("Canary-1") == 1
    other = server()
    with pytest.raises(UnreadableConfiguration, match="decrypt"):
        other.from_xml(iis.to_xml())
    iis.from_xml(iis.to_xml())
    assert iis.export() == state

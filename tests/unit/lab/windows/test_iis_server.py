# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server: what features bring and take, sites and pools that run, certificates of HTTP.sys, backups."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows.parts.iis import ConfigurationError, Iis
from lab.windows.parts.iis.facts import facts
from lab.windows.parts.iis.http_sys import SNI, endpoint_of

from .iis_samples import identity, server

FEATURES = sorted(facts()["features"])


def names(iis: Iis, section: str) -> list[str]:
    return [one.text("name") for one in iis.section(section).entries()]


def test_a_server_without_iis_has_nothing() -> None:
    iis = Iis.blank(identity())
    assert not iis.installed
    assert (iis.sites.all(), iis.pools.all(), names(iis, "system.webServer/modules")) == ([], [], [])


def test_what_the_role_alone_brings() -> None:
    iis = Iis.blank(identity())
    iis.install(["Web-Server", "RSAT"])
    site = iis.sites.get("default web site")
    assert site is not None
    assert (site.id, site.state, site.pool) == (1, "Started", "DefaultAppPool")
    assert site.physical_path == r"%SystemDrive%\inetpub\wwwroot"
    assert [(one.protocol, one.information) for one in site.bindings] == [("http", "*:80:")]
    assert [pool.name for pool in iis.pools.all()] == ["DefaultAppPool"]
    assert "AnonymousAuthenticationModule" in names(iis, "system.webServer/modules")
    assert "RequestFilteringModule" not in names(iis, "system.webServer/modules")


def test_pools_of_dotnet_come_with_its_feature() -> None:
    iis = server("Web-Net-Ext45", "Web-Asp-Net45")
    assert [pool.name for pool in iis.pools.all()] == ["DefaultAppPool", ".NET v4.5 Classic", ".NET v4.5"]
    classic = iis.pools.get(".NET v4.5 Classic")
    assert classic is not None
    assert classic.effective.get("managedPipelineMode") == "Classic"


@settings(settings.get_profile("few"))
@given(st.permutations(FEATURES), st.integers(0, len(FEATURES)))
def test_features_come_and_go_without_a_trace(order: list[str], count: int) -> None:
    iis = server("Web-WebServer")
    before = iis.export()
    chosen = [one for one in order[:count] if one not in ("Web-WebServer", "Web-Net-Ext", "Web-Net-Ext45")]
    for feature in chosen:
        iis.install([feature])
    assert set(chosen) <= iis.features
    iis.uninstall(chosen)
    assert iis.export() == before


def test_installing_again_keeps_what_was_configured() -> None:
    iis = server()
    iis.configuration.set("system.webServer/security/requestFiltering", "requestLimits", "maxUrl", 65534)
    before = iis.export()
    iis.install(FEATURES)
    assert iis.export() == before


def test_without_the_role_the_configuration_is_gone() -> None:
    iis = server()
    iis.uninstall(["Web-Server", *FEATURES])
    assert (iis.installed, iis.sites.all(), iis.export()["sections"]) == (False, [], {})


def test_a_new_site_has_the_next_number_and_does_not_start_where_the_port_is_taken() -> None:
    iis = server()
    site = iis.sites.create("Second", r"C:\Second")
    assert (site.id, site.state, site.pool) == (2, "Stopped", "DefaultAppPool")
    with pytest.raises(ConfigurationError, match="0x800700B7"):
        iis.sites.start("Second")
    iis.sites.stop("Default Web Site")
    iis.sites.start("Second")
    assert [one.state for one in iis.sites.all()] == ["Stopped", "Started"]
    with pytest.raises(ConfigurationError, match="unique key attribute 'name'"):
        iis.sites.create("second", r"C:\Second")


def test_a_site_takes_its_locations_with_it() -> None:
    iis = server()
    before = iis.export()
    iis.sites.create("Second", r"C:\Second")
    iis.sites.add_application("Second", "/app", r"C:\App", "Other")
    section = "system.webServer/security/authentication/anonymousAuthentication"
    for location in ("Second", "Second/app"):
        iis.configuration.set(section, "", "enabled", False, location)
    iis.sites.remove("second")
    assert iis.export() == before


def test_a_certificate_outlives_its_binding() -> None:
    iis = server()
    iis.sites.add_binding("Default Web Site", "https", "*:443:")
    [_http, binding] = iis.sites.get("Default Web Site").bindings  # type: ignore[union-attr]
    assert (binding.thumbprint, binding.store) == ("", "")
    iis.sites.bind_certificate(binding, "ab" * 20, "My")
    iis.sites.remove_binding("Default Web Site", binding)
    assert [one.endpoint for one in iis.http.all()] == ["0.0.0.0:443"]
    iis.sites.add_binding("Default Web Site", "https", "*:443:")
    [_http, again] = iis.sites.get("Default Web Site").bindings  # type: ignore[union-attr]
    assert (again.thumbprint, again.store) == ("AB" * 20, "My")
    with pytest.raises(ConfigurationError, match="combined key attributes 'protocol, bindingInformation'"):
        iis.sites.add_binding("Default Web Site", "https", "*:443:")


@pytest.mark.parametrize(
    ("information", "flags", "endpoint"),
    [
        ("*:443:", 0, "0.0.0.0:443"),
        ("*:443:Host.Example", 0, "0.0.0.0:443"),
        ("*:443:Host.Example", SNI, "host.example:443"),
        ("192.0.2.1:8443:", 0, "192.0.2.1:8443"),
        ("[::1]:443:", 0, "[::1]:443"),
    ],
)
def test_endpoints_of_http_sys(information: str, flags: int, endpoint: str) -> None:
    assert endpoint_of(information, flags) == endpoint


@pytest.mark.parametrize(("release", "version"), [("2012r2", "8.5"), ("2016", "10"), ("2025", "10")])
def test_the_release_says_the_version(release: str, version: str) -> None:
    iis = server(release=release)
    assert iis.export()["version"] == version
    known = iis.section("system.webServer/security/requestFiltering").schema.attributes
    assert ("removeServerHeader" in known) == (version == "10")
    iis.from_xml(iis.to_xml())


def test_after_a_boot_runs_what_starts_by_itself() -> None:
    iis = server()
    iis.sites.create("Second", r"C:\Second")
    third = iis.sites.create("Third", r"C:\Third")
    iis.sites.remove_binding("Third", third.bindings[0])
    iis.sites.stop("Default Web Site")
    iis.pools.stop("DefaultAppPool")
    other = iis.pools.create("Other")
    other.element.set("autoStart", False)
    iis.started()
    assert [site.state for site in iis.sites.all()] == ["Started", "Stopped", "Stopped"]
    states = {pool.name: pool.state for pool in iis.pools.all()}
    assert (states["DefaultAppPool"], states["Other"]) == ("Started", "Stopped")
    iis.sites.get("Default Web Site").element.set("serverAutoStart", False)  # type: ignore[union-attr]
    iis.started()
    assert [site.state for site in iis.sites.all()] == ["Stopped", "Started", "Stopped"]

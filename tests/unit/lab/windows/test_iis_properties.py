# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the modules of microsoft.iis: check mode knows what happens, and nothing happens twice."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows.host import Host
from lab.windows.parts.iis import Iis

from . import hosts

SITE = "Default Web Site"
FEW = settings(settings.get_profile("few"), max_examples=10)

PORTS = st.integers(8000, 8004)
BINDINGS = st.lists(
    st.fixed_dictionaries(
        {"ip": st.sampled_from(["*", "192.0.2.1"]), "port": PORTS}, optional={"hostname": st.just("a")}
    ),
    max_size=4,
    unique_by=lambda one: json.dumps(one, sort_keys=True),
)
WEBSITES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Case", "Another"]),
        "physical_path": st.sampled_from([r"C:\Windows", r"C:\Windows\Temp"]),
        "state": st.just("stopped"),
        "bindings": st.one_of(BINDINGS.map(lambda found: {"set": found}), BINDINGS.map(lambda found: {"add": found})),
    },
    optional={"application_pool": st.sampled_from(["DefaultAppPool", "Other"]), "preload_enabled": st.booleans()},
)
POOLS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Case", "Another"]),
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "queueLength": st.integers(10, 65535),
                "managedPipelineMode": st.sampled_from(["Classic", "integrated", 0, 1]),
                "processModel.identityType": st.sampled_from(["LocalSystem", 3, "4"]),
                "recycling.periodicRestart.time": st.sampled_from(["00:05:00", "0.00:05:00", "1.05:00:00"]),
                "recycling.periodicRestart.schedule": st.sampled_from(["03:00:00", ["03:00:00", "04:00:00"], []]),
                "autoStart": st.booleans(),
                "cpu.limit": st.sampled_from(["95", 95, 0]),
            },
        ),
    },
    optional={"state": st.sampled_from(["present", "started", "stopped", "absent"])},
)
AUTHENTICATIONS = st.fixed_dictionaries(
    {"site": st.just(SITE), "auth_type": st.just("WindowsAuthentication")},
    optional={
        "enabled": st.booleans(),
        "providers": st.lists(st.sampled_from(["Negotiate", "NTLM", "Negotiate:Kerberos"]), unique=True),
        "use_kernel_mode": st.booleans(),
        "token_checking": st.sampled_from(["None", "Allow", "Require"]),
    },
)


def server() -> Host:
    host = hosts.host()
    host.iis.install(["Web-Server", "Web-Windows-Auth"])
    return host


def settle(host: Host, module: str, wish: dict[str, Any]) -> None:
    """Check mode, the real run, and the run after it."""
    before = host.iis.export()
    predicted = hosts.run(host, module, {**wish, "_ansible_check_mode": True})
    assert host.iis.export() == before
    done = hosts.run(host, module, wish)
    assert "msg" not in done
    assert done["changed"] == predicted["changed"] == (host.iis.export() != before)
    assert hosts.run(host, module, wish)["changed"] is False
    state = json.loads(json.dumps(host.iis.export()))
    assert Iis.restore(host.identity, state).export() == state
    host.iis.from_xml(host.iis.to_xml())
    assert host.iis.export() == state


@FEW
@given(st.lists(WEBSITES, min_size=1, max_size=3))
def test_websites(wishes: list[dict[str, Any]]) -> None:
    host = server()
    for wish in wishes:
        settle(host, "microsoft.iis.website", wish)
        [site] = hosts.run(host, "microsoft.iis.website_info", {"name": wish["name"]})["site"]
        told = {(one["ip"], one["port"], one["hostname"]) for one in site["bindings"]}
        wanted = {(one["ip"], one["port"], one.get("hostname", "")) for one in next(iter(wish["bindings"].values()))}
        assert told == wanted if "set" in wish["bindings"] else told >= wanted


@FEW
@given(st.lists(POOLS, min_size=1, max_size=3))
def test_application_pools(wishes: list[dict[str, Any]]) -> None:
    host = server()
    for wish in wishes:
        settle(host, "microsoft.iis.web_app_pool", wish)


@FEW
@given(st.lists(AUTHENTICATIONS, min_size=1, max_size=3))
def test_authentication(wishes: list[dict[str, Any]]) -> None:
    host = server()
    for wish in wishes:
        settle(host, "microsoft.iis.authentication", wish)
    # The server's own settings are nobody's at a site.
    section = host.iis.section("system.webServer/security/authentication/windowsAuthentication")
    assert [one.get("value") for one in section.at("providers").entries()] == ["Negotiate", "NTLM"]

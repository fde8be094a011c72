# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a binding: over any bindings of two sites, its steps lead to what was asked and touch nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.certificates import certificate
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows.iis import binding, bindings
from ansible_collections.certops.intune.plugins.module_utils.windows.iis.binding_wish import ALLOWABLE, Wish, wish
from ansible_collections.certops.intune.plugins.module_utils.windows.iis.bindings import (
    Binding,
    Endpoint,
    Held,
    Site,
    State,
    Stored,
    endpoint_of,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.values import UnexpectedValue
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.certificates import made

CERTIFICATES = [
    certificate.parse(made.der(made.certificate(["*.example", "ndes1.corp.example"], serial=one))) for one in (1, 2)
]
ONE, TWO = (one.thumbprint for one in CERTIFICATES)
FOREIGN = "AB" * 20
STORED = tuple(Stored("My", True, one) for one in CERTIFICATES)
DEFAULTS: dict[str, Any] = {
    "state": "present", "site": "Site", "ip": "*", "port": 443, "host_header": "", "server_name_indication": False,
    "thumbprint": ONE, "store": "My", "host_names": [], "allow": [],
}  # fmt: skip


class Server:
    """Sites, and what HTTP.sys has, as IIS and microsoft.iis.website change them."""

    def __init__(self, sites: dict[str, dict[str, int]], held: dict[Endpoint, str]) -> None:
        self.sites = {name: dict(found) for name, found in sites.items()}
        self.held = dict(held)

    def state(self) -> State:
        sites = []
        for name, found in self.sites.items():
            own = []
            for information, flags in found.items():
                endpoint = endpoint_of(information, flags) if not flags & bindings.CENTRAL_STORE else None
                digits = self.held.get(endpoint, "") if endpoint else ""
                own.append(Binding("https", information, flags, digits, "My" if digits else ""))
            sites.append(Site(name, "Started", tuple(own)))
        held = tuple(Held(endpoint, digits) for endpoint, digits in self.held.items())
        return State(True, made.NOW, "ndes1.corp.example", tuple(sites), held, STORED)

    def bind(self, wanted: Wish) -> None:
        """microsoft.iis.website: the certificate is compared with that of the endpoint before the flags change."""
        found = self.sites[wanted.site]
        known = next((one for one in found if one.casefold() == wanted.information.casefold()), None)
        if known is None:
            found[wanted.information] = wanted.flags
            self.held[wanted.endpoint] = wanted.thumbprint
            return
        before = endpoint_of(known, found[known]) if not found[known] & bindings.CENTRAL_STORE else None
        had = self.held.get(before, "") if before else ""
        found[known] = wanted.flags
        if had != wanted.thumbprint:
            self.held[wanted.endpoint] = wanted.thumbprint

    def take(self, wanted: Wish, plan: binding.Plan) -> None:
        for step in plan.steps:
            if isinstance(step, binding.Bind):
                self.bind(wanted)
                continue
            if step.binding:
                name = next(one for one in self.sites[wanted.site] if one.casefold() == wanted.information.casefold())
                del self.sites[wanted.site][name]
            if step.endpoint is not None:
                self.held.pop(step.endpoint, None)


INFORMATION = st.sampled_from(["*:443:", "*:443:a.example", "*:443:b.example", "192.0.2.1:443:", "*:8443:A.example"])
FLAGS = st.sampled_from([0, 1, 3, 32])
BINDINGS = st.dictionaries(INFORMATION, FLAGS, max_size=3).map(
    # A name is needed to choose by name.
    lambda found: {one: flags if not one.endswith(":") else flags & ~3 for one, flags in found.items()}
)
DIGITS = st.sampled_from([ONE, TWO, FOREIGN])


@st.composite
def servers(draw: st.DrawFn) -> Server:
    sites = {"Site": draw(BINDINGS), "Other": draw(BINDINGS)}
    endpoints = {endpoint_of(one, flags) for found in sites.values() for one, flags in found.items()}
    endpoints.add(Endpoint("0.0.0.0", "", 443))
    held = {one: draw(DIGITS) for one in sorted(filter(None, endpoints), key=str) if draw(st.booleans())}
    return Server(sites, held)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    header = draw(st.sampled_from(["", "a.example", "b.example"]))
    arguments = {
        **DEFAULTS,
        "state": draw(st.sampled_from(["present", "present", "absent"])),
        "port": draw(st.sampled_from([443, 8443])),
        "host_header": header,
        "server_name_indication": bool(header) and draw(st.booleans()),
        "thumbprint": draw(st.sampled_from([ONE, TWO])),
        "allow": draw(st.sampled_from([[], list(ALLOWABLE)])),
    }
    return wish(arguments)


def planned(wanted: Wish, state: State) -> binding.Plan | None:
    try:
        return binding.plan(wanted, state)
    except OptionError:
        return None


@given(servers(), wishes())
def test_the_steps_lead_to_what_was_asked_and_then_there_are_none(server: Server, wanted: Wish) -> None:
    before = server.state()
    plan = planned(wanted, before)
    if plan is None:
        return
    server.take(wanted, plan)
    after = server.state()
    assert binding.unlike(wanted, before, after) == []
    again = planned(wanted, after)
    assert again is not None
    assert again.steps == ()
    assert again.before == plan.after
    assert plan.changed == (plan.before != plan.after)


@given(servers(), wishes())
def test_every_moment_between_two_steps_leads_there_too(server: Server, wanted: Wish) -> None:
    plan = planned(wanted, server.state())
    if plan is None:
        return
    for ended in range(len(plan.steps)):
        broken = Server(server.sites, server.held)
        broken.take(wanted, dataclasses.replace(plan, steps=plan.steps[:ended]))
        rest = binding.plan(dataclasses.replace(wanted, allow=frozenset(ALLOWABLE)), broken.state())
        broken.take(wanted, rest)
        assert binding.unlike(wanted, broken.state(), broken.state()) == []


@given(servers(), wishes())
def test_nothing_of_others_changes_that_was_not_allowed(server: Server, wanted: Wish) -> None:
    careful = dataclasses.replace(wanted, allow=frozenset())
    plan = planned(careful, server.state())
    if plan is None:
        return
    changed = Server(server.sites, server.held)
    changed.take(careful, plan)
    ours = {wanted.endpoint}
    for name, found in server.sites.items():
        for information, flags in found.items():
            if (name, information.casefold()) != (wanted.site, wanted.information.casefold()):
                assert changed.sites[name][information] == flags
            elif not flags & bindings.CENTRAL_STORE:
                ours.add(endpoint_of(information, flags) or wanted.endpoint)
    for endpoint, digits in server.held.items():
        assert endpoint in ours or changed.held.get(endpoint) == digits


OUTPUT: dict[str, Any] = {
    "installed": True,
    "now": "2026-11-21T20:00:00.0000000+01:00",
    "computer": {"DNSHostName": "ndes1", "Domain": "corp.example", "PartOfDomain": True},
    "sites": [{"name": "Site", "state": "Started", "bindings": [
        {"protocol": "net.tcp", "bindingInformation": "808:*", "sslFlags": None, "certificateHash": None,
         "certificateStoreName": None},
        {"protocol": "https", "bindingInformation": "[::1]:443:", "sslFlags": 0, "certificateHash": ONE.lower(),
         "certificateStoreName": "My"}]}],
    "ssl": [{"address": "", "port": 443, "host": "A.example", "thumbprint": ONE.lower()}],
    "certificates": [],
}  # fmt: skip


def test_what_the_script_says() -> None:
    state = bindings.read(OUTPUT)
    assert (state.fqdn, state.now) == ("ndes1.corp.example", made.NOW)
    tcp, https = state.sites[0].bindings
    assert (tcp.endpoint, https.endpoint) == (None, Endpoint("[::1]", "", 443))
    assert https.thumbprint == ONE
    assert state.held == (Held(Endpoint("", "a.example", 443), ONE),)
    alone = bindings.read({**OUTPUT, "computer": {"DNSHostName": "x", "Domain": "WORKGROUP", "PartOfDomain": False}})
    assert alone.fqdn == "x"
    with pytest.raises(UnexpectedValue, match="'now' is '1' and not a time"):
        bindings.read({**OUTPUT, "now": "1"})


def test_a_certificate_that_cannot_be_read() -> None:
    """It is in nobody's way but that of who asks for it."""
    odd = {"store": "My", "private_key": True, "der": "3003020100"}
    fine = {"store": "My", "private_key": True, "der": made.der(made.certificate(["x.example"])).hex()}
    state = bindings.read({**OUTPUT, "certificates": [odd, fine]})
    [found] = state.stored
    asked = {**DEFAULTS, "port": 8443}
    assert binding.plan(wish({**asked, "thumbprint": found.certificate.thumbprint}), state).changed
    [thumbprint] = state.unreadable
    with pytest.raises(OptionError, match=f"thumbprint: {thumbprint}: a certificate cannot be read: "):
        binding.plan(wish({**asked, "thumbprint": thumbprint}), state)


@pytest.mark.parametrize(("endpoint", "item"), [
    (Endpoint("0.0.0.0", "", 443), "0.0.0.0!443"),
    (Endpoint("192.0.2.1", "", 8443), "192.0.2.1!8443"),
    (Endpoint("", "a.example", 443), "!443!a.example"),
])  # fmt: skip
def test_names_of_items(endpoint: Endpoint, item: str) -> None:
    assert endpoint.item == item

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One https binding of a site: whether the wish can be fulfilled, and the steps that fulfil it.

serves: SCEP-074, SCEP-075

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...certificates import server
from ...certificates.certificate import Certificate
from ...directory.edits import OptionError
from .binding_obstacles import held_at, in_the_way, is_wanted, judge, others, refuse_clashes, settled
from .binding_wish import Wish
from .bindings import SNI, Binding, Endpoint, State, Stored


@dataclasses.dataclass(frozen=True)
class Remove:
    """Take away the binding, unless it is to stay, and the certificate of an endpoint, with the own script."""

    binding: bool
    endpoint: Endpoint | None


@dataclasses.dataclass(frozen=True)
class Bind:
    """Add the binding or change it, with microsoft.iis.website."""


Step: t.TypeAlias = Remove | Bind


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes:
        steps: In their order.
        before: The binding as it is, as the module shows it; None where there is none.
        after: As it will be.
        findings: What is wrong and was allowed.
        foretold: What cannot be known yet, as sentences; only in check mode.
        site_stopped: Whether the site is stopped, which it stays.
    """

    steps: tuple[Step, ...]
    before: dict[str, t.Any] | None = None
    after: dict[str, t.Any] | None = None
    findings: tuple[server.Finding, ...] = ()
    foretold: tuple[str, ...] = ()
    site_stopped: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.steps)


def plan(wanted: Wish, state: State) -> Plan:
    """What fulfils a wish. Where IIS is not there yet, it is foretold what will be once it is.

    Raises:
        OptionError: The wish cannot be fulfilled, or something is in its way that was not allowed.
    """
    site = state.site(wanted.site)
    if state.installed and site is None:
        there = ", ".join(f"'{one.name}'" for one in state.sites) or "none"
        raise OptionError("site", f"there is no site '{wanted.site}'; there are {there}")
    present = next((one for one in site.bindings if is_wanted(wanted, site, one)), None) if site else None
    before = None if present is None else _described(wanted, present, state)
    about = f"the binding {wanted.information}"
    if wanted.absent:
        if present is None:
            return Plan(())
        found = judge(wanted, "site", about, in_the_way(wanted, present, state))
        alone = all(other.endpoint != present.endpoint for _site, other in others(state, wanted))
        return Plan((Remove(True, present.endpoint if alone else None),), before, None, found)
    stored, foretold = _stored(wanted, state)
    wrong: list[server.Finding] = []
    if stored is not None:
        asked = _host_names(wanted, state)
        wrong = server.findings(stored.certificate, private_key=stored.private_key, host_names=asked, now=state.now)
    found = judge(wanted, "thumbprint", f"certificate {wanted.thumbprint}", wrong)
    refuse_clashes(wanted, state)
    found += judge(wanted, "site", about, in_the_way(wanted, present, state))
    after = _shown(wanted, stored.certificate if stored else None)
    stopped = site is not None and site.state.casefold() == "stopped"
    return Plan(tuple(_steps(wanted, present, state)), before, after, found, foretold, stopped)


def _stored(wanted: Wish, state: State) -> tuple[Stored | None, tuple[str, ...]]:
    stored = state.find(wanted.store, wanted.thumbprint)
    if stored is not None:
        return stored, ()
    if wanted.thumbprint in state.unreadable:
        raise OptionError("thumbprint", f"{wanted.thumbprint}: {state.unreadable[wanted.thumbprint]}")
    told = f"there is no certificate {wanted.thumbprint} in LocalMachine\\{wanted.store} of {state.fqdn}"
    if state.installed:
        raise OptionError("thumbprint", told)
    return None, (f"{told[0].upper()}{told[1:]} yet: what it is for is not checked.",)


def _steps(wanted: Wish, present: Binding | None, state: State) -> t.Iterator[Step]:
    if present is not None and settled(wanted, present):
        return
    used = {other.endpoint for _site, other in others(state, wanted)}
    if present is not None and present.endpoint == wanted.endpoint:
        yield Bind()
        return
    if wanted.endpoint not in used and held_at(state, wanted.endpoint) not in ("", wanted.thumbprint):
        yield Remove(False, wanted.endpoint)
    yield Bind()
    if present is not None:
        # Upstream compares with the certificate of the endpoint that the binding had: the first run may have changed
        # the flags alone, and the second gives the new endpoint its certificate.
        yield Bind()
        if present.endpoint is not None and present.endpoint not in used:
            yield Remove(False, present.endpoint)


def _host_names(wanted: Wish, state: State) -> tuple[str, ...]:
    if wanted.host_names is not None:
        return wanted.host_names
    return (state.fqdn, wanted.host_header) if wanted.host_header else (state.fqdn,)


def _described(wanted: Wish, binding: Binding, state: State) -> dict[str, t.Any]:
    """A binding as it is, in the words of the module."""
    stored = state.find(binding.store, binding.thumbprint)
    shown = _shown(wanted, stored.certificate if stored else None)
    shown["server_name_indication"] = bool(binding.flags & SNI)
    shown["store"] = binding.store or None
    if stored is None:
        shown["certificate"] = _certificate(binding.thumbprint) if binding.thumbprint else None
    return shown


def _shown(wanted: Wish, certificate: Certificate | None) -> dict[str, t.Any]:
    return {
        "site": wanted.site,
        "ip": wanted.ip,
        "port": wanted.port,
        "host_header": wanted.host_header,
        "server_name_indication": wanted.sni,
        "store": wanted.store,
        "certificate": _certificate(wanted.thumbprint, certificate),
    }


def _certificate(thumbprint: str, certificate: Certificate | None = None) -> dict[str, t.Any]:
    if certificate is None:
        return {"thumbprint": thumbprint, "subject": None, "issuer": None, "not_before": None, "not_after": None}
    return {
        "thumbprint": certificate.thumbprint,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
    }


def unlike(wanted: Wish, before: State, after: State) -> list[str]:
    """What is not as it should be after the steps: the binding itself, and what nobody asked to change."""
    found = []
    present = [one for site in after.sites for one in site.bindings if is_wanted(wanted, site, one)]
    if wanted.absent and present:
        found.append(f"the binding {wanted.information} is still there")
    if not wanted.absent and not any(settled(wanted, one) for one in present):
        found.append(f"the binding {wanted.information} has not certificate {wanted.thumbprint}")
    now = others(after, wanted)
    for site, other in others(before, wanted):
        # One that had no certificate gets that of the endpoint which it shares.
        shared = other.endpoint == wanted.endpoint and (not other.thumbprint or "shared_endpoint" in wanted.allow)
        kept = any(
            (one.name, same.information) == (site.name, other.information) and same == other for one, same in now
        )
        if not kept and not shared:
            found.append(f"the binding {other.information} of site '{site.name}' is not what it was")
    return found

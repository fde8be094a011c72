# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others have that a binding would clash with, take or change.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ...certificates.server import Finding
from ...directory.edits import OptionError
from .binding_wish import ALLOWABLE, Wish
from .bindings import CENTRAL_STORE, SNI, Binding, Endpoint, Site, State, place_of

#: What microsoft.iis.website knows of a binding's flags; it takes away the others.
KNOWN_FLAGS = SNI | CENTRAL_STORE


def others(state: State, wanted: Wish) -> list[tuple[Site, Binding]]:
    """The bindings of all sites but the one that is asked for."""
    return [(site, one) for site in state.sites for one in site.bindings if not is_wanted(wanted, site, one)]


def is_wanted(wanted: Wish, site: Site, binding: Binding) -> bool:
    """Whether a binding is the one that is asked for, whatever its certificate."""
    return (
        binding.https
        and site.name.casefold() == wanted.site.casefold()
        and binding.information.casefold() == wanted.information.casefold()
    )


def settled(wanted: Wish, present: Binding) -> bool:
    """Whether a binding is as it is asked for."""
    return (
        present.flags & KNOWN_FLAGS == wanted.flags
        and present.thumbprint == wanted.thumbprint
        and present.store.casefold() == wanted.store.casefold()
    )


def held_at(state: State, endpoint: Endpoint) -> str:
    """The thumbprint of the certificate that HTTP.sys has for an endpoint, or ""."""
    return next((one.thumbprint for one in state.held if one.endpoint == endpoint), "")


def refuse_clashes(wanted: Wish, state: State) -> None:
    """Raise OptionError for what IIS cannot have twice, which nothing allows."""
    for site, one in others(state, wanted):
        if one.https and one.information.casefold() == wanted.information.casefold():
            raise OptionError("site", f"site '{site.name}' has the binding {wanted.information} already")
        if one.protocol.casefold() == "http" and place_of(one.information) == place_of(wanted.information):
            raise OptionError("port", f"site '{site.name}' answers http at {one.information}")


def in_the_way(wanted: Wish, present: Binding | None, state: State) -> t.Iterator[Finding]:
    """What a task has to allow by name before it is taken or changed."""
    if present is not None and present.central:
        yield Finding("central_certificate_store", "its certificate comes from the central certificate store")
    if wanted.absent or (present is not None and settled(wanted, present)):
        return
    lost = present.flags & ~KNOWN_FLAGS if present is not None else 0
    if lost:
        yield Finding("lost_flags", f"it has the sslFlags {lost}, which microsoft.iis.website would take away")
    used = False
    for site, other in others(state, wanted):
        if other.endpoint != wanted.endpoint:
            continue
        used = True
        if other.thumbprint not in ("", wanted.thumbprint):
            what = f"the binding {other.information} of site '{site.name}' answers at {wanted.endpoint} too"
            yield Finding("shared_endpoint", f"{what}, with certificate {other.thumbprint}, and would get this one")
    held = held_at(state, wanted.endpoint)
    own = present is not None and present.endpoint == wanted.endpoint
    if not used and not own and held not in ("", wanted.thumbprint):
        who = f"HTTP.sys has certificate {held} for {wanted.endpoint}, which no site uses: another service, or a rest"
        yield Finding("held_by_another_service", who)


def judge(wanted: Wish, option: str, about: str, found: t.Iterable[Finding]) -> tuple[Finding, ...]:
    """What was allowed of what was found; OptionError for what was not."""
    told = tuple(found)
    refused = [one for one in told if one.id not in wanted.allow]
    if refused:
        text = "; ".join(f"{one.evidence} ({one.id})" for one in refused)
        ways = ", ".join(dict.fromkeys(one.id for one in refused if one.id in ALLOWABLE))
        hint = f". Where that is meant, give allow: [{ways}]" if ways else ""
        raise OptionError(option, f"{about}: {text}{hint}")
    return told

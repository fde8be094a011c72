# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain controllers by DNS: the SRV records of a domain, in an order that is the same every time.

Two tasks of one play must not speak to two servers between which the first one's change has not replicated yet: the
second would create again what exists. So the order is not drawn by weight (RFC 2782), which would spread a load that is
not there; the domain controller that every tool agrees on, the PDC emulator, comes first.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import traceback
import typing as t

from .errors import DirectoryError, error

try:
    import dns.exception
    import dns.resolver
except ImportError:
    DNS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    DNS_IMPORT_ERROR = None


class Service(t.NamedTuple):
    """One SRV record. Its port is not used: the one to use depends on TLS and on the global catalog."""

    priority: int
    weight: int
    host: str


def domain_controllers(domain: str, timeout: float) -> tuple[str, ...]:
    """Host names of the domain controllers of O(domain), the PDC emulator first. Raises DirectoryError without any."""
    every = _hosts(f"_ldap._tcp.dc._msdcs.{domain}", timeout)
    try:
        first = _hosts(f"_ldap._tcp.pdc._msdcs.{domain}", timeout)
    except DirectoryError:
        first = ()
    return tuple(dict.fromkeys((*first, *every)))


def global_catalogs(forest: str, timeout: float) -> tuple[str, ...]:
    """Host names of the global catalogs of O(forest), named by its root domain. Raises DirectoryError without any."""
    return _hosts(f"_ldap._tcp.gc._msdcs.{forest}", timeout)


def ordered(services: t.Iterable[Service]) -> tuple[str, ...]:
    """The hosts of O(services): lowest priority first, then highest weight, then by name."""
    by_rank = sorted(services, key=lambda service: (service.priority, -service.weight, service.host.casefold()))
    return tuple(dict.fromkeys(service.host for service in by_rank))


def _hosts(name: str, timeout: float) -> tuple[str, ...]:
    attempted = "find domain controllers"
    if DNS_IMPORT_ERROR is not None:
        raise error("dnspython_missing", attempted, name)
    try:
        answer = dns.resolver.resolve(name, "SRV", lifetime=timeout, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError) as exc:
        raise error("no_srv_records", attempted, name, _one_line(exc)) from exc
    except dns.exception.DNSException as exc:
        raise error("dns_failure", attempted, name, _one_line(exc)) from exc
    services = [
        Service(record.priority, record.weight, record.target.to_text(omit_final_dot=True)) for record in answer
    ]
    # A single record with the root as its target says that there is no such service.
    hosts = ordered(service for service in services if service.host not in ("", "."))
    if not hosts:
        raise error("no_srv_records", attempted, name, "the only record says that there is no such service")
    return hosts


def _one_line(exc: Exception) -> str:
    return " ".join(str(exc).split()).rstrip(".")

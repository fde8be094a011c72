# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain controllers by DNS: the SRV records of a domain, in the order of RFC 2782.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import random
import traceback
import typing as t

from .errors import error

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
    """Host names of the domain controllers of O(domain). Raises DirectoryError when there are none."""
    return _hosts(f"_ldap._tcp.dc._msdcs.{domain}", timeout)


def global_catalogs(forest: str, timeout: float) -> tuple[str, ...]:
    """Host names of the global catalogs of O(forest), named by its root domain. Raises DirectoryError without any."""
    return _hosts(f"_ldap._tcp.gc._msdcs.{forest}", timeout)


def ordered(services: t.Iterable[Service], choose: t.Callable[[int], int]) -> tuple[str, ...]:
    """The hosts of O(services) in the order in which to try them.

    Lower priorities come first. Within one the order is drawn, weighted: with O(choose), which returns a number from
    0 to its argument (RFC 2782, "Usage rules").
    """
    remaining = sorted(services)  # by priority, then weight: those of weight 0 first, as the RFC wants
    hosts: list[str] = []
    while remaining:
        candidates = [service for service in remaining if service.priority == remaining[0].priority]
        drawn = choose(sum(service.weight for service in candidates))
        chosen = candidates[-1]
        for service in candidates:
            drawn -= service.weight
            if drawn <= 0:
                chosen = service
                break
        remaining.remove(chosen)
        hosts.append(chosen.host)
    return tuple(dict.fromkeys(hosts))


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
    hosts = ordered(
        (service for service in services if service.host not in ("", ".")), lambda top: random.randint(0, top)
    )
    if not hosts:
        raise error("no_srv_records", attempted, name, "the only record says that there is no such service")
    return hosts


def _one_line(exc: Exception) -> str:
    return " ".join(str(exc).split()).rstrip(".")

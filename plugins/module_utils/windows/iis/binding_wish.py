# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of a binding, refused where it cannot be.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ...certificates import names, thumbprint
from ...directory.edits import OptionError
from .bindings import SNI, Endpoint, endpoint_of

#: What a task may allow by name. `missing_private_key` is none of them: such a certificate cannot be bound.
ALLOWABLE = (
    "central_certificate_store",
    "expired",
    "held_by_another_service",
    "lost_flags",
    "name_mismatch",
    "not_yet_valid",
    "self_signed",
    "shared_endpoint",
    "weak_key",
    "weak_signature",
    "wrong_purpose",
)


@dataclasses.dataclass(frozen=True)
class Wish:
    """A binding that is wanted, or not wanted any more.

    Attributes:
        host_names: What the certificate has to be for; None for the names of the server.
        allow: Ids of findings that are no obstacle.
    """

    site: str
    ip: str
    port: int
    host_header: str
    sni: bool
    store: str
    thumbprint: str
    host_names: tuple[str, ...] | None
    allow: frozenset[str]
    absent: bool

    @property
    def information(self) -> str:
        return f"{self.ip}:{self.port}:{self.host_header}"

    @property
    def flags(self) -> int:
        return SNI if self.sni else 0

    @property
    def endpoint(self) -> Endpoint:
        found = endpoint_of(self.information, self.flags)
        if found is None:
            raise ValueError(self.information)
        return found


def wish(arguments: t.Mapping[str, t.Any]) -> Wish:
    """What a task asks for. Raises OptionError for what cannot be."""
    absent = arguments["state"] == "absent"
    site, ip, port, header = (arguments[name] for name in ("site", "ip", "port", "host_header"))
    if not site.strip() or "/" in site:
        raise OptionError("site", f"'{site}' is no name of a site")
    if ip != "*":
        try:
            ipaddress.IPv4Address(ip)
        except ValueError:
            raise OptionError("ip", f"'{ip}' is neither * nor an IPv4 address, which microsoft.iis takes") from None
    if not 1 <= port <= 65535:
        raise OptionError("port", f"{port} is not between 1 and 65535")
    host = _plain("host_header", header) if header else ""
    if arguments["server_name_indication"] and not host:
        raise OptionError("server_name_indication", "needs host_header: it is the name that the client says")
    digits = ""
    if not absent:
        try:
            digits = thumbprint.normal(arguments["thumbprint"])
        except ValueError as error:
            raise OptionError("thumbprint", str(error)) from error
    asked = arguments["host_names"]
    for name in asked or ():
        if names.address(name) is None:
            _plain("host_names", name)
    return Wish(
        site,
        ip,
        port,
        host,
        bool(arguments["server_name_indication"]),
        arguments["store"],
        digits,
        None if asked is None else tuple(asked),
        frozenset(arguments["allow"]),
        absent,
    )


def _plain(option: str, name: str) -> str:
    try:
        return names.ascii_name(name)
    except ValueError as error:
        raise OptionError(option, str(error)) from error

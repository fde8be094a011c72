# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings of sites, and the certificates that HTTP.sys has for their endpoints, out of iis_binding_read.ps1.

HTTP.sys keeps one certificate for an address and port, whatever sites answer there, and one for a host name and port
where the client says the name (SNI). A certificate belongs to the endpoint and not to the binding.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ...certificates import certificate
from ..values import Fields

#: sslFlags of a binding (IIS configuration reference, binding): chosen by name; certificate from the central store.
SNI = 1
CENTRAL_STORE = 2

#: How HTTP.sys names all addresses.
ALL_ADDRESSES = "0.0.0.0"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """What HTTP.sys has a certificate for: an address and port, or a host name and port; the other one is ""."""

    address: str
    host: str
    port: int

    @property
    def item(self) -> str:
        """Its name below IIS:\\SslBindings."""
        return f"!{self.port}!{self.host}" if self.host else f"{self.address}!{self.port}"

    def __str__(self) -> str:
        return f"{self.host or self.address}:{self.port}"


@dataclasses.dataclass(frozen=True)
class Binding:
    """A binding of a site; without a certificate thumbprint and store are ""."""

    protocol: str
    information: str
    flags: int
    thumbprint: str
    store: str

    @property
    def https(self) -> bool:
        return self.protocol.casefold() == "https"

    @property
    def central(self) -> bool:
        return self.https and bool(self.flags & CENTRAL_STORE)

    @property
    def endpoint(self) -> Endpoint | None:
        """Where HTTP.sys looks for its certificate; None for another protocol, and for the central store."""
        return endpoint_of(self.information, self.flags) if self.https and not self.central else None


@dataclasses.dataclass(frozen=True)
class Site:
    """A site with its bindings."""

    name: str
    state: str
    bindings: tuple[Binding, ...]


@dataclasses.dataclass(frozen=True)
class Held:
    """A certificate that HTTP.sys answers with at an endpoint."""

    endpoint: Endpoint
    thumbprint: str


@dataclasses.dataclass(frozen=True)
class Stored:
    """A certificate of the machine, and whether its private key is there."""

    store: str
    private_key: bool
    certificate: certificate.Certificate


@dataclasses.dataclass(frozen=True)
class State:
    """What the script found.

    Attributes:
        installed: Whether there is a web server at all.
        now: The server's time, UTC.
        fqdn: The server's name in DNS.
        unreadable: Why certificates cannot be read, by their thumbprint.
    """

    installed: bool
    now: dt.datetime
    fqdn: str
    sites: tuple[Site, ...] = ()
    held: tuple[Held, ...] = ()
    stored: tuple[Stored, ...] = ()
    unreadable: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def site(self, name: str) -> Site | None:
        return next((one for one in self.sites if one.name.casefold() == name.casefold()), None)

    def find(self, store: str, thumbprint: str) -> Stored | None:
        wanted = (store.casefold(), thumbprint)
        return next((one for one in self.stored if (one.store.casefold(), one.certificate.thumbprint) == wanted), None)


def read(output: object) -> State:
    """The state out of the script's object. Raises UnexpectedValue."""
    fields = Fields(output)
    stored, unreadable = [], {}
    for one in fields.objects("certificates"):
        der = one.octets("der")
        try:
            stored.append(Stored(one.text("store"), one.flag("private_key"), certificate.parse(der)))
        except certificate.CertificateError as error:
            # That of somebody else must not be in the way of one that can be read.
            unreadable[certificate.thumbprint_of(der)] = str(error)
    computer = fields.fields("computer")
    host, domain = computer.text("DNSHostName"), computer.optional_text("Domain")
    return State(
        fields.flag("installed"),
        fields.moment("now"),
        f"{host}.{domain}" if domain and computer.flag("PartOfDomain") else host,
        tuple(_site(one) for one in fields.objects("sites")),
        tuple(_held(one) for one in fields.objects("ssl")),
        tuple(stored),
        unreadable,
    )


def _site(fields: Fields) -> Site:
    bindings = tuple(
        Binding(
            one.text("protocol"),
            one.text("bindingInformation"),
            one.optional_integer("sslFlags") or 0,
            (one.optional_text("certificateHash") or "").upper(),
            one.optional_text("certificateStoreName") or "",
        )
        for one in fields.objects("bindings")
    )
    return Site(fields.text("name"), fields.text("state"), bindings)


def _held(fields: Fields) -> Held:
    host = fields.text("host").casefold()
    address = "" if host else fields.text("address") or ALL_ADDRESSES
    return Held(Endpoint(address, host, fields.integer("port")), fields.text("thumbprint").upper())


def split(information: str) -> tuple[str, str, str]:
    """`address:port:host` of a binding; an IPv6 address stands in brackets."""
    rest, _colon, host = information.rpartition(":")
    address, _colon, port = rest.rpartition(":")
    return address, port, host


def place_of(information: str) -> tuple[str, str]:
    """The address and port alone."""
    address, port, _host = split(information)
    return (ALL_ADDRESSES if address in ("", "*") else address, port)


def endpoint_of(information: str, flags: int) -> Endpoint | None:
    """The endpoint that a binding uses; None where the information is that of another protocol."""
    address, port, host = split(information)
    if not port.isdigit():
        return None
    if flags & SNI:
        return Endpoint("", host.casefold(), int(port))
    return Endpoint(ALL_ADDRESSES if address in ("", "*") else address, "", int(port))

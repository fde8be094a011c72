# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of HTTP.sys: which certificate answers at an address and port, or for a name (SNI).

This is what `netsh http show sslcert` lists. It belongs to the kernel, not to the configuration of IIS: it outlives the
binding of a site, and a site that is bound again to the same address has its certificate again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

#: The application id under which IIS registers certificates, as Microsoft's documentation of netsh shows it.
IIS_APPLICATION = "{4dc3e181-e14b-4a21-b022-59fc669b0914}"

#: Flags of a site's binding.
SNI = 1
CENTRAL_STORE = 2


@dataclass(frozen=True)
class SslCertificate:
    """A certificate that HTTP.sys answers with.

    Attributes:
        endpoint: `0.0.0.0:443`, `[::]:443`, or for SNI `host.example:443`.
        thumbprint: SHA-1 of the certificate in upper case, as IIS shows it.
        store: Name of the certificate store in LocalMachine as it was given.
        application: Id of the application that registered it.
        sni: Whether it is chosen by name.
    """

    endpoint: str
    thumbprint: str
    store: str
    application: str = IIS_APPLICATION
    sni: bool = False


class HttpSys:
    """The certificates by endpoint."""

    def __init__(self) -> None:
        self._certificates: dict[str, SslCertificate] = {}

    def all(self) -> list[SslCertificate]:
        return sorted(self._certificates.values(), key=lambda one: (one.sni, one.endpoint))

    def get(self, endpoint: str) -> SslCertificate | None:
        return self._certificates.get(endpoint.lower())

    def put(self, certificate: SslCertificate) -> None:
        self._certificates[certificate.endpoint.lower()] = certificate

    def remove(self, endpoint: str) -> bool:
        return self._certificates.pop(endpoint.lower(), None) is not None

    def export(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.all()]

    def read(self, source: list[dict[str, Any]]) -> None:
        self._certificates = {one["endpoint"].lower(): SslCertificate(**one) for one in source}


def endpoint_of(information: str, flags: int) -> str:
    """The endpoint of HTTP.sys that a site's binding uses: by name with SNI, else by address."""
    address, port, host = split(information)
    if flags & SNI:
        return f"{host}:{port}".lower()
    return f"{'0.0.0.0' if address in ('*', '') else address}:{port}"


def split(information: str) -> tuple[str, str, str]:
    """`address:port:host` of a binding; an IPv6 address stands in brackets."""
    rest, _separator, host = information.rpartition(":")
    address, _separator, port = rest.rpartition(":")
    return address, port, host

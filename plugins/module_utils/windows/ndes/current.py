# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of NDES on a server, out of the one object of ndes_state.ps1, and in which state that is. Pure.

Provenance: what a half-configured server looks like from public reports (facts on deployment, host features and NDES
role): the registry key without certificates of the registration authority, one application without the other.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .. import mscep
from ..values import Fields
from . import ra_certificates, sids, web_server
from .ra_certificates import ENCRYPTION, SIGNING, RaCertificate
from .web_server import WebServer

FEATURE_MISSING = "feature_missing"
NOT_CONFIGURED = "not_configured"
HALF_CONFIGURED = "half_configured"
CONFIGURED = "configured"

#: State and StartMode of Win32_Service, the same words in every language of Windows.
RUNNING, AUTOMATIC = "Running", "Auto"


@dataclass(frozen=True)
class Current:
    """NDES on a server.

    Attributes:
        feature: Whether the role service is installed.
        key: Whether the registry has the key MSCEP.
        ca_config: The authority it was configured for.
        status: ConfigurationStatus; None when there is no such value.
        iis: What IIS has of it; None without IIS.
        iis_ready: Whether the service of the web server runs, and starts by itself.
        path, path_exists: Folder of the site, and whether it is there.
        pool_state: V(Started), V(Stopped) ...; None when there is no pool, or it could not be told.
        backups: Names of the backups of the configuration of IIS.
        members: SIDs in IIS_IUSRS; None when Windows could not list them.
        roots: Thumbprints of the store Root.
        certificates: All certificates that may be those of a registration authority, newest first.
        identity_sid: SID of the pool's identity; None when nobody was asked for it yet, or nobody knows it.
    """

    feature: bool = False
    key: bool = False
    ca_config: str | None = None
    status: int | None = None
    iis: WebServer | None = None
    iis_ready: bool = False
    path: str = ""
    path_exists: bool = False
    pool_state: str | None = None
    backups: tuple[str, ...] = ()
    members: frozenset[str] | None = frozenset()
    roots: frozenset[str] = frozenset()
    certificates: tuple[RaCertificate, ...] = ()
    identity_sid: str | None = None

    @property
    def application(self) -> bool:
        return self.iis is not None and self.iis.has(mscep.APPLICATION)

    @property
    def admin_application(self) -> bool:
        return self.iis is not None and self.iis.has(mscep.ADMIN_APPLICATION)

    @property
    def pool(self) -> web_server.Pool | None:
        return self.iis.pool if self.iis else None

    @property
    def own(self) -> tuple[RaCertificate, ...]:
        """The certificates of the authority that NDES was configured for; all, where none is known."""
        if not self.ca_config:
            return self.certificates
        wanted = self.ca_config.rpartition("\\")[2].casefold()
        return tuple(one for one in self.certificates if one.issuer.casefold() == wanted)

    def in_use(self, purpose: str) -> RaCertificate | None:
        """The newest certificate with a private key for a purpose."""
        return next((one for one in self.own if one.purpose == purpose and one.provider_kind), None)

    @property
    def pair(self) -> tuple[RaCertificate, ...]:
        """The certificates that are in use, that for signing first."""
        return tuple(one for one in map(self.in_use, (SIGNING, ENCRYPTION)) if one is not None)

    @property
    def identity(self) -> str | None:
        """As whom the pool runs: the user's name, or V("") for the pool itself; None without a pool or otherwise."""
        pool = self.pool
        if pool is None:
            return None
        if pool.identity_type.casefold() == web_server.POOL_IDENTITY.casefold():
            return ""
        return pool.username

    def identified(self, sid: str | None) -> Current:
        """The same with the SID of the pool's identity, that of a pool itself being known."""
        return replace(self, identity_sid=sids.of_pool(mscep.POOL) if self.identity == "" else sid)

    @property
    def half(self) -> tuple[str, ...]:
        """Why the server is half-configured, a sentence each; empty when it is not.

        The application mscep_admin may be missing: it is taken away on purpose where nobody needs it.
        """
        anything = self.key or self.application or self.admin_application or self.status == mscep.CONFIGURED
        return tuple(self._reasons()) if anything else ()

    def _reasons(self) -> t.Iterator[str]:
        if not self.key:
            yield f"The registry has no key {mscep.MSCEP}, and other parts of NDES are there."
        elif not self.ca_config:
            yield "The registry does not say which authority NDES was configured for."
        if self.status is not None and self.status != mscep.CONFIGURED:
            yield (
                f"{mscep.CONFIGURATION_STATUS} is {self.status} and not {mscep.CONFIGURED}: the set-up did not come to "
                "its end."
            )
        if not self.application:
            other = f", and {mscep.ADMIN_APPLICATION} is there" if self.admin_application else ""
            yield f"IIS has no application {mscep.APPLICATION}{other}."
        if self.pool is None:
            yield f"IIS has no pool {mscep.POOL}."
        for purpose in (SIGNING, ENCRYPTION):
            if self.in_use(purpose) is None:
                yield (f"The server has no certificate of the registration authority with a private key for {purpose}.")

    @property
    def state(self) -> str:
        if not self.feature:
            return FEATURE_MISSING
        if self.half:
            return HALF_CONFIGURED
        return CONFIGURED if self.key else NOT_CONFIGURED


def read(value: object, *, feature: bool) -> Current:
    """What O(value), the object of ndes_state.ps1, tells of. Raises UnexpectedValue.

    Args:
        feature: Whether the role service is installed, which another script tells.
    """
    found = Fields(value)
    registry = {one.text("path").rpartition("\\")[2].casefold(): one for one in found.objects("registry")}
    authority, role = registry.get("cainfo"), registry.get("ndes")
    members = None if isinstance(_raw(value, "members"), str) else frozenset(found.texts("members"))
    return Current(
        feature=feature,
        key="mscep" in registry,
        ca_config=(authority.optional_text("authority") or None) if authority else None,
        status=role.optional_integer("status") if role else None,
        iis=web_server.read(found.texts("iis")),
        iis_ready=any(map(_is_ready, found.objects("services"))),
        path=found.text("path"),
        path_exists=found.flag("path_exists"),
        pool_state=found.optional_text("pool_state"),
        backups=tuple(found.texts("backups")),
        members=members,
        roots=frozenset(one.upper() for one in found.texts("roots")),
        certificates=ra_certificates.read(found.objects("certificates")),
    ).identified(None)


def _is_ready(service: Fields) -> bool:
    return (service.text("State"), service.text("StartMode")) == (RUNNING, AUTOMATIC)


def _raw(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None

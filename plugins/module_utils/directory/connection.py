# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One protected connection to one domain controller.

Every setting that a configuration file of OpenLDAP could weaken is set here: what this host's ldap.conf says about
certificates, security layers and referrals does not count.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import contextlib
import ssl
import typing as t
from pathlib import Path

from . import native
from .credentials import Credentials
from .entry import Change
from .errors import error
from .evidence import Evidence, ldap_failure
from .probe import Way, examine, is_silent
from .settings import ConnectionSettings

#: Seconds after which the next domain controller is tried.
CONNECT_TIMEOUT = 10
#: Bits. Rules out signing without encryption (1), single DES (56) and RC4 (64 as MIT Kerberos rates it).
MINIMUM_STRENGTH = 128

_PORTS = {False: {"none": 389, "start_tls": 389, "ldaps": 636}, True: {"none": 3268, "start_tls": 3268, "ldaps": 3269}}
_REFUSALS = ("signing_required", "confidentiality_required", "unwilling")
_ANY_STRENGTH = 0x7FFFFFFF
_DEMAND = 2
_TLS_1_2 = 0x303
# Where distributions keep the authorities that a host trusts, for a libldap that knows none by itself.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")


class Connection:
    """A bound connection.

    Attributes:
        server: the host name it was opened with.
        url: the same as an LDAP URL, for messages.
        strength: bits of the Kerberos security layer; 0 when TLS protects the connection.
    """

    def __init__(
        self, server: str, settings: ConnectionSettings, credentials: Credentials, *, global_catalog: bool = False
    ) -> None:
        """Connect and bind. Raises DirectoryError, Unreachable when another server is worth a try."""
        port = _PORTS[global_catalog][settings.tls]
        host = f"[{server}]" if ":" in server else server
        self.server = server
        self.url = f"{'ldaps' if settings.tls == 'ldaps' else 'ldap'}://{host}:{port}"
        self.strength = 0
        self._settings = settings
        if native.LDAP_IMPORT_ERROR is not None:
            raise error("python_ldap_missing", "connect", self.url)
        way = Way(server, port, settings.tls, settings.ca_certificates, min(settings.timeout, CONNECT_TIMEOUT))
        silence = is_silent(way) if settings.tls != "none" else None
        if silence:
            raise error(silence.code, "connect", self.url, silence.detail)
        self._handle = native.open_handle(self.url)
        self._is_open = True
        try:
            self._set_options(way.timeout)
            if settings.tls == "start_tls":
                self._handle.start_tls_s()
            if settings.auth == "simple":
                self._handle.simple_bind_s(settings.username or "", settings.password or "")
            else:
                with credentials.in_effect():
                    self._handle.sasl_interactive_bind_s("", native.gssapi())
        except native.LdapError as exc:
            self.close()
            evidence = self._why(exc, way)
            raise error(evidence.code, "connect", self.url, evidence.detail) from exc
        if settings.tls == "none":
            self._require_strength()

    def _set_options(self, connect_timeout: float) -> None:
        put, option = self._handle.set_option, native.option
        put(option("PROTOCOL_VERSION"), 3)
        put(option("REFERRALS"), 0)
        put(option("NETWORK_TIMEOUT"), connect_timeout)
        put(option("TIMEOUT"), self._settings.timeout)
        # The name of the service must come from the name that was asked for, not from what a DNS server says of it.
        put(option("X_SASL_NOCANON"), 1)
        if self._settings.tls == "none":
            put(option("X_SASL_SECPROPS"), f"noanonymous,noplain,minssf={MINIMUM_STRENGTH},maxssf={_ANY_STRENGTH}")
            return
        # Inside TLS a second layer is not wanted: Active Directory refuses it.
        put(option("X_SASL_SECPROPS"), "noanonymous,noplain,minssf=0,maxssf=0")
        put(option("X_TLS_REQUIRE_CERT"), _DEMAND)
        put(option("X_TLS_PROTOCOL_MIN"), _TLS_1_2)
        authorities = self._authorities()
        if authorities:
            put(option("X_TLS_CACERTFILE"), authorities)
        # Makes the options before it count; so it comes last.
        put(option("X_TLS_NEWCTX"), 0)

    def _authorities(self) -> str | None:
        """The file of trusted authorities to set; None when libldap knows by itself."""
        path = self._settings.ca_certificates
        if path is None:
            if native.global_option("X_TLS_CACERTFILE") or native.global_option("X_TLS_CACERTDIR"):
                return None
            return next((bundle for bundle in _BUNDLES if Path(bundle).is_file()), None)
        try:
            # libldap gives no reason when it cannot use the file.
            ssl.create_default_context(cafile=path)
        except OSError as exc:
            raise error("ca_file_unreadable", "read trusted certificates", path, str(exc.strerror or exc)) from exc
        return path

    def _why(self, exc: Exception, way: Way) -> Evidence:
        result, text, diagnostic = native.result_of(exc)
        evidence = ldap_failure(result, text, diagnostic)
        if evidence.code in ("connection_lost", "timeout", "tls_failed"):
            return examine(way) or evidence
        if self._settings.auth == "kerberos" and self._settings.tls != "none" and evidence.code in _REFUSALS:
            return Evidence("sasl_over_tls_refused", evidence.detail)
        return evidence

    def _require_strength(self) -> None:
        self.strength = int(self._handle.get_option(native.option("X_SASL_SSF")))
        if self.strength < MINIMUM_STRENGTH:
            self.close()
            raise error("weak_security_layer", "connect", self.url, f"{self.strength} bits")

    def close(self) -> None:
        """Unbind. A connection that is lost or closed already is no error."""
        if not self._is_open:
            return
        self._is_open = False
        with contextlib.suppress(native.LdapError):
            self._handle.unbind_s()

    def search_page(
        self,
        base: str,
        scope: str,
        filter_text: str,
        attributes: t.Sequence[str],
        controls: list[native.Control],
    ) -> tuple[list[native.RawEntry], bytes | str]:
        """One request and its entries, and the cookie of the next page."""
        result = self._call(
            lambda: self._handle.search_ext(
                base, native.SCOPES[scope], filter_text, list(attributes), serverctrls=controls
            ),
            f"search for {filter_text}",
            base or "root entry",
        )
        return result[1], native.next_cookie(result[3])

    def add(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        """Create an object."""
        values = [(name, list(value)) for name, value in attributes.items()]
        self._call(lambda: self._handle.add_ext(dn, values, []), "create the object", dn)

    def modify(
        self, dn: str, changes: t.Sequence[Change], controls: list[native.Control], *, conditional: bool
    ) -> None:
        """Change attributes, all or none; with O(conditional) a missing or present value means a concurrent change."""
        raw: list[native.RawChange] = [
            (native.OPERATIONS[change.operation], change.attribute, list(change.values) or None) for change in changes
        ]
        self._call(
            lambda: self._handle.modify_ext(dn, raw, controls),
            f"change {', '.join(sorted({change.attribute for change in changes}))}",
            dn,
            conditional=conditional,
        )

    def delete(self, dn: str) -> None:
        """Delete an object that has no children."""
        self._call(lambda: self._handle.delete_ext(dn, []), "delete the object", dn)

    def rename(self, dn: str, new_rdn: str) -> None:
        """Give an object another RDN under the same parent."""
        self._call(lambda: self._handle.rename(dn, new_rdn, None, 1), f"rename the object to {new_rdn}", dn)

    def _call(
        self, start: t.Callable[[], int], attempted: str, target: str, *, conditional: bool = False
    ) -> tuple[int, list[native.RawEntry], int, list[native.Control]]:
        if not self._is_open:
            raise error("connection_lost", attempted, f"{target} on {self.url}", "closed before")
        try:
            return self._handle.result3(start(), timeout=self._settings.timeout)
        except native.LdapError as exc:
            evidence = ldap_failure(*native.result_of(exc), conditional=conditional)
            raise error(evidence.code, attempted, f"{target} on {self.url}", evidence.detail) from exc

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos tickets for a connection: an existing cache, or a private one made from a password or a keytab.

The private cache lies in the memory of this process. No kinit is run, nothing is written to a disk, and no password
stands on a command line or in the environment.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import contextlib
import locale
import os
import traceback
import typing as t
from pathlib import Path

from .errors import error
from .evidence import kerberos_failure
from .settings import ConnectionSettings

try:
    import krb5
except ImportError:
    KRB5_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    KRB5_IMPORT_ERROR = None

_CACHE_VARIABLE = "KRB5CCNAME"


class Credentials:
    """What a connection is authenticated with. Close it when the last connection is made.

    Attributes:
        cache: name of the credential cache; None for the default one, or when Kerberos is not used.
    """

    def __init__(self, cache: str | None = None, destroy: t.Callable[[], None] | None = None) -> None:
        self.cache = cache
        self._destroy = destroy

    def close(self) -> None:
        """Forget the tickets of a private cache; an existing cache stays as it is."""
        if self._destroy:
            self._destroy()
            self._destroy = None

    @contextlib.contextmanager
    def in_effect(self) -> t.Iterator[None]:
        """Let GSSAPI find the cache, and let its messages be in the language in which they are recognised."""
        with _variable(_CACHE_VARIABLE, self.cache), _messages_in_c():
            yield


def acquire(settings: ConnectionSettings) -> Credentials:
    """The credentials that O(settings) describe. Raises DirectoryError when no ticket is to be had."""
    if settings.auth != "kerberos":
        return Credentials()
    if settings.username is None:
        if settings.ccache is not None:
            _require_cache(settings.ccache)
        return Credentials(settings.ccache)
    return _private_cache(settings)


class PrincipalName(t.NamedTuple):
    """A user as Kerberos wants to hear of it.

    Attributes:
        text: the name; always with a realm.
        enterprise: the name is a user principal name whose suffix need not be a realm; the domain finds the account.
    """

    text: str
    enterprise: bool


def principal_name(username: str, domain: str | None, *, keytab: bool) -> PrincipalName:
    """The Kerberos name of O(username).

    A suffix that is not O(domain) may be one of another domain of the forest or an additional one, so the domain is
    asked. A keytab has keys of exact names only.
    """
    name, at, suffix = username.rpartition("@")
    if not at:
        return PrincipalName(f"{_quoted(username)}@{(domain or '').upper()}", False)
    if not keytab and domain and suffix.casefold() != domain.casefold():
        # Of an enterprise name libkrb5 takes the first at sign for a part of the name.
        return PrincipalName(f"{_quoted(name)}@{suffix}@{domain.upper()}", True)
    return PrincipalName(f"{_quoted(name)}@{suffix.upper()}", False)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("@", "\\@")


def _private_cache(settings: ConnectionSettings) -> Credentials:
    principal = principal_name(settings.username or "", settings.domain, keytab=settings.keytab is not None)
    attempted, target = "get a Kerberos ticket", principal.text.replace("\\", "")
    if KRB5_IMPORT_ERROR is not None:
        raise error("krb5_missing", attempted, target)
    if settings.keytab is not None:
        _require_readable(settings.keytab, attempted)
    try:
        context = krb5.init_context()
        flags = krb5.PrincipalParseFlags.enterprise if principal.enterprise else 0
        client = krb5.parse_name_flags(context, principal.text.encode(), flags)
        options = krb5.get_init_creds_opt_alloc(context)
        krb5.get_init_creds_opt_set_canonicalize(options, principal.enterprise)
        # The ticket is for this process alone.
        krb5.get_init_creds_opt_set_forwardable(options, False)
        if settings.keytab is not None:
            keytab = krb5.kt_resolve(context, f"FILE:{settings.keytab}".encode())
            # Before the domain is asked, which would answer with a failure of its own.
            krb5.kt_get_entry(context, keytab, client)
            ticket = krb5.get_init_creds_keytab(context, client, options, keytab)
        else:
            ticket = krb5.get_init_creds_password(context, client, options, (settings.password or "").encode())
        cache = krb5.cc_new_unique(context, b"MEMORY")
        krb5.cc_initialize(context, cache, ticket.client)
        krb5.cc_store_cred(context, cache, ticket)
    except krb5.Krb5Error as exc:
        evidence = kerberos_failure(exc.err_code, str(exc), keytab=settings.keytab is not None)
        raise error(evidence.code, attempted, target, evidence.detail) from exc
    name = (cache.name or b"").decode()
    return Credentials(f"MEMORY:{name}", lambda: krb5.cc_destroy(context, cache))


def _require_cache(name: str) -> None:
    # GSSAPI says the same of a cache that is missing and of one that it cannot read. Without the library it has to do.
    if KRB5_IMPORT_ERROR is not None:
        return
    try:
        context = krb5.init_context()
        krb5.cc_get_principal(context, krb5.cc_resolve(context, name.encode()))
    except krb5.Krb5Error as exc:
        evidence = kerberos_failure(exc.err_code, str(exc))
        raise error(evidence.code, "read the Kerberos credential cache", name, evidence.detail) from exc


def _require_readable(keytab: str, attempted: str) -> None:
    # libkrb5 reports a missing file as a missing key.
    try:
        with Path(keytab).open("rb"):
            pass
    except OSError as exc:
        raise error("keytab_unreadable", attempted, keytab, f"{exc.strerror}, errno {exc.errno}") from exc


@contextlib.contextmanager
def _variable(name: str, value: str | None) -> t.Iterator[None]:
    if value is None:
        yield
        return
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextlib.contextmanager
def _messages_in_c() -> t.Iterator[None]:
    before = locale.setlocale(locale.LC_MESSAGES)
    locale.setlocale(locale.LC_MESSAGES, "C")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_MESSAGES, before)

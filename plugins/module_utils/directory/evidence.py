# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From evidence to a code of the failure table: pure functions over what libraries report.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import socket
import ssl
import typing as t

from . import failures

_WINDOWS_CODE = re.compile(r"\A([0-9A-Fa-f]{8}): ")
_BIND_DATA = re.compile(r"\bdata ([0-9A-Fa-f]{1,8})\b")


class Evidence(t.NamedTuple):
    """A code of C(causes.CAUSES), and the system's own words and number for it."""

    code: str
    detail: str


def ldap_failure(result: int, text: str, diagnostic: str, *, conditional: bool = False) -> Evidence:
    """What a failed LDAP operation means.

    Args:
        result: the LDAP result code, negative for one of libldap.
        text: the library's name of the result.
        diagnostic: the diagnostic message of the server or, with a negative result, of a library.
        conditional: the operation was a modify that names the values it expects to find.
    """
    diagnostic = " ".join(diagnostic.replace("\0", " ").split()).rstrip(".")
    return Evidence(_ldap_code(result, diagnostic, conditional), f"{diagnostic or text}, LDAP result {result}")


def _ldap_code(result: int, diagnostic: str, conditional: bool) -> str:
    windows = _WINDOWS_CODE.match(diagnostic)
    specific = failures.WINDOWS.get(int(windows[1], 16)) if windows else None
    if specific and not (conditional and result in failures.CONCURRENT):
        return specific
    if result in (48, 49):
        data = _BIND_DATA.search(diagnostic)
        return failures.BIND_DATA.get(int(data[1], 16), "invalid_credentials") if data else "invalid_credentials"
    if result < 0:
        # Only here the words are those of a library. A server may say what it likes, in any language.
        for part, code in failures.TEXT:
            if part in diagnostic:
                return code
    if conditional and result in failures.CONCURRENT:
        return "concurrent_change"
    return failures.RESULT.get(result, "operation_failed")


def kerberos_failure(number: int, text: str, *, keytab: bool = False) -> Evidence:
    """What a krb5_error_code means; with a keytab there is no password that could be wrong."""
    code = failures.KERBEROS.get(number, "kerberos_failed")
    if keytab and code == "wrong_password":
        code = "keytab_stale"
    return Evidence(code, f"{text.removesuffix(f' {number}')}, krb5 error {number}")


def socket_failure(exc: OSError) -> Evidence:
    """What a failed look-up, connection or handshake means."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        code = failures.CERTIFICATE.get(exc.verify_code, "certificate_untrusted")
        return Evidence(code, f"{exc.verify_message}, X509 error {exc.verify_code}")
    if isinstance(exc, ssl.SSLError):
        return Evidence("tls_failed", str(exc.strerror or exc.reason or exc))
    if isinstance(exc, socket.gaierror):
        return Evidence(
            failures.RESOLVER.get(exc.errno or 0, "unknown_host"), f"{exc.strerror}, resolver error {exc.errno}"
        )
    if isinstance(exc, TimeoutError) and exc.errno is None:
        return Evidence("timeout", "timed out")
    return Evidence(failures.SOCKET.get(exc.errno or 0, "unreachable"), f"{exc.strerror or exc}, errno {exc.errno}")

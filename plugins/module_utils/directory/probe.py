# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a server cannot be reached: asked of the system's own sockets and TLS, which give numbers.

libldap says "Can't contact LDAP server" for a wrong name, a closed port, a firewall and a bad certificate alike. After
such a failure the same way is walked once more here.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import socket
import ssl
import typing as t

from .evidence import Evidence, socket_failure

# RFC 4511 4.14: message 1, extended request 1.3.6.1.4.1.1466.20037.
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
# The answer to it: message 1, extended response, result code 0. Lengths may be written in more than one way.
_SUCCESS = b"\x0a\x01\x00"


class Way(t.NamedTuple):
    """What to walk.

    Attributes:
        host: name or address.
        port: TCP port.
        tls: none, start_tls or ldaps.
        ca_certificates: PEM file of the trusted authorities; None for the system's.
        timeout: seconds for each step.
    """

    host: str
    port: int
    tls: str
    ca_certificates: str | None
    timeout: float


def is_silent(way: Way) -> Evidence | None:
    """Why no TLS handshake comes to an end, good or bad, on the way; None when one does.

    To be asked before libldap goes there: with GnuTLS it tries for ever, and as fast as it can, to read from a server
    that accepts a connection and says nothing. No certificate is looked at, and nothing is sent that matters.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _walk(way, context)
    except ssl.SSLError:
        return None
    except OSError as exc:
        return socket_failure(exc)
    return None


def examine(way: Way) -> Evidence | None:
    """The first thing that fails on the way; None when nothing does."""
    try:
        _walk(way, ssl.create_default_context(cafile=way.ca_certificates))
    except OSError as exc:
        return socket_failure(exc)
    return None


def _walk(way: Way, context: ssl.SSLContext) -> None:
    with socket.create_connection((way.host, way.port), way.timeout) as plain:
        if way.tls == "none":
            return
        if way.tls == "start_tls":
            plain.sendall(_START_TLS)
            if _SUCCESS not in plain.recv(4096):
                raise ssl.SSLError(ssl.SSL_ERROR_SSL, "the server refused StartTLS")
        with context.wrap_socket(plain, server_hostname=way.host):
            return

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accepting side of Kerberos, by MIT's library: whether a client has bound its TLS connection to its ticket.

Samba 4.17 takes no Kerberos inside TLS, so the server of these tests is one of their own. It speaks just enough LDAP to
read the first message of a SASL bind, and refuses it.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import socket
import ssl
import threading
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .certificates import Issued

#: GSS_C_CHANNEL_BOUND_FLAG of gssapi_ext.h: the client sent channel bindings, and they were right.
CHANNEL_BOUND = 2048
INVALID_CREDENTIALS = 49


class _Buffer(ctypes.Structure):
    _fields_ = (("length", ctypes.c_size_t), ("value", ctypes.c_char_p))


class _ChannelBindings(ctypes.Structure):
    _fields_ = (
        ("initiator_addrtype", ctypes.c_uint32),
        ("initiator_address", _Buffer),
        ("acceptor_addrtype", ctypes.c_uint32),
        ("acceptor_address", _Buffer),
        ("application_data", _Buffer),
    )


class Accepted(t.NamedTuple):
    """What gss_accept_sec_context says."""

    major: int
    is_bound: bool


def accept(token: bytes, application_data: bytes) -> Accepted:
    """Take a client's first token, with the channel bindings that the server expects."""
    library = ctypes.CDLL("libgssapi_krb5.so.2")
    minor, flags = ctypes.c_uint32(), ctypes.c_uint32()
    context, name = ctypes.c_void_p(), ctypes.c_void_p()
    given, answer = _Buffer(len(token), token), _Buffer()
    bindings = _ChannelBindings(application_data=_Buffer(len(application_data), application_data))
    major = library.gss_accept_sec_context(
        *map(ctypes.byref, (minor, context)),
        None,
        *map(ctypes.byref, (given, bindings, name)),
        None,
        *map(ctypes.byref, (answer, flags)),
        None,
        None,
    )
    return Accepted(major, bool(flags.value & CHANNEL_BOUND))


def endpoint_binding(certificate: Path) -> bytes:
    """The channel binding of type tls-server-end-point (RFC 5929 4) for a certificate signed with SHA-256."""
    encoded = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
    return b"tls-server-end-point:" + hashlib.sha256(encoded).digest()


class Element(t.NamedTuple):
    """A BER element."""

    tag: int
    content: bytes

    def parts(self) -> list[Element]:
        rest, found = self.content, []
        while rest:
            tag, length, start = rest[0], rest[1], 2
            if length & 0x80:
                start += length & 0x7F
                length = int.from_bytes(rest[2:start], "big")
            found.append(Element(tag, rest[start : start + length]))
            rest = rest[start + length :]
        return found


@contextlib.contextmanager
def ldaps_server(host: str, chain: Issued) -> Iterator[list[Accepted]]:
    """An LDAP server on port 636 of O(host) that refuses every bind; yields what it has accepted so far."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain.certificate, chain.key)
    seen: list[Accepted] = []
    expected = endpoint_binding(chain.certificate)

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                message = connection.recv(1 << 16)
                if not message:
                    continue
                number, bind = Element(0x30, Element(0x30, message).parts()[0].content).parts()[:2]
                credentials = bind.parts()[2].parts()[1].content
                seen.append(accept(credentials, expected))
                result = bytes((0x61, 7, 0x0A, 1, INVALID_CREDENTIALS, 4, 0, 4, 0))
                connection.sendall(bytes((0x30, 3 + len(result), 2, 1, number.content[-1])) + result)

    with socket.create_server((host, 636)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

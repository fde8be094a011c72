# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages encrypted with the keys of a logon (MS-WSMV 2.2.9.1): multipart/encrypted around a SOAP envelope."""

from __future__ import annotations

import re
import struct
from typing import Protocol

SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
KERBEROS = "application/HTTP-Kerberos-session-encrypted"

_PROTOCOLS = {protocol.lower(): protocol for protocol in (SPNEGO, KERBEROS)}
_PARAMETER = re.compile(r';\s*([A-Za-z-]{1,32})\s*=\s*(?:"([^"]{0,128})"|([^\s";]{1,128}))', re.ASCII)
_LENGTH = re.compile(rb";Length=([0-9]{1,9})", re.ASCII | re.IGNORECASE)

#: Bytes that a message grows by: the parts' headers, the signature.
OVERHEAD = 2048

#: The padding that a client may have counted into Length: a block of the ciphers that Kerberos and NTLM have.
_MOST_PADDING = 16


class InvalidMessage(ValueError):  # noqa: N818
    """A message that is not what it says, or was not encrypted with the keys of this connection."""


class Context(Protocol):
    """A logon that is complete."""

    def wrap(self, message: bytes) -> tuple[bytes, bytes]:
        """Signature (or token header) and encrypted message."""
        ...

    def unwrap(self, signature: bytes, message: bytes) -> bytes:
        """The message. Raises InvalidMessage."""
        ...


def protocol_of(content_type: str) -> tuple[str, str] | None:
    """Protocol and boundary of an encrypted message's Content-Type; None if it is no multipart/encrypted."""
    kind, _, _ = content_type.partition(";")
    if kind.strip().lower() != "multipart/encrypted":
        return None
    parameters = {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(content_type)}
    protocol = _PROTOCOLS.get(parameters.get("protocol", "").lower())
    boundary = parameters.get("boundary", "")
    if protocol is None or not boundary or not boundary.isascii():
        raise InvalidMessage("Neither SPNEGO nor Kerberos, or without a boundary")
    return protocol, boundary


def decrypt(content: bytes, boundary: str, context: Context) -> bytes:
    """The message in a body. Raises InvalidMessage, and nothing else."""
    expected, sealed = parse(content, boundary)
    signature_length = struct.unpack_from("<I", sealed)[0]
    message = context.unwrap(sealed[4 : 4 + signature_length], sealed[4 + signature_length :])
    if not 0 <= expected - len(message) <= _MOST_PADDING:
        raise InvalidMessage(f"The message has {len(message)} bytes, but says {expected}")
    return message


def parse(content: bytes, boundary: str) -> tuple[int, bytes]:
    """What Length says, and the sealed part: the length of the signature, the signature, the encrypted message."""
    line = b"--" + boundary.encode("ascii", "replace")
    end = content.rstrip(b"\r\n")
    if not end.endswith(line + b"--"):
        raise InvalidMessage("There is no end")
    parts = end[: -len(line) - 2].split(line + b"\r\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise InvalidMessage("There are not two parts")
    length = _LENGTH.search(parts[1])
    header, found, sealed = parts[2].partition(b"\r\n")
    if length is None or not found or header.strip().lower() != b"content-type: application/octet-stream":
        raise InvalidMessage("The parts have not the headers they should have")
    if len(sealed) < 4:
        raise InvalidMessage("There is no signature")
    return int(length[1]), sealed


def encrypt(message: bytes, protocol: str, context: Context) -> tuple[str, bytes]:
    """Content-Type and body for a message."""
    signature, sealed = context.wrap(message)
    # The tabs are Windows', and clients look for them.
    head = (
        f"--Encrypted Boundary\r\n\tContent-Type: {protocol}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message)}\r\n"
        "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
    ).encode("ascii")
    body = head + struct.pack("<I", len(signature)) + signature + sealed + b"--Encrypted Boundary--\r\n"
    return f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"', body

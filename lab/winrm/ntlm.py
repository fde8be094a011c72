# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the accepting side must know of an NTLM logon before pyspnego can check it.

pyspnego looks for the password's hash in the file that the environment variable NTLM_USER_FILE names, in the format of
smbpasswd, at the moment the client proves itself. The variable is the whole process's, so it names one file in memory
for good, and the file has a line only while one logon is checked.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_SIGNATURE = b"NTLMSSP\0"
_UNICODE = 1
#: AV_PAIR ids of MS-NLMP 2.2.2.1.
_END, _CHANNEL_BINDINGS = 0, 10
#: Bytes of an NTLMv2 response before its AV_PAIRs (MS-NLMP 2.2.2.7 and 2.2.2.8).
_BEFORE_PAIRS = 16 + 28


@dataclass(frozen=True)
class Authenticate:
    """What is read of an AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3)."""

    domain: str
    user: str
    #: Whether the client has bound the logon to its TLS connection.
    is_bound: bool

    @property
    def account(self) -> str:
        """As pyspnego writes it, and looks it up."""
        return f"{self.domain}\\{self.user}" if self.domain else self.user


def find(token: bytes) -> Authenticate | None:
    """The AUTHENTICATE_MESSAGE in a token, which may be wrapped in SPNEGO; None if there is none that can be read."""
    start = token.find(_SIGNATURE + struct.pack("<I", 3))
    if start < 0:
        return None
    message = token[start:]
    try:
        flags = struct.unpack_from("<I", message, 60)[0]
        encoding = "utf-16-le" if flags & _UNICODE else "cp437"
        response = _field(message, 20)
        domain, user = (_field(message, offset).decode(encoding) for offset in (28, 36))
        return Authenticate(domain, user, _is_bound(response))
    except (struct.error, UnicodeDecodeError):
        return None


def _field(message: bytes, offset: int) -> bytes:
    length, _, start = struct.unpack_from("<HHI", message, offset)
    if start + length > len(message):
        raise struct.error("a field is outside of the message")
    return message[start : start + length]


def _is_bound(response: bytes) -> bool:
    offset = _BEFORE_PAIRS
    while offset + 4 <= len(response):
        kind, length = struct.unpack_from("<HH", response, offset)
        if kind == _END:
            return False
        if kind == _CHANNEL_BINDINGS:
            return True
        offset += 4 + length
    return False


class HashFile:
    """The file of NTLM_USER_FILE: in memory, for this process alone. One a process, see the module."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file = -1

    def prepare(self) -> None:
        """Let the environment name the file. pyspnego takes no NTLM at all without one."""
        with self._lock:
            self._open()

    def _open(self) -> None:
        if self._file < 0:
            self._file = os.memfd_create("winrm-logon")
            os.fchmod(self._file, 0o600)
            os.environ["NTLM_USER_FILE"] = f"/proc/self/fd/{self._file}"

    @contextmanager
    def holding(self, account: str, nt_hash: bytes) -> Iterator[None]:
        """While the block runs, the file knows one account."""
        # A random LM hash: Windows stores none, and one of zeros would be known to everybody.
        line = f"{account}:0:{os.urandom(16).hex().upper()}:{nt_hash.hex().upper()}:[U]:LCT-00000000"
        with self._lock:
            self._open()
            os.pwrite(self._file, line.encode(), 0)
            try:
                yield
            finally:
                os.ftruncate(self._file, 0)


#: The process's.
HASH_FILE = HashFile()

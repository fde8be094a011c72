# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command in the lab and count, on the wire, the LDAP requests that it gets answers to.

`python -m tests.bench.inside.witness COMMAND ...` prints an object with the requests of each connection, in the order
in which the connections were made, and what the command printed.

All hosts of a lab are addresses of one network namespace, so what they say passes its loopback interface. A sealed
connection shows no content, but it shows its messages: after the bind each is a SASL buffer, four octets of length
before it (RFC 4422 3.7), the first of them 0 because none is that long. What is not sealed begins with 0x30, the tag of
an LDAPMessage (RFC 4511 4.1.1). Binds are not counted, nor is the farewell, which nobody answers.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: LDAP and global catalog without TLS, which would hide the messages.
PORTS = frozenset({389, 3268})

_ALL_PROTOCOLS = 3
_RECEIVE_BUFFER = 64 << 20
_SYN, _ACK = 0x02, 0x10
_LDAP_MESSAGE = 0x30
_BIND_REQUEST = 0x60


class CaptureError(Exception):
    """The capture lost something or met what is neither LDAP nor SASL."""


@dataclass
class Connection:
    """One connection as its octets pass.

    Attributes:
        answered: requests, without binds, that the server said something after.
        waiting: those that it has said nothing after yet.
    """

    following: int
    octets: bytearray = field(default_factory=bytearray)
    answered: int = 0
    waiting: int = 0

    def from_client(self, sequence: int, payload: bytes) -> None:
        """Take a segment of the client."""
        known = (self.following - sequence) % (1 << 32)
        if known > 1 << 31:
            raise CaptureError("a segment of the client was not seen")
        self.octets += payload[known:]
        self.following = (self.following + len(payload[known:])) % (1 << 32)
        while (message := cut(self.octets)) is not None:
            self.waiting += not is_bind(message)

    def from_server(self) -> None:
        """Something came back."""
        self.answered += self.waiting
        self.waiting = 0


def cut(octets: bytearray) -> bytes | None:
    """Take the first whole message or SASL buffer away from O(octets); None when there is none."""
    if len(octets) < 6:
        return None
    if octets[0] == 0:
        size = 4 + int.from_bytes(octets[:4], "big")
    elif octets[0] == _LDAP_MESSAGE:
        extra = octets[1] & 0x7F if octets[1] & 0x80 else 0
        size = 2 + extra + (int.from_bytes(octets[2 : 2 + extra], "big") if extra else octets[1])
    else:
        raise CaptureError(f"a message begins with 0x{octets[0]:02x}")
    if len(octets) < size:
        return None
    message = bytes(octets[:size])
    del octets[:size]
    return message


def is_bind(message: bytes) -> bool:
    """Whether O(message) is a BindRequest."""
    if message[0] != _LDAP_MESSAGE:
        return False
    start = 2 + (message[1] & 0x7F if message[1] & 0x80 else 0)
    # An INTEGER, the number of the message, stands before the operation.
    return message[start + 2 + message[start + 1]] == _BIND_REQUEST


class Witness:
    """Sees the packets of the loopback interface and keeps account of the connections with LDAP servers."""

    def __init__(self) -> None:
        self.connections: dict[tuple[bytes, int, int], Connection] = {}
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self._socket.bind(("lo", _ALL_PROTOCOLS))
        self._socket.settimeout(0.2)
        self._ended = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Witness:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended = True
        self._thread.join()
        self._socket.close()
        if self._failure:
            raise self._failure

    def _watch(self) -> None:
        try:
            while True:
                try:
                    packet, address = self._socket.recvfrom(1 << 17)
                except TimeoutError:
                    if self._ended:
                        return
                    continue
                # Each packet shows twice on this interface, once as it goes out.
                if address[2] != socket.PACKET_OUTGOING and packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP:
                    self._segment(packet[12:20], packet[(packet[0] & 15) * 4 :])
        except Exception as error:
            # For the thread that waits for this one.
            self._failure = error

    def _segment(self, addresses: bytes, segment: bytes) -> None:
        source, destination, sequence = struct.unpack_from(">HHI", segment)
        payload = segment[(segment[12] >> 4) * 4 :]
        if destination in PORTS:
            key = (addresses, source, destination)
            if segment[13] & (_SYN | _ACK) == _SYN:
                self.connections[key] = Connection((sequence + 1) % (1 << 32))
            elif payload and key in self.connections:
                self.connections[key].from_client(sequence, payload)
        elif source in PORTS and payload:
            key = (addresses[4:] + addresses[:4], destination, source)
            if key in self.connections:
                self.connections[key].from_server()


def watch(command: Sequence[str]) -> dict[str, Any]:
    """Run O(command) and return what it printed and the requests of its connections that had any."""
    with Witness() as witness:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    requests = [connection.answered for connection in witness.connections.values() if connection.answered]
    return {"requests": requests, "output": done.stdout}


if __name__ == "__main__":
    json.dump(watch(sys.argv[1:]), sys.stdout)

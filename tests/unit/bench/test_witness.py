# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account that the benchmarks' witness keeps of a connection."""

from __future__ import annotations

import pytest

from tests.bench.inside.witness import CaptureError, Connection

# LDAPMessages: number, operation, in short and long form of their length.
BIND = bytes.fromhex("300c 0201 01 6007 020103 0400 8000".replace(" ", ""))
LONG_BIND = bytes.fromhex("30840000000c 0201 02 6007 020103 0400 8000".replace(" ", ""))
SEARCH = bytes.fromhex("3005 0201 03 6300".replace(" ", ""))
SEALED = b"\x00\x00\x00\x05later"


def account(*events: bytes | None) -> int:
    """The answered requests after these segments of the client; None is something from the server."""
    connection, sequence = Connection(following=0), 0
    for event in events:
        if event is None:
            connection.from_server()
        else:
            connection.from_client(sequence, event)
            sequence += len(event)
    return connection.answered


@pytest.mark.parametrize(
    ("events", "answered"),
    [
        ((), 0),
        ((BIND, None, LONG_BIND, None), 0),
        ((BIND, None, SEALED, None), 1),
        ((SEALED, None, None, None), 1),
        ((SEALED, None, SEALED, None, SEALED), 2),
        ((SEARCH, None), 1),
        ((SEALED + SEALED, None), 2),
        ((SEALED[:2], SEALED[2:7], SEALED[7:], None), 1),
        ((SEALED[:8], None), 0),
        ((LONG_BIND + SEARCH[:3], None, SEARCH[3:], None), 1),
    ],
)
def test_counts_the_requests_that_are_answered(events: tuple[bytes | None, ...], answered: int) -> None:
    assert account(*events) == answered


def test_takes_a_repeated_segment_once() -> None:
    connection = Connection(following=(1 << 32) - 4)
    connection.from_client((1 << 32) - 4, SEALED[:6])
    connection.from_client((1 << 32) - 4, SEALED[:6])
    connection.from_client(2, SEALED[6:])
    connection.from_server()
    assert connection.answered == 1


def test_says_that_it_lost_something() -> None:
    with pytest.raises(CaptureError, match="was not seen"):
        Connection(following=10).from_client(11, SEALED)


def test_refuses_what_is_no_message() -> None:
    with pytest.raises(CaptureError, match="0x17"):
        account(b"\x17\x03\x03\x00\x20\x00\x00")

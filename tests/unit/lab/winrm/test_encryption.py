# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The multipart wrapping of encrypted messages."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.winrm import encryption

from .mutations import mutated

TYPE = f'multipart/encrypted;protocol="{encryption.SPNEGO}";boundary="Encrypted Boundary"'


class Reversing:
    """Not secret: turns a message round."""

    def wrap(self, message: bytes) -> tuple[bytes, bytes]:
        return b"signature", message[::-1]

    def unwrap(self, signature: bytes, message: bytes) -> bytes:
        if signature != b"signature":
            raise encryption.InvalidMessage("wrong")
        return message[::-1]


def decrypt(content: bytes) -> bytes:
    return encryption.decrypt(content, "Encrypted Boundary", Reversing())


@given(st.binary(max_size=500))
def test_what_is_encrypted_can_be_decrypted(message: bytes) -> None:
    content_type, body = encryption.encrypt(message, encryption.SPNEGO, Reversing())
    assert encryption.protocol_of(content_type) == (encryption.SPNEGO, "Encrypted Boundary")
    assert decrypt(body) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TYPE, (encryption.SPNEGO, "Encrypted Boundary")),
        (TYPE.replace(";", " ; ").upper(), (encryption.SPNEGO, "ENCRYPTED BOUNDARY")),
        (f"multipart/encrypted; protocol={encryption.KERBEROS}; boundary=x", (encryption.KERBEROS, "x")),
        ("application/soap+xml;charset=UTF-8", None),
        ("", None),
    ],
)
def test_content_type(text: str, expected: tuple[str, str] | None) -> None:
    assert encryption.protocol_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "multipart/encrypted",
        "multipart/encrypted;boundary=x",
        TYPE.replace("SPNEGO", "CredSSP"),
        TYPE.replace(';boundary="Encrypted Boundary"', ""),
    ],
)
def test_content_type_that_cannot_be_read(text: str) -> None:
    with pytest.raises(encryption.InvalidMessage):
        encryption.protocol_of(text)


GOOD = encryption.encrypt(b"<message/>", encryption.SPNEGO, Reversing())[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"--Encrypted Boundary--\r\n", b""),
        (b"Length=10", b"Length=9"),
        (b"Length=10", b"Length=100"),
        (b"Length=10", b"Length=x"),
        (b"octet-stream", b"text"),
        (b"\x09\0\0\0", b"\xff\xff\xff\xff"),
        (b"signature", b"signatora"),
        (GOOD, b""),
    ],
)
def test_broken_messages(old: bytes, new: bytes) -> None:
    assert old in GOOD
    with pytest.raises(encryption.InvalidMessage):
        decrypt(GOOD.replace(old, new))


def test_padding_may_be_counted() -> None:
    assert decrypt(GOOD.replace(b"Length=10", b"Length=18")) == b"<message/>"


@given(mutated([GOOD]))
def test_a_message_is_decrypted_or_refused(content: bytes) -> None:
    with contextlib.suppress(encryption.InvalidMessage):
        decrypt(content)


@given(st.one_of(st.text(max_size=80), mutated([TYPE.encode()]).map(lambda content: content.decode("latin-1"))))
def test_a_content_type_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(encryption.InvalidMessage):
        encryption.protocol_of(text)

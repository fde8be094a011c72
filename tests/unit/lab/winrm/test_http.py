# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP requests, good and bad."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.winrm import http

from .mutations import mutated

GOOD = b"POST /wsman?PSVersion=5.1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A: 1\r\nX-A:  2\t\r\n\r\nhello"
CHUNKED = (
    b"POST /wsman HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
)


class Stream:
    """Bytes in pieces, and then the end."""

    def __init__(self, content: bytes, piece: int = 1 << 20) -> None:
        self.content = content
        self.piece = piece
        self.sent = b""

    def receive(self, size: int, _seconds: float) -> bytes:
        count = min(size, self.piece)
        taken, self.content = self.content[:count], self.content[count:]
        return taken

    def send(self, content: bytes) -> None:
        self.sent += content


def read(content: bytes, piece: int = 1 << 20, maximum: int = 1000) -> http.Request | None:
    stream = Stream(content, piece)
    return http.Reader(stream.receive, stream.send).request(maximum, 1, 1)


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize("content", [GOOD, CHUNKED, b"\r\n" + GOOD])
def test_good_request(content: bytes, piece: int) -> None:
    request = read(content, piece)
    assert request is not None
    assert (request.method, request.path, request.body, request.keep_alive) == ("POST", "/wsman", b"hello", True)


def test_fields_are_joined_and_names_fold() -> None:
    request = read(GOOD)
    assert request is not None
    assert request.headers == {"host": "h", "content-length": "5", "x-a": "1, 2"}


def test_requests_follow_each_other() -> None:
    stream = Stream(GOOD + CHUNKED)
    reader = http.Reader(stream.receive, stream.send)
    assert [getattr(reader.request(1000, 1, 1), "body", None) for _ in range(3)] == [b"hello", b"hello", None]


def test_who_asks_before_it_sends_is_told_to() -> None:
    stream = Stream(GOOD.replace(b"X-A: 1", b"Expect: 100-continue"))
    assert http.Reader(stream.receive, stream.send).request(1000, 1, 1) is not None
    assert stream.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_big_body_is_refused_before_it_is_sent() -> None:
    stream = Stream(GOOD.replace(b"X-A: 1", b"Expect: 100-continue").replace(b"Length: 5", b"Length: 1001"))
    with pytest.raises(http.Refused) as caught:
        http.Reader(stream.receive, stream.send).request(1000, 1, 1)
    assert (caught.value.status, stream.sent) == (413, b"")


@pytest.mark.parametrize(
    ("line", "keeps"),
    [
        (b"GET / HTTP/1.1\r\nHost: h", True),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Close", False),
        (b"GET / HTTP/1.0", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive", True),
    ],
)
def test_which_connections_stay(line: bytes, keeps: bool) -> None:
    request = read(line + b"\r\n\r\n")
    assert request is not None
    assert request.keep_alive is keeps


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"POST /wsman HTTP/1.1\r\nHost: h\r\n\r\n", 411),
        (b"POST /wsman HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
        (b"POST /wsman HTTP/2.0\r\nHost: h\r\n\r\n", 400),
        (b"POST  /wsman HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (GOOD.replace(b"5", b"-5"), 400),
        (GOOD.replace(b"5", b"+5"), 400),
        (GOOD.replace(b"5", b"0x5"), 400),
        (GOOD.replace(b"5", b"1001"), 413),
        (GOOD.replace(b"X-A: 1", b"Content-Length: 5"), 400),
        (GOOD.replace(b"X-A: 1", b"Transfer-Encoding: chunked"), 400),
        (GOOD.replace(b"X-A: 1", b"X-A : 1"), 400),
        (GOOD.replace(b"X-A: 1", b"Host: other"), 400),
        (GOOD.replace(b"X-A: 1", b"X-A: 1\r\n folded"), 400),
        (GOOD.replace(b"X-A: 1", b"X-A: \x00"), 400),
        (GOOD.replace(b"X-A: 1", b"X-A: " + b"a" * 17000), 400),
        (GOOD.replace(b"X-A: 1", b"\r\n".join(b"X-%d: 1" % n for n in range(200))), 400),
        (CHUNKED.replace(b"chunked", b"gzip, chunked"), 501),
        (CHUNKED.replace(b"3\r\n", b"3e9\r\n"), 413),
        (CHUNKED.replace(b"3\r\n", b"-3\r\n"), 400),
        (CHUNKED.replace(b"hel\r\n", b"help\r\n"), 400),
        (CHUNKED.replace(b"Trailer: x\r\n", b"T: x\r\n" * 200), 400),
    ],
)
def test_bad_request(content: bytes, status: int) -> None:
    with pytest.raises(http.Refused) as caught:
        read(content)
    assert caught.value.status == status
    assert str(status).encode() in http.page(status).write().split(b"\r\n", 1)[0]


@pytest.mark.parametrize("content", [GOOD[:20], GOOD[:-1], CHUNKED[:-1], CHUNKED[:-12]])
def test_a_client_that_goes_in_the_middle(content: bytes) -> None:
    with pytest.raises(http.Gone):
        read(content)


def test_a_client_that_is_too_slow_is_gone() -> None:
    def receive(_size: int, seconds: float) -> bytes:
        if seconds == 1:
            return GOOD[:10]
        raise TimeoutError

    with pytest.raises(http.Gone):
        http.Reader(receive, lambda _: None).request(1000, 1, 2)


@given(mutated([GOOD, CHUNKED]), st.integers(1, 50))
def test_a_request_is_read_refused_or_gone(content: bytes, piece: int) -> None:
    try:
        request = read(content, piece)
    except (http.Refused, http.Gone):
        return
    if request is not None:
        assert len(request.body) <= 1000


def test_answer_of_winrm_has_no_words() -> None:
    answer = http.Response(401, headers=[("WWW-Authenticate", "Negotiate")], keep_alive=False).write()
    lines = answer.split(b"\r\n")
    assert lines[:2] == [b"HTTP/1.1 401 ", b"WWW-Authenticate: Negotiate"]
    assert b"Connection: close" in lines
    assert lines[-3:] == [b"Content-Length: 0", b"", b""]


def header(answer: bytes, name: str) -> t.Any:
    return next((line for line in answer.split(b"\r\n") if line.startswith(name.encode())), None)


def test_page_of_http_sys_has_words() -> None:
    answer = http.page(411).write()
    assert answer.startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert header(answer, "Content-Type") == b"Content-Type: text/html; charset=us-ascii"

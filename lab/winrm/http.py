# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 as HTTP.sys takes it: requests with limits, answers with its words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

#: MaxRequestBytes of HTTP.sys: request line and headers (learn.microsoft.com, Http.sys registry settings).
MAXIMUM_HEADER = 16384
MAXIMUM_FIELDS = 100

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~]{1,8192}) HTTP/1\.([0-9])", re.ASCII)
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}):[ \t]*([\t -~\x80-\xff]*?)[ \t]*", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,12}", re.ASCII)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t -~]{0,256})?", re.ASCII)


class Refused(Exception):  # noqa: N818
    """A request that HTTP.sys answers itself; the connection ends after it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Gone(Exception):  # noqa: N818
    """The client has ended the connection in the middle of a request, or sends nothing for too long."""


@dataclass
class Request:
    """A request, its body read.

    Attributes:
        target: As it was sent.
        headers: By name in lower case; fields that were sent several times are joined with `, `.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    keep_alive: bool = True

    @property
    def path(self) -> str:
        return self.target.split("?", 1)[0]


@dataclass
class Response:
    status: int
    body: bytes = b""
    content_type: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    keep_alive: bool = True

    def write(self) -> bytes:
        """The bytes to send."""
        # HTTP.sys has words for the statuses that it answers itself, WinRM has none.
        lines = [f"HTTP/1.1 {self.status} {_WORDS.get(self.status, ('', ''))[0] if self.content_type == _HTML else ''}"]
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append("Server: Microsoft-HTTPAPI/2.0")
        lines.append(f"Date: {formatdate(usegmt=True)}")
        if not self.keep_alive:
            lines.append("Connection: close")
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


_HTML = "text/html; charset=us-ascii"

#: Words and explanations of HTTP.sys.
_WORDS = {
    400: ("Bad Request", "The request is badly formed."),
    404: ("Not Found", "The requested resource is not found."),
    411: ("Length Required", "The request must be chunked or have a content length."),
    413: ("Request Entity Too Large", "The request entity is too large."),
    501: ("Not Implemented", "The request is not implemented."),
    503: ("Service Unavailable", "The service is unavailable."),
    505: ("HTTP Version Not Supported", "The HTTP version is not supported."),
}


def page(status: int) -> Response:
    """The page with which HTTP.sys answers itself."""
    words, explanation = _WORDS[status]
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f'<HTML><HEAD><TITLE>{words}</TITLE>\r\n<META HTTP-EQUIV="Content-Type" Content="{_HTML}"></HEAD>\r\n'
        f"<BODY><h2>{words}</h2>\r\n<hr><p>HTTP Error {status}. {explanation}</p>\r\n</BODY></HTML>\r\n"
    )
    return Response(status, body.encode("ascii"), _HTML, keep_alive=False)


class Reader:
    """Requests out of a stream of bytes.

    Args:
        receive: Is told how many bytes there may be, and how many seconds it may wait. Gives b"" at the end; raises
            OSError (TimeoutError too) as a socket does.
        send: For `100 Continue`.
    """

    def __init__(self, receive: Callable[[int, float], bytes], send: Callable[[bytes], None]) -> None:
        self._receive = receive
        self._send = send
        self._buffer = bytearray()

    def request(self, maximum_body: int, idle: float, packet: float) -> Request | None:
        """The next request.

        Args:
            maximum_body: Bytes; a longer one is Refused with 413.
            idle: Seconds to wait for its first byte.
            packet: Seconds that the rest may take.

        Returns: None when the client has ended the connection, or is idle for too long.
        """
        if not self._buffer and not self._first(idle):
            return None
        deadline = time.monotonic() + packet
        lines = self._head(deadline).split(b"\r\n")
        match = _REQUEST_LINE.fullmatch(lines[0])
        if match is None:
            raise Refused(400)
        method, target, minor = match[1].decode("ascii"), match[2].decode("ascii"), match[3]
        headers = _fields(lines[1:])
        if minor != b"0" and "host" not in headers:
            raise Refused(400)
        connection = {token.strip().lower() for token in headers.get("connection", "").split(",")}
        keep = "close" not in connection and (minor != b"0" or "keep-alive" in connection)
        length = _body_length(method, headers)
        if length is not None and length > maximum_body:
            raise Refused(413)
        if headers.get("expect", "").lower() == "100-continue" and length != 0:
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._chunks(maximum_body, deadline) if length is None else self._exactly(length, deadline)
        return Request(method, target, headers, body, keep)

    def _first(self, idle: float) -> bool:
        try:
            content = self._receive(65536, idle)
        except OSError:
            return False
        self._buffer += content
        return bool(content)

    def _more(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Gone
        try:
            content = self._receive(262144, left)
        except OSError as error:
            raise Gone from error
        if not content:
            raise Gone
        self._buffer += content

    def _head(self, deadline: float) -> bytes:
        while True:
            # Empty lines before a request are to be ignored (RFC 9112 2.2).
            while self._buffer.startswith(b"\r\n"):
                del self._buffer[:2]
            end = self._buffer.find(b"\r\n\r\n")
            if end > MAXIMUM_HEADER or (end < 0 and len(self._buffer) > MAXIMUM_HEADER):
                raise Refused(400)
            if end >= 0:
                head = bytes(self._buffer[:end])
                del self._buffer[: end + 4]
                return head
            self._more(deadline)

    def _exactly(self, length: int, deadline: float) -> bytes:
        while len(self._buffer) < length:
            self._more(deadline)
        content = bytes(self._buffer[:length])
        del self._buffer[:length]
        return content

    def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAXIMUM_HEADER:
                raise Refused(400)
            self._more(deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _chunks(self, maximum: int, deadline: float) -> bytes:
        body = bytearray()
        while True:
            match = _CHUNK.fullmatch(self._line(deadline))
            if match is None:
                raise Refused(400)
            length = int(match[1], 16)
            if len(body) + length > maximum:
                raise Refused(413)
            if not length:
                break
            body += self._exactly(length, deadline)
            if self._line(deadline):
                raise Refused(400)
        for _ in range(MAXIMUM_FIELDS):
            if not self._line(deadline):
                return bytes(body)
        raise Refused(400)


def _fields(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > MAXIMUM_FIELDS:
        raise Refused(400)
    headers: dict[str, str] = {}
    for line in lines:
        # A folded line begins with a blank and fails here, as RFC 9112 5.2 lets a server do.
        match = _FIELD.fullmatch(line)
        if match is None:
            raise Refused(400)
        name, value = match[1].decode("ascii").lower(), match[2].decode("latin-1")
        if name in headers and name in {"content-length", "transfer-encoding", "host", "authorization"}:
            raise Refused(400)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _body_length(method: str, headers: dict[str, str]) -> int | None:
    """The length of a body, None for one in chunks."""
    encoding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if encoding is not None:
        if length is not None:
            raise Refused(400)
        if encoding.strip().lower() != "chunked":
            raise Refused(501)
        return None
    if length is None:
        if method == "POST":
            raise Refused(411)
        return 0
    if not _LENGTH.fullmatch(length):
        raise Refused(400)
    return int(length)

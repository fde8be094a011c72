# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of certificates: a table, and a handshake of Python's ssl (OpenSSL) that has to come to the same verdict."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.certificates import certificate, names
from cryptography.hazmat.primitives import serialization
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.certificates import made

TABLE = [
    ("ndes1.corp.example", "ndes1.corp.example", True),
    ("NDES1.Corp.Example", "ndes1.CORP.example", True),
    ("ndes1.corp.example", "ndes1.corp.example.", True),
    ("ndes1.corp.example", "ndes2.corp.example", False),
    ("corp.example", "ndes1.corp.example", False),
    ("ndes1.corp.example", "corp.example", False),
    ("ndes1", "ndes1", True),
    ("*.corp.example", "ndes1.corp.example", True),
    ("*.CORP.example", "NDES1.corp.example", True),
    ("*.corp.example", "a.b.corp.example", False),
    ("*.corp.example", "corp.example", False),
    ("*.corp.example", ".corp.example", None),
    ("*.example", "corp.example", False),
    ("*", "ndes1", False),
    ("*.*.example", "a.b.example", False),
    ("nd*.corp.example", "ndes1.corp.example", False),
    ("*1.corp.example", "ndes1.corp.example", False),
    ("ndes1.*.example", "ndes1.corp.example", False),
    ("*.corp.example", "xn--bcher-kva.corp.example", True),
    ("xn--bcher-kva.corp.example", "bücher.corp.example", True),
    ("*.corp.example", "_x.corp.example", False),
    ("_x.corp.example", "_x.corp.example", True),
    ("*.corp.example", "-x.corp.example", True),
    ("*.-corp.example", "x.-corp.example", False),
    ("scep.corp.example", "scep.corp.example:443", None),
    ("scep.corp.example", "https://scep.corp.example", None),
    ("scep.corp.example", "", None),
    ("scep.corp.example", "a" * 64 + ".example", None),
]


@pytest.mark.parametrize(("pattern", "host", "expected"), TABLE)
def test_which_name_is_for_which_host(pattern: str, host: str, expected: bool | None) -> None:
    found = certificate.parse(made.der(made.certificate([pattern])))
    if expected is None:
        with pytest.raises(ValueError, match="is no host name"):
            names.covers(found, host)
    else:
        assert names.covers(found, host) is expected


def test_the_common_name_counts_where_there_is_no_dns_name() -> None:
    def covers(host: str, **given: object) -> bool:
        return names.covers(certificate.parse(made.der(made.certificate(common_name="a.example", **given))), host)  # type: ignore[arg-type]

    assert covers("a.example")
    assert covers("a.example", mail=["x@a.example"])
    assert not covers("a.example", dns=["b.example"])
    assert covers("b.example", dns=["b.example"])
    assert not covers("192.0.2.1", dns=["192.0.2.1"])
    assert covers("192.0.2.1", addresses=["192.0.2.1"])
    assert covers("[2001:db8::1]", addresses=["2001:db8:0:0::1"])
    assert not covers("192.0.2.2", addresses=["192.0.2.1"])


def test_a_common_name_is_never_an_address() -> None:
    found = certificate.parse(made.der(made.certificate(common_name="192.0.2.1")))
    assert not names.covers(found, "192.0.2.1")
    assert names.presented(found) == ("192.0.2.1",)


#: Names that clients ask for have letters, digits and hyphens alone; others are no host names to OpenSSL either.
HOST = st.lists(st.sampled_from(["ndes1", "corp", "example", "xn--bcher-kva", "a", "b1"]), min_size=1, max_size=4)
ODD = st.one_of(
    st.sampled_from(["*", "a*", "*a", "-a", "a-", "_a", "other"]), st.text("aB1-*_", min_size=1, max_size=3)
)


@st.composite
def close_to(draw: st.DrawFn, host: list[str]) -> str:
    """A name of a certificate that is nearly that of a host: some labels are other ones, one more or one less."""
    labels = list(host)
    for place in range(len(labels)):
        # Mostly the first one, which is where a wildcard may stand.
        if draw(st.integers(0, 1 if place == 0 else 5)) == 0:
            labels[place] = draw(st.one_of(st.just("*"), ODD, st.just(labels[place].upper())))
    change = draw(st.integers(0, 5))
    if change == 0:
        labels.insert(0, draw(st.one_of(st.just("*"), ODD)))
    elif change == 1 and len(labels) > 1:
        labels.pop(0)
    return ".".join(labels)


@st.composite
def meetings(draw: st.DrawFn) -> tuple[list[str], str, str]:
    """DNS names and the common name of a certificate, and the host that a client asks for."""
    host = draw(HOST)
    patterns = draw(st.lists(close_to(host), max_size=2))
    return patterns, draw(st.one_of(st.just("nobody"), close_to(host))), ".".join(host)


def serving(folder: Path, pem: bytes) -> ssl.SSLContext:
    """A server's context with a certificate."""
    path = folder / "server.pem"
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def accepted(server: ssl.SSLContext, pem: str, host: str) -> bool:
    """Whether a client that asks for a host takes the certificate, whose issuer it trusts."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=pem)
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(ours, theirs, server_hostname=host)
    other = server.wrap_bio(theirs, ours, server_side=True)
    for _ in range(4):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                if error.verify_code not in (62, 64):
                    raise
                return False
    return True


@settings(deadline=None)
@example((["*.corp.example"], "ndes1.corp.example", "ndes1.corp.example"))
@example((["*.example"], "nobody", "corp.example"))
@example(([], "*.corp.example", "ndes1.corp.example"))
@given(meetings())
def test_openssl_comes_to_the_same_verdict(
    tmp_path_factory: pytest.TempPathFactory, meeting: tuple[list[str], str, str]
) -> None:
    patterns, common_name, host = meeting
    # Valid by the clock of this machine, which OpenSSL looks at; its own issuer, so that it can be trusted.
    begins, ends = made.NOW.replace(year=2000), made.NOW.replace(year=2100)
    whole = made.certificate(patterns, common_name=common_name, issuer=common_name, begins=begins, ends=ends)
    pem = whole.public_bytes(serialization.Encoding.PEM)
    private = made.key("P-256").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server = serving(tmp_path_factory.getbasetemp(), pem + private)
    verdict = names.covers(certificate.parse(made.der(whole)), host)
    assert verdict is accepted(server, pem.decode(), host)

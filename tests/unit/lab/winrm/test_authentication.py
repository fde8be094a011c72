# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logons, token by token, with pyspnego as the client."""

from __future__ import annotations

import base64
import hashlib
import os
import typing as t
from pathlib import Path

import pytest
import spnego
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st
from spnego.channel_bindings import GssChannelBindings

from lab.winrm import ntlm
from lab.winrm.authentication import Authenticator, endpoint_binding
from lab.winrm.server import load_tls
from lab.winrm.settings import InForce, Settings

from .hosts import NT_HASH, PASSWORD, FakeMachine, certificate
from .mutations import mutated

BINDING = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32))
OTHER = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(31) + b"\1")


def authenticator(
    machine: FakeMachine | None = None, binding: GssChannelBindings | None = BINDING, **settings: t.Any
) -> Authenticator:
    force = InForce(Settings(settings), dict)
    return Authenticator(machine or FakeMachine(), force, binding is not None, binding)


def header(scheme: str, token: bytes) -> str:
    return f"{scheme} {base64.b64encode(token).decode()}"


def basic(user: str, password: str) -> str:
    return header("Basic", f"{user}:{password}".encode())


def exchange(
    server: Authenticator,
    user: str = "Administrator",
    password: str = PASSWORD,
    protocol: str = "ntlm",
    bindings: GssChannelBindings | None = None,
) -> tuple[spnego.ContextProxy, t.Any]:
    """Log on with NTLM; the client, and the last verdict."""
    client = spnego.client(
        user,
        password,
        "ndes1",
        "HTTP",
        bindings,
        protocol=protocol,
        options=spnego.NegotiateOptions.use_negotiate if protocol == "negotiate" else spnego.NegotiateOptions.use_ntlm,
    )
    token = client.step()
    for _ in range(3):
        assert token is not None
        verdict = server.check(header("Negotiate", token))
        if not verdict.continues:
            return client, verdict
        token = client.step(base64.b64decode(verdict.headers[0][1].removeprefix("Negotiate ")))
    raise AssertionError("the logon does not end")


@pytest.mark.parametrize("protocol", ["ntlm", "negotiate"])
@pytest.mark.parametrize(
    "user", ["Administrator", "CORP\\administrator", "NDES1\\Administrator", "administrator@CORP.EXAMPLE"]
)
def test_ntlm(protocol: str, user: str) -> None:
    _, verdict = exchange(authenticator(), user, protocol=protocol)
    assert verdict.identity.user.lower() == user.lower()
    assert verdict.identity.token.lower() == f"token of {user}".lower()
    assert not verdict.identity.denied


def test_messages_after_ntlm() -> None:
    server = authenticator()
    client, _ = exchange(server)
    assert server.session is not None
    sealed = client.wrap_winrm(b"question")
    assert server.session.unwrap(sealed.header, sealed.data) == b"question"
    signature, message = server.session.wrap(b"answer")
    assert client.unwrap_winrm(signature, message) == b"answer"


@pytest.mark.parametrize(
    ("sent", "expected", "settings", "accepted"),
    [
        (None, None, {}, True),
        (None, BINDING, {}, True),
        (BINDING, BINDING, {}, True),
        (OTHER, BINDING, {}, False),
        (OTHER, BINDING, {"CbtHardeningLevel": "None"}, True),
        (OTHER, None, {}, True),
    ],
)
def test_channel_bindings(
    sent: GssChannelBindings | None, expected: GssChannelBindings | None, settings: dict[str, t.Any], accepted: bool
) -> None:
    _, verdict = exchange(authenticator(binding=expected, **settings), bindings=sent)
    assert bool(verdict.identity) is accepted


@pytest.mark.parametrize(
    ("user", "password"),
    [("Administrator", "wrong"), ("nobody", PASSWORD), ("OTHER\\Administrator", PASSWORD), ("a:b", PASSWORD)],
)
def test_refused_ntlm(user: str, password: str) -> None:
    server = authenticator()
    _, verdict = exchange(server, user, password)
    assert verdict.identity is None
    assert [value for _, value in verdict.headers] == ["Negotiate", "Kerberos", 'Basic realm="WSMAN"']
    assert server.check(None).identity is None
    assert server.session is None


@pytest.mark.parametrize("user", ["a:b", "a\nb", "a\u2028b"])
def test_names_that_would_break_the_file_never_get_there(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine()
    monkeypatch.setattr(machine, "nt_hash", lambda *_: NT_HASH)
    monkeypatch.setattr(ntlm.HASH_FILE, "holding", lambda *_: pytest.fail("the file was written"))
    assert exchange(authenticator(machine), user)[1].identity is None


def test_an_account_without_lm_hash_cannot_log_on_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LM_COMPAT_LEVEL", "0")
    client = authenticator()
    nobody = spnego.NTLMHash("Administrator", lm_hash="0" * 32, nt_hash="0" * 32)
    _, verdict = exchange(client, t.cast(t.Any, nobody), t.cast(t.Any, None))
    assert verdict.identity is None


def hash_file() -> Path:
    return Path(os.environ["NTLM_USER_FILE"])


def test_the_hash_is_nowhere_after_a_logon() -> None:
    seen: list[bytes] = []

    class Machine(FakeMachine):
        def logon(self, user: str) -> t.Any:
            seen.append(hash_file().read_bytes())
            return super().logon(user)

    exchange(authenticator(Machine()))
    exchange(authenticator(Machine()), password="wrong")
    seen.append(hash_file().read_bytes())
    assert seen == [b"", b""]
    assert hash_file().stat().st_mode & 0o777 == 0o600


def test_the_hash_is_there_during_a_logon() -> None:
    with ntlm.HASH_FILE.holding("CORP\\a", NT_HASH):
        name, _, lm, nt, *_ = hash_file().read_text().split(":")
    assert (name, nt) == ("CORP\\a", NT_HASH.hex().upper())
    assert lm != "0" * 32


def test_who_may_not_use_winrm_is_known_but_denied() -> None:
    _, verdict = exchange(authenticator(), "user")
    assert verdict.identity.denied
    assert authenticator().check(basic("user", PASSWORD)).identity == verdict.identity


def test_a_new_logon_on_a_connection_replaces_the_old() -> None:
    server = authenticator()
    exchange(server)
    assert server.check(None).identity is not None
    _, verdict = exchange(server, password="wrong")
    assert verdict.identity is None
    assert server.check(None).identity is None


def test_basic() -> None:
    machine = FakeMachine()
    server = authenticator(machine)
    assert [server.check(basic("Administrator", PASSWORD)).identity is not None for _ in range(3)] == [True] * 3
    assert machine.logons == 1
    assert server.check(None).identity is None
    assert server.check(basic("Administrator", "wrong")).identity is None


@pytest.mark.parametrize(
    ("binding", "settings", "offered"),
    [
        (BINDING, {}, ["Negotiate", "Kerberos", 'Basic realm="WSMAN"']),
        (BINDING, {"Basic": False}, ["Negotiate", "Kerberos"]),
        (None, {}, ["Negotiate", "Kerberos"]),
        (None, {"AllowUnencrypted": True}, ["Negotiate", "Kerberos", 'Basic realm="WSMAN"']),
        (BINDING, {"Negotiate": False, "Kerberos": False}, ['Basic realm="WSMAN"']),
    ],
)
def test_what_is_offered(binding: t.Any, settings: dict[str, t.Any], offered: list[str]) -> None:
    server = authenticator(binding=binding, **settings)
    assert server.offered() == offered
    accepts = any(offer.startswith("Basic") for offer in offered)
    assert bool(server.check(basic("Administrator", PASSWORD)).identity) is accepts


@pytest.mark.parametrize(
    "value",
    ["", "Negotiate", "Negotiate !", "Digest YQ==", "Basic YQ==", "Bearer a", "Kerberos YQ==", "Negotiate YIIB"],
)
def test_headers_that_are_no_logon(value: str) -> None:
    verdict = authenticator().check(value)
    assert (verdict.identity, verdict.continues) == (None, False)


def tokens(protocol: str) -> list[bytes]:
    """What a client sends in an NTLM logon."""
    server = authenticator()
    client = spnego.client(
        "CORP\\Administrator",
        PASSWORD,
        protocol=protocol,
        options=spnego.NegotiateOptions.use_negotiate if protocol == "negotiate" else spnego.NegotiateOptions.use_ntlm,
        channel_bindings=BINDING,
    )
    first = client.step()
    assert first is not None
    challenge = server.check(header("Negotiate", first)).headers[0][1].removeprefix("Negotiate ")
    second = client.step(base64.b64decode(challenge))
    assert second is not None
    return [first, second]


TOKENS = tokens("ntlm") + tokens("negotiate")


@pytest.mark.parametrize("token", [TOKENS[1], TOKENS[3]])
def test_what_is_read_of_a_token(token: bytes) -> None:
    assert ntlm.find(token) == ntlm.Authenticate("CORP", "Administrator", True)


@given(mutated(TOKENS))
def test_a_token_is_read_or_not(token: bytes) -> None:
    found = ntlm.find(token)
    assert found is None or isinstance(found.user, str)


@given(st.lists(mutated(TOKENS), min_size=1, max_size=3))
def test_a_mutated_logon_never_raises(sent: list[bytes]) -> None:
    server = authenticator()
    for token in sent:
        # The second message answers another challenge, so that none of them is a logon.
        assert server.check(header("Negotiate", token)).identity is None


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384()])
def test_endpoint_binding(tmp_path: Path, algorithm: t.Any) -> None:
    files = certificate(tmp_path, algorithm=algorithm)
    der = load_tls(*files).binding
    pem = files[0].read_text().splitlines()
    content = base64.b64decode("".join(pem[1:-1]))
    digest = hashlib.new(algorithm.name, content).digest()
    assert der.application_data == b"tls-server-end-point:" + digest
    assert endpoint_binding(content) == der

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that goes wrong on the way into a domain, made to happen in the lab."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import subprocess
import threading
import time
import typing as t
from pathlib import Path

import krb5
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import discovery
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import InvalidCredentials, Unreachable
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

from . import certificates
from .conftest import PASSWORD, Accounts, Domain, failure

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError

DISABLED = b"514"
NEVER_AT_ALL = b"\0" * 21
UNUSED_ADDRESS = "10.77.0.250"


def filetime(seconds: float) -> bytes:
    """A POSIX time as Windows counts: in units of 100 ns since 1601."""
    return str(int((seconds + 11644473600) * 10_000_000)).encode()


def both(domain: Domain, name: str, password: str = PASSWORD) -> tuple[DirectoryError, DirectoryError]:
    """What Kerberos and what a simple bind say, both of the domain controller that knows of the latest changes."""
    servers = (f"dc1.{domain.name}",)
    return (
        failure(domain.kerberos(name, password, servers=servers)),
        failure(domain.simple(name, password, servers=servers)),
    )


# The account


def test_wrong_password(domain: Domain) -> None:
    kerberos, simple = both(domain, "alice", "wrong")
    assert (kerberos.code, simple.code) == ("wrong_password", "invalid_credentials")
    assert str(kerberos) == (
        "Failed to get a Kerberos ticket (alice@CORP.EXAMPLE): the password is wrong (Preauthentication failed, krb5 "
        "error -1765328360). Remedy: correct domain_password, or export the keytab again."
    )
    assert "data 52e" in simple.detail
    assert isinstance(kerberos, InvalidCredentials)
    assert isinstance(simple, InvalidCredentials)


def test_unknown_user(domain: Domain) -> None:
    kerberos, simple = both(domain, "nobody")
    # A bind does not tell whether it was the name or the password.
    assert (kerberos.code, simple.code) == ("unknown_user", "invalid_credentials")


def test_disabled_account(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add()
    accounts.change(name, "userAccountControl", DISABLED)
    assert [exc.code for exc in both(domain, name)] == ["account_revoked", "account_disabled"]


def test_expired_account(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add(accountExpires=filetime(time.time() - 86400))
    assert [exc.code for exc in both(domain, name)] == ["account_revoked", "account_expired"]


def test_password_that_must_be_changed(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add()
    accounts.change(name, "pwdLastSet", b"0")
    assert [exc.code for exc in both(domain, name)] == ["password_expired", "must_change_password"]


def test_expired_password(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add()
    # Over LDAP nobody may set an old date, so it is written into the domain controller's file.
    partition = domain.lab.dir / "dc1" / "private" / "sam.ldb.d" / f"{domain.dn.upper()}.ldb"
    change = f"dn: {accounts.dn(name)}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 130000000000000000\n"
    subprocess.run(["ldbmodify", "-H", partition], input=change, text=True, check=True, capture_output=True)
    assert [exc.code for exc in both(domain, name)] == ["password_expired", "password_expired"]


def test_locked_account(domain: Domain, accounts: Accounts, administrator: Session) -> None:
    name = accounts.add()
    policy = f"CN={name},CN=Password Settings Container,CN=System,{domain.dn}"
    an_hour, ten_days = b"-36000000000", b"-8640000000000"
    values = {
        "objectClass": b"msDS-PasswordSettings",
        "msDS-PasswordSettingsPrecedence": b"10",
        "msDS-PasswordReversibleEncryptionEnabled": b"FALSE",
        "msDS-PasswordHistoryLength": b"0",
        "msDS-PasswordComplexityEnabled": b"FALSE",
        "msDS-MinimumPasswordLength": b"0",
        "msDS-MinimumPasswordAge": b"0",
        "msDS-MaximumPasswordAge": ten_days,
        "msDS-LockoutThreshold": b"1",
        "msDS-LockoutObservationWindow": an_hour,
        "msDS-LockoutDuration": an_hour,
        "msDS-PSOAppliesTo": accounts.dn(name).encode(),
    }
    administrator.add(policy, {key: (value,) for key, value in values.items()})
    try:
        both(domain, name, "wrong")
        assert [exc.code for exc in both(domain, name)] == ["account_revoked", "account_locked"]
    finally:
        administrator.delete(policy)


def test_logon_hours(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add(logonHours=NEVER_AT_ALL)
    assert [exc.code for exc in both(domain, name)] == ["account_revoked", "logon_hours"]


def test_logon_workstations(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add(userWorkstations=b"ELSEWHERE")
    assert failure(domain.simple(name, PASSWORD, servers=(f"dc1.{domain.name}",))).code == "logon_workstation"


# Kerberos on this host


def test_no_credential_cache(domain: Domain, tmp_path: Path) -> None:
    exc = failure(ConnectionSettings(domain.name, ccache=str(tmp_path / "none")))
    assert exc.code == "no_credential_cache"


def test_file_that_is_no_credential_cache(domain: Domain, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"nonsense")
    assert failure(ConnectionSettings(domain.name, ccache=str(tmp_path / "cache"))).code == "cache_unreadable"


def cache_made(domain: Domain, path: Path, *, lifetime: int = 600, ahead: int = 0) -> str:
    """A cache with a ticket of Alice that lasts O(lifetime) seconds, on a host that is O(ahead) seconds ahead."""
    context = krb5.init_context()
    client = krb5.parse_name_flags(context, f"alice@{domain.name.upper()}".encode())
    options = krb5.get_init_creds_opt_alloc(context)
    krb5.get_init_creds_opt_set_tkt_life(options, lifetime)
    ticket = krb5.get_init_creds_password(context, client, options, domain.password("alice").encode())
    if ahead:
        # How far the clocks differ is kept in the cache.
        krb5.set_real_time(context, int(time.time()) + ahead, 0)
    cache = krb5.cc_resolve(context, f"FILE:{path}".encode())
    krb5.cc_initialize(context, cache, client)
    krb5.cc_store_cred(context, cache, ticket)
    return str(path)


def test_expired_ticket(domain: Domain, tmp_path: Path) -> None:
    cache = cache_made(domain, tmp_path / "cache", lifetime=1)
    time.sleep(2)
    assert failure(ConnectionSettings(domain.name, ccache=cache)).code == "ticket_expired"


def test_clock_skew(domain: Domain, tmp_path: Path) -> None:
    exc = failure(
        ConnectionSettings(domain.name, ccache=cache_made(domain, tmp_path / "cache", lifetime=36000, ahead=3600))
    )
    assert exc.code == "clock_skew"
    assert exc.remedy == "set the clock of this host by the domain's time source"


def test_keytab_of_another_principal(domain: Domain, tmp_path: Path) -> None:
    keytab = made_keytab(tmp_path, f"bob@{domain.name.upper()}", "aes256-cts-hmac-sha1-96")
    settings = ConnectionSettings(domain.name, username="alice", keytab=keytab)
    assert failure(settings).code == "keytab_no_principal"


def test_keytab_of_an_older_password(domain: Domain, tmp_path: Path) -> None:
    keytab = made_keytab(tmp_path, f"alice@{domain.name.upper()}", "aes256-cts-hmac-sha1-96")
    assert failure(ConnectionSettings(domain.name, username="alice", keytab=keytab)).code == "keytab_stale"


def made_keytab(directory: Path, principal: str, encryption: str) -> str:
    path = directory / "keytab"
    commands = f"addent -password -p {principal} -k 1 -e {encryption}\nnot the password\nwkt {path}\n"
    subprocess.run(["ktutil"], input=commands, text=True, check=True, capture_output=True)
    return str(path)


@pytest.fixture
def krb5_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str], None]:
    """Puts lines before those of the lab's krb5.conf."""

    def put(text: str) -> None:
        (tmp_path / "krb5.conf").write_text(text)
        monkeypatch.setenv("KRB5_CONFIG", f"{tmp_path / 'krb5.conf'}:{os.environ['KRB5_CONFIG']}")

    return put


def test_no_common_encryption_type(domain: Domain, krb5_conf: t.Callable[[str], None]) -> None:
    krb5_conf("[libdefaults]\n permitted_enctypes = camellia256-cts-cmac\n")
    assert failure(domain.kerberos("alice")).code == "encryption_type"


def test_realm_that_nobody_knows(domain: Domain) -> None:
    exc = failure(domain.kerberos("alice@crop.example", PASSWORD, domain=None, servers=(f"dc1.{domain.name}",)))
    assert exc.code == "wrong_realm"
    assert "CROP.EXAMPLE" in str(exc)


def test_key_distribution_centre_that_does_not_answer(domain: Domain, krb5_conf: t.Callable[[str], None]) -> None:
    krb5_conf(f"[realms]\n {domain.name.upper()} = {{\n  kdc = 127.0.0.1:9\n }}\n")
    assert failure(domain.kerberos("alice")).code == "kdc_unreachable"


def test_broken_kerberos_configuration(domain: Domain, krb5_conf: t.Callable[[str], None]) -> None:
    krb5_conf("[libdefaults\n")
    assert failure(domain.kerberos("alice")).code == "kerberos_configuration"


def test_server_under_a_name_without_account(domain: Domain, tmp_path: Path) -> None:
    cache = cache_made(domain, tmp_path / "cache")
    exc = failure(ConnectionSettings(servers=("10.77.0.10",), ccache=cache))
    assert exc.code == "server_principal_unknown"


# Finding and reaching a server


def test_domain_without_records(domain: Domain, tmp_path: Path) -> None:
    cache = cache_made(domain, tmp_path / "cache")
    exc = failure(ConnectionSettings(f"nowhere.{domain.name}", ccache=cache))
    assert exc.code == "no_srv_records"
    assert exc.target == f"_ldap._tcp.dc._msdcs.nowhere.{domain.name}"


@pytest.mark.parametrize(
    ("server", "code"),
    [("nix.corp.example", "unknown_host"), ("controller.corp.example", "refused"), (UNUSED_ADDRESS, "unreachable")],
)
@pytest.mark.parametrize("tls", ["ldaps", "start_tls"])
def test_server_that_cannot_be_reached(domain: Domain, server: str, code: str, tls: t.Any) -> None:
    exc = failure(domain.simple("alice", servers=(server,), tls=tls, timeout=2))
    assert exc.code in {code, "timeout" if code == "unreachable" else code}
    assert isinstance(exc, Unreachable)


@pytest.mark.parametrize(("tls", "port"), [("ldaps", 636), ("start_tls", 389)])
def test_server_that_accepts_and_says_nothing(domain: Domain, tls: t.Any, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        begun = time.monotonic()
        exc = failure(domain.simple("alice", servers=("127.0.0.1",), tls=tls, timeout=1))
    assert exc.code == "timeout"
    assert time.monotonic() - begun < 5


def test_kerberos_with_a_server_that_accepts_and_says_nothing(domain: Domain, accounts: Accounts) -> None:
    # libkrb5 completes a name without dots with the first domain that the resolver searches.
    accounts.add(servicePrincipalName=f"ldap/localhost.{domain.name}".encode())
    with socket.create_server(("127.0.0.1", 389)):
        begun = time.monotonic()
        exc = failure(domain.kerberos("alice", servers=("localhost",), timeout=1))
    assert exc.code == "timeout"
    assert time.monotonic() - begun < 5


# Transport security


def test_untrusted_certificate(domain: Domain) -> None:
    exc = failure(domain.simple("alice", ca_certificates=None))
    assert exc.code == "certificate_untrusted"
    assert exc.remedy is not None
    assert "domain_ca_certificates" in exc.remedy


@contextlib.contextmanager
def tls_server(host: str, chain: certificates.Issued) -> Iterator[None]:
    """A server on port 636 of O(host) that shows a certificate and ends the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain.certificate, chain.key)
    with socket.create_server((host, 636)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "begins", "ends", "code"),
    [
        ("elsewhere.example", -DAY, DAY, "certificate_host_mismatch"),
        (None, -2 * DAY, -DAY, "certificate_expired"),
        (None, DAY, 2 * DAY, "certificate_not_yet_valid"),
    ],
)
def test_wrong_certificate(
    domain: Domain, tmp_path: Path, name: str | None, begins: dt.timedelta, ends: dt.timedelta, code: str
) -> None:
    authority = certificates.authority(tmp_path)
    host = domain.controller
    with tls_server(host, certificates.issue(authority, tmp_path, name or host, begins, ends)):
        exc = failure(domain.simple("alice", servers=(host,), ca_certificates=str(authority.certificate)))
    assert exc.code == code


def test_server_without_tls(domain: Domain, tmp_path: Path) -> None:
    authority = certificates.authority(tmp_path)

    def hang_up() -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()

    host = domain.controller
    with socket.create_server((host, 636)) as listener:
        thread = threading.Thread(target=hang_up)
        thread.start()
        exc = failure(domain.simple("alice", servers=(host,), ca_certificates=str(authority.certificate)))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert exc.code in {"connection_lost", "tls_failed"}


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_file_of_authorities_that_cannot_be_used(domain: Domain, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    exc = failure(domain.simple("alice", ca_certificates=str(path)))
    assert exc.code == "ca_file_unreadable"
    assert exc.target == str(path)


def test_kerberos_inside_tls_where_the_server_does_not_take_it(domain: Domain) -> None:
    exc = failure(domain.kerberos("alice", tls="ldaps", ca_certificates=domain.ca_certificates))
    assert exc.code == "sasl_over_tls_refused"
    assert exc.remedy == "use domain_tls: none, which with Kerberos is signed and encrypted all the same"


def test_no_password_in_any_failure(domain: Domain) -> None:
    secret = "canary-Passw0rd"
    for exc in both(domain, "alice", secret):
        told = f"{exc!r} {exc} {vars(exc)} {exc.__cause__!r}"
        assert secret not in told


def test_the_dns_knows_the_lab(domain: Domain) -> None:
    expected = (f"dc1.{domain.name}", f"dc2.{domain.name}")
    assert discovery.domain_controllers(domain.name, 5) == expected
    assert set(discovery.global_catalogs(domain.name, 5)) == set(expected)


def test_the_first_domain_controller_of_the_dns_is_taken(domain: Domain) -> None:
    with connect(domain.kerberos("alice")) as session:
        assert session.server == f"dc1.{domain.name}"

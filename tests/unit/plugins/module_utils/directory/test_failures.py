# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the failure table: what is recognised by which number, and how it is told.

Diagnostic messages are those that domain controllers send (Samba 4.17 where the code says Samba, else Windows Server as
quoted in Microsoft's documentation).
"""

from __future__ import annotations

import errno
import socket
import ssl

import krb5
import ldap
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import failures
from ansible_collections.certops.intune.plugins.module_utils.directory.causes import CAUSES
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import (
    AlreadyExists,
    ConcurrentChange,
    DirectoryError,
    InsufficientRights,
    InvalidCredentials,
    NoSuchObject,
    OutcomeUnknown,
    Unreachable,
    error,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.evidence import (
    kerberos_failure,
    ldap_failure,
    socket_failure,
)

BIND = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {}, v4563\0"
SIGNING = (
    "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS "
    "are not already active on the connection, data 0, v4563"
)
UNBOUND = (
    "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed "
    "on the connection., data 0, v4563"
)
GSS = "SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure.  Minor code may provide more information ({})"


@pytest.mark.parametrize(
    ("result", "diagnostic", "code"),
    [
        (49, BIND.format("525"), "unknown_user"),
        (49, BIND.format("52e"), "invalid_credentials"),
        (49, BIND.format("530"), "logon_hours"),
        (49, BIND.format("531"), "logon_workstation"),
        (49, BIND.format("532"), "password_expired"),
        (49, BIND.format("533"), "account_disabled"),
        (49, BIND.format("569"), "logon_not_granted"),
        (49, BIND.format("701"), "account_expired"),
        (49, BIND.format("773"), "must_change_password"),
        (49, BIND.format("775"), "account_locked"),
        (49, BIND.format("999"), "invalid_credentials"),
        (49, "", "invalid_credentials"),
        (49, "80090346: LdapErr: DSID-0C090597, comment: AcceptSecurityContext error, data 35b, v4563",
         "channel_binding_required"),
        (8, SIGNING, "signing_required"),
        (8, "BindSimple: Transport encryption required.", "signing_required"),
        (13, "", "confidentiality_required"),
        (1, UNBOUND, "bind_required"),
        (1, "", "operation_failed"),
        (50, "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", "insufficient_rights"),
        (50, "acl: unable to find or validate structural objectClass", "insufficient_rights"),
        (32, "0000208D: NameErr: DSID-0310028C, problem 2001 (NO_OBJECT), data 0, best match of: 'DC=corp'",
         "no_such_object"),
        (68, "00002071: UpdErr: DSID-031B0F4F, problem 6005 (ENTRY_EXISTS), data 0", "already_exists"),
        (20, "", "already_exists"),
        (19, "0000052D: Constraint violation - check_password_restrictions: the password is too short",
         "password_policy"),
        (19, "000021C7: AtrErr: DSID-03200EE6, #1: 0: 000021C7: DSID-03200EE6, problem 1005 (CONSTRAINT_ATT_TYPE)",
         "not_unique"),
        (19, "0000202F: samldb: value would cause a conflict", "constraint_violation"),
        (19, "0000051B: SecErr", "invalid_owner"),
        (53, "0000202B: RefErr: DSID-0310084A, data 0, 1 access points", "referral"),
        (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", "unwilling"),
        (10, "", "referral"),
        (3, "", "time_limit"),
        (4, "", "size_limit"),
        (11, "", "admin_limit"),
        (12, "", "unsupported_control"),
        (16, "", "schema_violation"),
        (21, "", "invalid_value"),
        (34, "", "invalid_dn"),
        (51, "", "server_busy"),
        (52, "", "server_unavailable"),
        (66, "", "not_leaf"),
        (-1, "", "connection_lost"),
        (-5, "", "timeout"),
        (-6, "SASL(-4): no mechanism available: No worthy mechs found", "sasl_mechanism_missing"),
        (-2, "", "kerberos_failed"),
        (-2, GSS.format("Clock skew too great"), "clock_skew"),
        (-2, GSS.format("Ticket expired"), "ticket_expired"),
        (-2, GSS.format("Server not found in Kerberos database"), "server_principal_unknown"),
        (-2, GSS.format('Cannot contact any KDC for realm "CORP.EXAMPLE"'), "kdc_unreachable"),
        (-2, GSS.format('Cannot find KDC for realm "CROP.EXAMPLE"'), "wrong_realm"),
        (-2, GSS.format("Message stream modified"), "service_key_mismatch"),
        (-2, GSS.format("No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)"),
         "no_credential_cache"),
        (-2, GSS.format("KDC has no support for encryption type"), "encryption_type"),
        (-2, "SASL(-15): mechanism too weak for this user: ", "weak_security_layer"),
        (77, "", "operation_failed"),
    ],
)  # fmt: skip
def test_ldap_failure(result: int, diagnostic: str, code: str) -> None:
    evidence = ldap_failure(result, "Name", diagnostic)
    assert evidence.code == code
    assert evidence.detail.endswith(f", LDAP result {result}")
    assert evidence.code in CAUSES


def test_text_of_a_server_decides_nothing() -> None:
    """Only the words of libraries on this host are read; those of a server may be in any language."""
    assert ldap_failure(53, "", "Ticket expired").code == "unwilling"
    assert ldap_failure(50, "", "0000XYZ: data 775").code == "insufficient_rights"


@pytest.mark.parametrize("result", [16, 20])
def test_concurrent_change(result: int) -> None:
    diagnostic = "00002085: AtrErr: DSID-03151E14"
    assert ldap_failure(result, "", diagnostic, conditional=True).code == "concurrent_change"
    assert ldap_failure(result, "", diagnostic).code != "concurrent_change"


def test_detail_is_one_clean_line() -> None:
    assert ldap_failure(49, "Invalid credentials", " a\0\n  b. ").detail == "a b, LDAP result 49"
    assert ldap_failure(49, "Invalid credentials", "").detail == "Invalid credentials, LDAP result 49"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (-1765328347, "clock_skew"),
        (-1765328236, "clock_skew"),
        (-1765328230, "wrong_realm"),
        (-1765328228, "kdc_unreachable"),
        (-1765328361, "password_expired"),
        (-1765328366, "account_revoked"),
        (-1765328360, "wrong_password"),
        (-1765328378, "unknown_user"),
        (-1765328203, "keytab_no_principal"),
        (-1765328370, "encryption_type"),
        (-1, "kerberos_failed"),
    ],
)
def test_kerberos_failure(number: int, code: str) -> None:
    assert kerberos_failure(number, f"Text {number}") == (code, f"Text, krb5 error {number}")


def test_a_keytab_has_no_wrong_password() -> None:
    assert kerberos_failure(-1765328360, "", keytab=True).code == "keytab_stale"


@pytest.mark.parametrize(
    ("exc", "code", "detail"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "refused", "Connection refused, errno 111"),
        (OSError(errno.EHOSTUNREACH, "No route"), "unreachable", "No route, errno 113"),
        (TimeoutError("timed out"), "timeout", "timed out"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "timeout", "Connection timed out, errno 110"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "connection_lost", "reset, errno 104"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "unknown_host", "unknown, resolver error -2"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "dns_failure", "later, resolver error -3"),
        (ssl.SSLError(1, "handshake failure"), "tls_failed", "handshake failure"),
        (OSError("odd"), "unreachable", "odd, errno None"),
    ],
)
def test_socket_failure(exc: OSError, code: str, detail: str) -> None:
    assert socket_failure(exc) == (code, detail)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (9, "certificate_not_yet_valid"),
        (10, "certificate_expired"),
        (18, "certificate_untrusted"),
        (20, "certificate_untrusted"),
        (62, "certificate_host_mismatch"),
        (64, "certificate_host_mismatch"),
        (50, "certificate_untrusted"),
    ],
)
def test_certificate_failure(number: int, code: str) -> None:
    exc = ssl.SSLCertVerificationError(1, "certificate verify failed")
    exc.verify_code, exc.verify_message = number, "reason"
    assert socket_failure(exc) == (code, f"reason, X509 error {number}")


@pytest.mark.parametrize(
    "table",
    [
        failures.RESULT,
        failures.BIND_DATA,
        failures.WINDOWS,
        failures.KERBEROS,
        failures.CERTIFICATE,
        failures.SOCKET,
        failures.RESOLVER,
        dict(failures.TEXT),
    ],
)
def test_every_code_has_a_cause(table: dict[object, str]) -> None:
    assert set(table.values()) <= set(CAUSES)


def test_causes_and_remedies_are_clauses() -> None:
    for cause in CAUSES.values():
        for text in filter(None, cause):
            assert not text.endswith(".")
            assert text[0].islower() or text.split()[0] in ("Kerberos",), text


def test_result_codes_are_those_of_python_ldap() -> None:
    names = vars(ldap)
    known = {
        -1: "SERVER_DOWN", -2: "LOCAL_ERROR", -5: "TIMEOUT", -6: "AUTH_UNKNOWN", -11: "CONNECT_ERROR",
        8: "STRONG_AUTH_REQUIRED", 13: "CONFIDENTIALITY_REQUIRED", 16: "NO_SUCH_ATTRIBUTE",
        19: "CONSTRAINT_VIOLATION", 20: "TYPE_OR_VALUE_EXISTS", 32: "NO_SUCH_OBJECT", 49: "INVALID_CREDENTIALS",
        50: "INSUFFICIENT_ACCESS", 51: "BUSY", 53: "UNWILLING_TO_PERFORM", 68: "ALREADY_EXISTS",
    }  # fmt: skip
    assert {number: names[name].errnum for number, name in known.items()} == {number: number for number in known}
    assert set(known) <= set(failures.RESULT)


def test_texts_are_those_of_the_kerberos_library() -> None:
    """Each text of MIT Kerberos begins the library's own message for the number that has the same code."""
    context = krb5.init_context()
    by_code: dict[str, list[str]] = {}
    for number, code in failures.KERBEROS.items():
        if number < 0:
            by_code.setdefault(code, []).append(str(krb5.Krb5Error(context, number)))
    # Said by the GSSAPI library, about the same cause.
    own = ("No Kerberos credentials available", "mechanism too weak", "No worthy mechs found")
    for text, code in failures.TEXT:
        if text not in own:
            assert any(message.startswith(text) for message in by_code[code]), text


def test_message() -> None:
    failure = error("clock_skew", "connect", "ldap://dc1.corp.example:389", "Clock skew too great, krb5 error 37")
    assert str(failure) == (
        "Failed to connect (ldap://dc1.corp.example:389): the clocks of this host and of the domain differ too much "
        "(Clock skew too great, krb5 error 37). Remedy: set the clock of this host by the domain's time source."
    )


def test_message_of_a_code_that_the_table_does_not_have() -> None:
    failure = DirectoryError("no_oid_root", "allocate an OID", "CN=OID,DC=corp", "the container has none")
    assert str(failure) == "Failed to allocate an OID (CN=OID,DC=corp): the container has none."
    assert failure.remedy is None


def test_remedy_of_the_caller_comes_first() -> None:
    failure = DirectoryError("clock_skew", "connect", "x", remedy="wait", cause="too early")
    assert str(failure) == "Failed to connect (x): too early. Remedy: wait."


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("no_such_object", NoSuchObject),
        ("already_exists", AlreadyExists),
        ("concurrent_change", ConcurrentChange),
        ("insufficient_rights", InsufficientRights),
        ("wrong_password", InvalidCredentials),
        ("account_locked", InvalidCredentials),
        ("timeout", Unreachable),
        ("server_busy", Unreachable),
        ("outcome_unknown", OutcomeUnknown),
        ("clock_skew", DirectoryError),
        ("certificate_untrusted", DirectoryError),
    ],
)
def test_class_of_a_code(code: str, kind: type[DirectoryError]) -> None:
    assert type(error(code, "connect", "x")) is kind

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which evidence the causes of C(causes) are recognised. Data only.

Evidence is a number wherever there is one; the texts at the end are those of libraries that give none (MIT Kerberos
below GSSAPI, Cyrus SASL), in the language C(C).

Sources: RFC 4511 4.1.9 (result codes), MS-ERREF 2.2 (Windows error codes, with which a domain controller begins its
diagnostic message, and the C(data) sub-codes of a failed bind), krb5.h of MIT Kerberos, x509_vfy.h of OpenSSL,
RFC 3493 and POSIX for names and sockets.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import errno
import socket
import typing as t

#: LDAP result codes; negative ones are libldap's own.
RESULT: t.Final[t.Mapping[int, str]] = {
    -1: "connection_lost",
    -2: "kerberos_failed",
    -5: "timeout",
    -6: "sasl_mechanism_missing",
    -11: "tls_failed",
    3: "time_limit",
    4: "size_limit",
    7: "sasl_mechanism_missing",
    8: "signing_required",
    10: "referral",
    11: "admin_limit",
    12: "unsupported_control",
    13: "confidentiality_required",
    16: "schema_violation",
    17: "schema_violation",
    18: "schema_violation",
    19: "constraint_violation",
    20: "already_exists",
    21: "invalid_value",
    32: "no_such_object",
    34: "invalid_dn",
    48: "invalid_credentials",
    49: "invalid_credentials",
    50: "insufficient_rights",
    51: "server_busy",
    52: "server_unavailable",
    53: "unwilling",
    64: "schema_violation",
    65: "schema_violation",
    66: "not_leaf",
    67: "schema_violation",
    68: "already_exists",
    69: "schema_violation",
}

#: Results of a modify that names the values it expects: the directory has others.
CONCURRENT: t.Final[frozenset[int]] = frozenset({16, 20})

#: C(data XXX) in the diagnostic message of a refused bind (MS-ERREF 2.2, ERROR_LOGON_FAILURE and its neighbours).
BIND_DATA: t.Final[t.Mapping[int, str]] = {
    0x525: "unknown_user",
    0x52E: "invalid_credentials",
    0x52F: "logon_hours",
    0x530: "logon_hours",
    0x531: "logon_workstation",
    0x532: "password_expired",
    0x533: "account_disabled",
    0x569: "logon_not_granted",
    0x701: "account_expired",
    0x773: "must_change_password",
    0x775: "account_locked",
}

#: The Windows error code at the beginning of a diagnostic message. More specific than the result code.
WINDOWS: t.Final[t.Mapping[int, str]] = {
    0x0000051B: "invalid_owner",
    0x0000052D: "password_policy",
    0x000004DC: "bind_required",
    0x00002028: "signing_required",
    0x0000202B: "referral",
    0x00002098: "insufficient_rights",
    0x000021C7: "not_unique",
    0x000021C8: "not_unique",
    0x80090346: "channel_binding_required",
}

#: krb5_error_code, as MIT Kerberos counts them.
KERBEROS: t.Final[t.Mapping[int, str]] = {
    -1765328383: "account_expired",  # KRB5KDC_ERR_NAME_EXP
    -1765328378: "unknown_user",  # KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN
    -1765328377: "server_principal_unknown",  # KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN
    -1765328370: "encryption_type",  # KRB5KDC_ERR_ETYPE_NOSUPP
    -1765328366: "account_revoked",  # KRB5KDC_ERR_CLIENT_REVOKED
    -1765328361: "password_expired",  # KRB5KDC_ERR_KEY_EXP
    -1765328360: "wrong_password",  # KRB5KDC_ERR_PREAUTH_FAILED
    -1765328353: "wrong_password",  # KRB5KRB_AP_ERR_BAD_INTEGRITY
    -1765328352: "ticket_expired",  # KRB5KRB_AP_ERR_TKT_EXPIRED
    -1765328351: "ticket_not_yet_valid",  # KRB5KRB_AP_ERR_TKT_NYV
    -1765328347: "clock_skew",  # KRB5KRB_AP_ERR_SKEW
    -1765328343: "service_key_mismatch",  # KRB5KRB_AP_ERR_MODIFIED
    -1765328316: "wrong_realm",  # KRB5KDC_ERR_WRONG_REALM
    -1765328249: "kerberos_configuration",  # KRB5_CONFIG_CANTOPEN
    -1765328248: "kerberos_configuration",  # KRB5_CONFIG_BADFORMAT
    -1765328245: "cache_unreadable",  # KRB5_CC_BADNAME
    -1765328244: "cache_unreadable",  # KRB5_CC_UNKNOWN_TYPE
    -1765328243: "no_credential_cache",  # KRB5_CC_NOTFOUND
    -1765328236: "clock_skew",  # KRB5_KDCREP_SKEW
    -1765328234: "encryption_type",  # KRB5_PROG_ETYPE_NOSUPP
    -1765328230: "wrong_realm",  # KRB5_REALM_UNKNOWN
    -1765328228: "kdc_unreachable",  # KRB5_KDC_UNREACH
    -1765328205: "keytab_unreadable",  # KRB5_KT_BADNAME
    -1765328204: "keytab_unreadable",  # KRB5_KT_UNKNOWN_TYPE
    -1765328203: "keytab_no_principal",  # KRB5_KT_NOTFOUND
    -1765328200: "keytab_unreadable",  # KRB5_KT_IOERR
    -1765328191: "cache_unreadable",  # KRB5_CC_IO
    -1765328190: "cache_unreadable",  # KRB5_FCC_PERM
    -1765328189: "no_credential_cache",  # KRB5_FCC_NOFILE
    -1765328185: "cache_unreadable",  # KRB5_CC_FORMAT
    -1765328174: "wrong_password",  # KRB5_PREAUTH_FAILED
    -1765328172: "cache_unreadable",  # KRB5_CCACHE_BADVNO
    -1765328171: "keytab_unreadable",  # KRB5_KEYTAB_BADVNO
    -1765328164: "kdc_unreachable",  # KRB5_REALM_CANT_RESOLVE
    -1765328160: "no_default_realm",  # KRB5_CONFIG_NODEFREALM
    -1765328154: "keytab_stale",  # KRB5_KT_KVNONOTFOUND
    errno.ENOENT: "keytab_unreadable",
    errno.EACCES: "keytab_unreadable",
}

#: X509_V_ERR_* of OpenSSL, by which Python's ssl gives its reasons.
CERTIFICATE: t.Final[t.Mapping[int, str]] = {
    2: "certificate_untrusted",
    7: "certificate_untrusted",
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    18: "certificate_untrusted",
    19: "certificate_untrusted",
    20: "certificate_untrusted",
    21: "certificate_untrusted",
    24: "certificate_untrusted",
    27: "certificate_untrusted",
    62: "certificate_host_mismatch",
    64: "certificate_host_mismatch",
}

SOCKET: t.Final[t.Mapping[int, str]] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ECONNRESET: "connection_lost",
    errno.EPIPE: "connection_lost",
}

#: EAI_* of getaddrinfo.
RESOLVER: t.Final[t.Mapping[int, str]] = {
    socket.EAI_NONAME: "unknown_host",
    socket.EAI_NODATA: "unknown_host",
    socket.EAI_AGAIN: "dns_failure",
    socket.EAI_FAIL: "dns_failure",
}

#: Texts of libraries that pass no number on: what the library's sentence contains, and the code. First match counts.
TEXT: t.Final[tuple[tuple[str, str], ...]] = (
    # MIT Kerberos, in the parentheses after "Minor code may provide more information".
    ("Clock skew too great", "clock_skew"),
    ("Ticket expired", "ticket_expired"),
    ("Ticket not yet valid", "ticket_not_yet_valid"),
    ("No Kerberos credentials available", "no_credential_cache"),
    ("No credentials cache found", "no_credential_cache"),
    ("Matching credential not found", "no_credential_cache"),
    ("Credentials cache permissions incorrect", "cache_unreadable"),
    ("Credentials cache I/O operation failed", "cache_unreadable"),
    ("Bad format in credentials cache", "cache_unreadable"),
    ("Unknown credential cache type", "cache_unreadable"),
    ("Server not found in Kerberos database", "server_principal_unknown"),
    ("Client not found in Kerberos database", "unknown_user"),
    ("Cannot find KDC for", "wrong_realm"),
    ("Realm not local to KDC", "wrong_realm"),
    ("Cannot contact any KDC for", "kdc_unreachable"),
    ("Cannot resolve network address for KDC", "kdc_unreachable"),
    ("KDC has no support for encryption type", "encryption_type"),
    ("Program lacks support for encryption type", "encryption_type"),
    ("Client's credentials have been revoked", "account_revoked"),
    ("Password has expired", "password_expired"),
    ("Message stream modified", "service_key_mismatch"),
    ("Configuration file does not specify default realm", "no_default_realm"),
    ("Improper format of Kerberos configuration file", "kerberos_configuration"),
    # Cyrus SASL.
    ("mechanism too weak", "weak_security_layer"),
    ("No worthy mechs found", "sasl_mechanism_missing"),
)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between a controller and a domain: the causes in plain words, and their remedies. Data only.

C(failures) says by which evidence each of them is recognised.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t


class Cause(t.NamedTuple):
    """What a code means.

    Attributes:
        text: the cause as a clause, no full stop.
        remedy: what to do, as an imperative clause; None where the evidence is not specific enough for advice.
    """

    text: str
    remedy: str | None = None


_CLOCK = "set the clock of this host by the domain's time source"
_TRUST = "give the PEM file of the authority that issued the domain controller's certificate as domain_ca_certificates"
_SIGN = "use domain_auth: kerberos, or domain_tls: ldaps"

CAUSES: t.Final[t.Mapping[str, Cause]] = {
    # The controller's own libraries.
    "python_ldap_missing": Cause(
        "the Python library python-ldap is not installed for the interpreter that runs the module",
        "install python-ldap for that interpreter (requirements.txt of the collection lists all of them)",
    ),
    "krb5_missing": Cause(
        "the Python library krb5, which turns a password or a keytab into a ticket, is not installed",
        "install krb5 for that interpreter, or use a credential cache made by kinit",
    ),
    "dnspython_missing": Cause(
        "the Python library dnspython, which finds domain controllers, is not installed",
        "install dnspython for that interpreter, or name the domain controllers in domain_server",
    ),
    "sasl_mechanism_missing": Cause(
        "the Kerberos mechanism of Cyrus SASL is not installed on this host",
        "install libsasl2-modules-gssapi-mit (Debian, Ubuntu) or cyrus-sasl-gssapi (RHEL, Fedora)",
    ),
    # Finding and reaching a domain controller.
    "dns_failure": Cause(
        "the name server did not answer",
        "let this host use the domain's name servers, or name the domain controllers in domain_server",
    ),
    "no_srv_records": Cause(
        "the DNS has no records of domain controllers for this domain",
        "check domain and the name servers of this host, or name the domain controllers in domain_server",
    ),
    "unknown_host": Cause(
        "the name of the server cannot be resolved", "check the name, and that this host uses the domain's name servers"
    ),
    "refused": Cause(
        "the server refuses the connection on this port",
        "check that it is a domain controller that runs and offers this port",
    ),
    "timeout": Cause(
        "the server did not answer in time", "check firewalls on the way; domain_timeout sets how long is waited"
    ),
    "unreachable": Cause("the server cannot be reached"),
    "connection_lost": Cause("the connection was lost"),
    "all_unreachable": Cause("no domain controller could be reached"),
    "not_active_directory": Cause(
        "the server is not a domain controller of Active Directory", "name a domain controller in domain_server"
    ),
    "server_busy": Cause("the server is too busy", "try again later or name another server in domain_server"),
    "server_unavailable": Cause(
        "the server is shutting down or not yet ready", "try again later or name another server in domain_server"
    ),
    # Transport security.
    "ca_file_unreadable": Cause(
        "the file of trusted certificates cannot be used", "make domain_ca_certificates a readable PEM file"
    ),
    "certificate_untrusted": Cause(
        "the server's certificate is not signed by an authority that this host trusts", _TRUST
    ),
    "certificate_host_mismatch": Cause(
        "the server's certificate is for another name",
        "name the server in domain_server as its certificate names it, never by address",
    ),
    "certificate_expired": Cause(
        "the server's certificate has expired", "renew the certificate of the domain controller"
    ),
    "certificate_not_yet_valid": Cause("the server's certificate is not valid yet", f"{_CLOCK}, or wait"),
    "tls_failed": Cause(
        "no TLS connection could be negotiated",
        "check that the domain controller has a certificate for server authentication",
    ),
    "signing_required": Cause("the server requires signed or encrypted LDAP", _SIGN),
    "confidentiality_required": Cause("the server requires an encrypted connection for this", _SIGN),
    "channel_binding_required": Cause(
        "the server requires channel binding and did not get one it accepts",
        "use domain_tls: none with Kerberos, or OpenLDAP 2.5 and Cyrus SASL 2.1.28 or later on this host",
    ),
    "sasl_over_tls_refused": Cause(
        "the server does not take Kerberos inside TLS",
        "use domain_tls: none, which with Kerberos is signed and encrypted all the same",
    ),
    "weak_security_layer": Cause(
        "no security layer of at least 128 bits could be agreed on",
        "allow AES for the Kerberos accounts of the domain controllers and of the user (RC4 does not suffice)",
    ),
    # Kerberos.
    "clock_skew": Cause("the clocks of this host and of the domain differ too much", _CLOCK),
    "kdc_unreachable": Cause(
        "no Kerberos key distribution centre of the realm answers",
        "open port 88 (TCP and UDP) from this host to the domain controllers",
    ),
    "wrong_realm": Cause(
        "Kerberos knows no key distribution centre for this realm",
        "check domain, the part after @ in domain_username, and that DNS or /etc/krb5.conf knows the realm",
    ),
    "no_default_realm": Cause(
        "Kerberos has no default realm",
        "set domain, write domain_username as user@domain, or set default_realm in /etc/krb5.conf",
    ),
    "kerberos_configuration": Cause("the Kerberos configuration of this host cannot be used", "correct /etc/krb5.conf"),
    "no_credential_cache": Cause(
        "there is no Kerberos credential cache with a ticket",
        "run kinit as the user that runs the module, or give domain_username with domain_password or domain_keytab",
    ),
    "cache_unreadable": Cause(
        "the Kerberos credential cache cannot be read", "make domain_ccache a cache of the user that runs the module"
    ),
    "ticket_expired": Cause(
        "the Kerberos ticket has expired",
        "run kinit again, or give domain_username with domain_password or domain_keytab",
    ),
    "ticket_not_yet_valid": Cause("the Kerberos ticket is not valid yet", _CLOCK),
    "keytab_no_principal": Cause(
        "the keytab has no key of this principal", "compare domain_username with the output of klist -k; capitals count"
    ),
    "keytab_unreadable": Cause(
        "the keytab cannot be read", "make domain_keytab a keytab file that the user that runs the module may read"
    ),
    "keytab_stale": Cause(
        "the keytab holds an older key than the domain", "export the keytab again: the password was changed since"
    ),
    "encryption_type": Cause(
        "the client, the account and the domain share no Kerberos encryption type",
        "allow AES for the account (msDS-SupportedEncryptionTypes), then change its password once",
    ),
    "server_principal_unknown": Cause(
        "the domain has no account for the LDAP service of this server name",
        "name the server in domain_server by its full DNS name, and set rdns = false in /etc/krb5.conf",
    ),
    "service_key_mismatch": Cause(
        "the server could not decrypt the ticket: the name leads to another host than the one the ticket is for",
        "compare the DNS records of the server with its account, and set rdns = false in /etc/krb5.conf",
    ),
    "kerberos_failed": Cause("Kerberos failed"),
    # The account.
    "wrong_password": Cause("the password is wrong", "correct domain_password, or export the keytab again"),
    "unknown_user": Cause("the domain does not know the account", "check the spelling of domain_username"),
    "invalid_credentials": Cause(
        "the domain refused the user name or the password", "check domain_username and domain_password"
    ),
    "password_expired": Cause(
        "the password of the account has expired or must be changed", "change the password, then run again"
    ),
    "must_change_password": Cause(
        "the password must be changed before the first logon", "change the password, then run again"
    ),
    "account_locked": Cause("the account is locked out", "unlock the account, and find out who used wrong passwords"),
    "account_disabled": Cause("the account is disabled", "enable the account"),
    "account_expired": Cause("the account has expired", "extend the account"),
    "account_revoked": Cause(
        "the account is disabled, locked out or expired (Kerberos does not say which)",
        "look at the account's properties in the domain",
    ),
    "logon_hours": Cause("the account may not log on at this time", "change the account's logon hours"),
    "logon_workstation": Cause(
        "the account may not log on from this host", "change the account's permitted workstations"
    ),
    "logon_not_granted": Cause(
        "the account lacks this kind of logon", "grant the account access to the domain controller from the network"
    ),
    "bind_required": Cause("the server has forgotten who is connected", "run again"),
    # Operations.
    "insufficient_rights": Cause(
        "the account lacks the rights for this",
        "use an account with the rights that docs/delegated-operator.md lists; playbooks/delegate.yml grants them",
    ),
    "no_such_object": Cause("the object does not exist"),
    "already_exists": Cause("an object of this name exists already"),
    "concurrent_change": Cause("somebody else has changed the object meanwhile; nothing was overwritten", "run again"),
    "outcome_unknown": Cause(
        "the connection was lost before the answer came; whether the change was made is unknown",
        "run again: the first thing done is to look",
    ),
    "constraint_violation": Cause("the directory refuses the value"),
    "password_policy": Cause(
        "the password does not meet the domain's policy",
        "choose a longer or more complex password that was not used before",
    ),
    "not_unique": Cause(
        "the value must be unique in the forest and another object has it",
        "find the object that has it (setspn -Q) and remove it there",
    ),
    "invalid_owner": Cause(
        "the account may not make this principal the owner",
        "leave the owner out, or connect with an account that has the restore privilege",
    ),
    "schema_violation": Cause("the schema does not allow this"),
    "invalid_value": Cause("a value does not have the syntax of its attribute"),
    "invalid_dn": Cause("the name is not a valid distinguished name"),
    "not_leaf": Cause("the object has children"),
    "unwilling": Cause("the server refuses the operation"),
    "size_limit": Cause(
        "the server returned only a part because of its size limit", "ask for less, or raise the server's limit"
    ),
    "time_limit": Cause("the server gave up because of its time limit", "try again later, or raise the server's limit"),
    "admin_limit": Cause("the operation exceeds a limit of the server", "ask for less, or raise the server's limit"),
    "referral": Cause(
        "the object lies in another domain, and referrals are not followed",
        "connect to a domain controller of that domain (domain, domain_server)",
    ),
    "unsupported_control": Cause(
        "the server does not support something the collection needs",
        "use a domain controller of Windows Server 2016 or later",
    ),
    "operation_failed": Cause("the server reported an error"),
}

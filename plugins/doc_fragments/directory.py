# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection to a domain, as the documentation of every module of the directory shows them."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  domain:
    description:
      - The DNS name of the Active Directory domain.
      - Its domain controllers are found by the SRV records C(_ldap._tcp.dc._msdcs.<domain>). The one that holds the
        role of PDC emulator is tried first, so that all tasks of a play see what the others have written.
      - Its Kerberos realm is the same name in capitals.
      - When omitted, O(domain_server) must be given, and O(domain_username) must name its domain.
    type: str
  domain_server:
    description:
      - Host names of domain controllers in the order in which they are tried. The first that answers is used; when it
        is lost during a read, the next one.
      - Write names, not addresses. Kerberos tickets and certificates are made out to names.
      - When omitted, the DNS is asked for the domain controllers of O(domain).
    type: list
    elements: str
  domain_auth:
    description:
      - How the account is proven.
      - V(kerberos) is a SASL bind with GSSAPI. The connection is signed and encrypted with at least 128 bits, by
        Kerberos itself or by TLS.
      - V(simple) sends the user name and the password, and therefore always inside TLS.
    type: str
    choices: [kerberos, simple]
    default: kerberos
  domain_username:
    description:
      - The account, as V(user@domain). The domain may be left out when O(domain) is given.
      - With O(domain_auth=simple), V(DOMAIN\\user) and a distinguished name are taken too.
      - When omitted, the owner of the Kerberos credential cache is used.
    type: str
  domain_password:
    description:
      - The password of O(domain_username).
      - With O(domain_auth=kerberos) a ticket is got with it, which lies in the memory of the module's process and is
        gone with it.
      - When omitted with O(domain_username), O(domain_keytab) must be given.
    type: str
  domain_keytab:
    description:
      - The path of a keytab with a key of O(domain_username), for O(domain_auth=kerberos).
      - When omitted, no keytab is used.
    type: path
  domain_ccache:
    description:
      - The name of an existing Kerberos credential cache, such as C(/tmp/krb5cc_1000) or C(KEYRING:persistent:1000).
      - Maps to C(KRB5CCNAME) for this connection alone.
      - When omitted, and without O(domain_username), the default cache of the user that runs the module is used.
    type: str
  domain_tls:
    description:
      - How TLS protects the connection. The server's certificate is always checked, and so is the name in it.
      - V(ldaps) is TLS from the first byte on port 636, V(start_tls) is TLS on port 389, V(none) is without.
      - With O(domain_auth=kerberos), V(none) is as safe as the others, and works where domain controllers have no
        certificate. Inside TLS the channel binding that hardened domain controllers ask for is sent.
      - With O(domain_auth=simple), V(none) is refused.
      - When omitted, V(none) with O(domain_auth=kerberos), and V(ldaps) with O(domain_auth=simple).
    type: str
    choices: [none, start_tls, ldaps]
  domain_ca_certificates:
    description:
      - The path of a PEM file with the certificates of the authorities that are trusted for TLS.
      - When omitted, the authorities that this host trusts.
    type: path
  domain_timeout:
    description:
      - Seconds that one request to a domain controller may take, from V(1) to V(600). A connection that is not there
        after 10 seconds is given up sooner, and the next domain controller tried.
    type: int
    default: 30
requirements:
  - python-ldap
  - krb5 (for Kerberos with a password or a keytab)
  - dnspython (without O(domain_server))
notes:
  - The module runs on the controller, or wherever it is delegated to, and speaks LDAP to a domain controller. It
    needs no Windows host.
  - Options that are the same in all tasks are best given once, in C(module_defaults) for
    C(group/certops.intune.directory).
  - The guide C(docs/directory-credentials.md) of the collection says which way of authentication suits which place, and
    what each failure means.
"""

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NDES on servers in every state, and certificates of registration authorities, for tests."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import replace
from typing import Any

from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import plan, sids
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.current import Current
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.ra_certificates import RaCertificate
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.web_server import (
    Application,
    Pool,
    Site,
    WebServer,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.wish import Key
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

CONFIG = r"ca1.corp.example\CORP Issuing CA 1"
CSP = "Microsoft Strong Cryptographic Provider"
USER = plan.Account(plan.USER, r"CORP\svc-ndes", "S-1-5-21-1-2-3-1110")
OTHER = plan.Account(plan.USER, r"CORP\svc-other", "S-1-5-21-1-2-3-1111")
MANAGED = plan.Account(plan.GROUP_MANAGED, r"CORP\gmsa-ndes$", "S-1-5-21-1-2-3-1112")
ITSELF = plan.Account.of_pool()
POOL_SID = sids.of_pool(mscep.POOL)
READ = 0x80120089
SYSTEM = {"S-1-5-18": 0xD01F01FF, "S-1-5-32-544": 0xD01F01FF}


def certificate(purpose: str, number: int = 1, *readers: str, **changes: Any) -> RaCertificate:
    template = mscep.SIGNING_TEMPLATE if purpose == "signing" else mscep.ENCRYPTION_TEMPLATE
    made = RaCertificate(
        thumbprint=f"{purpose[0].encode().hex()}{number:038d}".upper(),
        purpose=purpose,
        template=template,
        built_in=True,
        subject="CN=NDES1-MSCEP-RA,C=SE",
        fields={"name": "NDES1-MSCEP-RA", "country": "SE"},
        issuer="CORP Issuing CA 1",
        provider=CSP,
        provider_kind="csp",
        key_length=2048,
        not_before=dt.datetime(2026, 1, number, tzinfo=dt.UTC),
        not_after=dt.datetime(2028, 1, number, tzinfo=dt.UTC),
        rights={**SYSTEM, **dict.fromkeys(readers, READ)},
    )
    return replace(made, **changes)


def pool(account: plan.Account | None = USER) -> Pool:
    if account is None or account.kind == plan.POOL:
        return Pool("SCEP", "ApplicationPoolIdentity", None, 0, 0, False, "Classic")
    return Pool("SCEP", "SpecificUser", account.name, 0, 0, False, "Classic")


def application(name: str) -> Application:
    return Application(f"/{name}", "SCEP", True, False, True)


ROOT = Application("/", "DefaultAppPool", True, False, True)
SITE = Site(1, "Default Web Site", r"%SystemDrive%\inetpub\wwwroot")
BLANK = Current(members=frozenset({"S-1-5-17"}))
READY = replace(BLANK, feature=True, iis=WebServer(SITE, None, (ROOT,)), path=r"C:\inetpub\wwwroot", path_exists=True)


def configured(account: plan.Account = USER, **changes: Any) -> Current:
    """A server that the set-up has configured for an account."""
    members = {"S-1-5-17"} | ({account.sid} if account.kind != plan.POOL and account.sid else set())
    current = replace(
        READY,
        key=True,
        ca_config=CONFIG,
        status=mscep.CONFIGURED,
        iis=WebServer(
            SITE, pool(account), (ROOT, application(mscep.APPLICATION), application(mscep.ADMIN_APPLICATION))
        ),
        pool_state="Started",
        members=frozenset(members),
        certificates=(
            certificate("signing", 1, account.sid or POOL_SID),
            certificate("encryption", 1, account.sid or POOL_SID),
        ),
    )
    return replace(current.identified(account.sid), **changes)


def wanted(account: plan.Account = USER, **changes: Any) -> plan.Wanted:
    made = plan.Wanted(
        ca_config=CONFIG,
        account=account,
        subject={},
        keys={"signing": Key(), "encryption": Key()},
        has_password=account.kind == plan.USER,
    )
    return replace(made, **changes)


def without(current: Current, *names: str) -> Current:
    """The server without applications, with V(pool) without its pool."""
    assert current.iis is not None
    gone = {f"/{name}" for name in names}
    kept = tuple(one for one in current.iis.applications if one.path not in gone)
    return replace(
        current, iis=replace(current.iis, applications=kept, pool=None if "pool" in names else current.iis.pool)
    )


# Real certificates


@functools.cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def bmp(text: str) -> bytes:
    octets = text.encode("utf-16-be")
    return bytes([0x1E, len(octets)]) + octets


def template_name(name: str) -> x509.ExtensionType:
    return x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.311.20.2"), bmp(name))


def template_oid(oid: str) -> x509.ExtensionType:
    return x509.MSCertificateTemplate(ObjectIdentifier(oid), 100, 1)


def usage(*, signs: bool, decrypts: bool) -> x509.ExtensionType:
    return x509.KeyUsage(signs, False, decrypts, False, False, False, False, False, False)


AGENT = x509.ExtendedKeyUsage([ObjectIdentifier("1.3.6.1.4.1.311.20.2.1")])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def der(*extensions: x509.ExtensionType, day: int = 1, curve: bool = False, issuer: str = "CORP Issuing CA 1") -> bytes:
    """A certificate with these extensions."""
    private: Any = ec.generate_private_key(ec.SECP256R1()) if curve else key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp"),
            x509.NameAttribute(NameOID.COMMON_NAME, "NDES1-MSCEP-RA"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "pki@corp.example"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(private.public_key())
        .serial_number(day)
        .not_valid_before(dt.datetime(2026, 1, day, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2028, 1, day, tzinfo=dt.UTC))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def entry(octets: bytes, **changes: Any) -> dict[str, Any]:
    """A certificate as ndes_state.ps1 tells it."""
    return {"der": octets.hex().upper(), "key": True, "provider": CSP, "access": None, **changes}

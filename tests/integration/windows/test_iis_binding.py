# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_binding as a user runs it, with certificates of the lab's CA: refused, foretold, bound, renewed, taken away."""

from __future__ import annotations

import datetime as dt
import hashlib
import typing as t

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from tools.tree import TOP

if t.TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Windows

MODULE = "certops.intune.iis_binding"
SITE = "Default Web Site"
MY = "/certificates/stores/LocalMachine/machine/My"
HOST = "ndes2.corp.example"


def examples() -> list[dict[str, t.Any]]:
    text = (TOP / "plugins" / "modules" / "iis_binding.yml").read_text(encoding="utf-8")
    tasks: list[dict[str, t.Any]] = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    return tasks


def issued(ca: Path, *names: str, purpose: x509.ObjectIdentifier = Purpose.SERVER_AUTH) -> tuple[bytes, str]:
    """A certificate of the lab's CA with its key, as PKCS #12 without password; its thumbprint."""
    issuer = x509.load_pem_x509_certificates((ca / "issuing.pem").read_bytes())[0]
    signer = serialization.load_pem_private_key((ca / "issuing.key").read_bytes(), None)
    assert isinstance(signer, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.OID_COMMON_NAME, names[0])]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    der = made.public_bytes(serialization.Encoding.DER)
    pfx = pkcs12.serialize_key_and_certificates(b"web", key, made, None, serialization.NoEncryption())
    return pfx, hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def imported(windows: Windows, *names: str, **more: t.Any) -> str:
    """Issue a certificate and import it into the store of the machine; its thumbprint."""
    pfx, thumbprint = issued(windows.lab.dir / "ca", *names, **more)
    path = f"C:\\Windows\\Temp\\{thumbprint}.pfx"
    local = windows.scratch / f"{thumbprint}.pfx"
    local.write_bytes(pfx)
    assert windows.adhoc("ndes2", "ansible.windows.win_copy", {"src": str(local), "dest": path}).word == "CHANGED"
    arguments = {"path": path, "store_location": "LocalMachine", "store_name": "My", "key_storage": "machine"}
    said = windows.adhoc("ndes2", "ansible.windows.win_certificate_store", arguments)
    assert said.word == "CHANGED", said.output
    return thumbprint


def web_server(windows: Windows, **shape: str) -> str:
    """Make ndes2 a web server; the thumbprint of the certificate that it has anyway."""
    windows.reset("ndes2", **shape)
    features = {"name": "Web-Server", "state": "present"}
    assert windows.adhoc("ndes2", "ansible.windows.win_feature", features).word == "CHANGED"
    [thumbprint] = windows.state("ndes2", MY)
    return str(thumbprint)


def bound(windows: Windows) -> dict[str, str | None]:
    """The https bindings of the site as another module tells of them."""
    said = windows.adhoc("ndes2", "microsoft.iis.website_info", {"name": SITE})
    [site] = said.result["site"]
    return {
        f"{one['ip']}:{one['port']}:{one['hostname']}": one["certificate_hash"]
        for one in site["bindings"]
        if one["protocol"] == "https"
    }


@pytest.mark.requirement("SCEP-074", "SCEP-075")
@pytest.mark.parametrize("shape", [{}, {"release": "2016", "language": "sv-SE"}], ids=["2022", "2016-sv-SE"])
def test_a_certificate_is_bound_renewed_and_taken_away(windows: Windows, shape: dict[str, str]) -> None:
    first = web_server(windows, **shape)
    second = imported(windows, HOST, "scep.corp.example")
    client = imported(windows, HOST, purpose=Purpose.CLIENT_AUTH)
    elsewhere = imported(windows, "elsewhere.example")
    before = windows.state("ndes2")

    for wrong, message in (
        (client, "it is for 1.3.6.1.5.5.7.3.2 and not for 1.3.6.1.5.5.7.3.1 (wrong_purpose)"),
        (elsewhere, f"it is for elsewhere.example and not for {HOST} (name_mismatch)"),
    ):
        refused = windows.adhoc("ndes2", MODULE, {"site": SITE, "thumbprint": wrong})
        finding = message.rpartition("(")[2].rstrip(")")
        assert refused.message == (
            f"thumbprint: certificate {wrong}: {message}. Where that is meant, give allow: [{finding}]"
        )
    refused = windows.adhoc("ndes2", MODULE, {"site": SITE, "thumbprint": "12" * 20})
    assert refused.message == f"thumbprint: there is no certificate {'12' * 20} in LocalMachine\\My of {HOST}"
    wish = {"site": SITE, "thumbprint": "\u200e" + first.lower()}
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": [{MODULE: wish}]}]
    assert windows.play(play, "--check", "--diff").changed == 1
    assert windows.changed_since("ndes2", before) == []

    done = windows.adhoc("ndes2", MODULE, wish)
    assert done.word == "CHANGED", done.output
    assert bound(windows) == {"*:443:": first}
    commands = windows.traffic("ndes2")["operations"]["Command"]
    assert windows.adhoc("ndes2", MODULE, wish).word == "SUCCESS"
    assert windows.traffic("ndes2")["operations"]["Command"] - commands == 1

    play[0]["tasks"] = [{MODULE: {**wish, "thumbprint": second}}]
    with_first = windows.state("ndes2")
    assert windows.play(play, "--check", "--diff").changed == 1
    assert windows.changed_since("ndes2", with_first) == []
    assert windows.play(play, "--diff").changed == 1
    assert bound(windows) == {"*:443:": second}
    assert windows.play(play, "--diff").changed == 0

    gone = {"site": SITE, "state": "absent"}
    assert windows.adhoc("ndes2", MODULE, gone).word == "CHANGED"
    assert bound(windows) == {}
    assert windows.changed_since("ndes2", before) == []
    assert windows.adhoc("ndes2", MODULE, gone).word == "SUCCESS"


def test_a_connection_that_is_lost_while_it_binds(windows: Windows) -> None:
    """Whatever was done by then, the next run ends in the same state."""
    first = web_server(windows)
    wish = {"site": SITE, "thumbprint": imported(windows, HOST)}
    assert windows.adhoc("ndes2", MODULE, {"site": SITE, "thumbprint": first}).word == "CHANGED"
    for moment in ("before", "after"):
        windows.trouble("ndes2", drop={"operation": "Command", "when": moment, "at": 2})
        cut = windows.adhoc("ndes2", MODULE, wish)
        windows.trouble("ndes2")
        assert cut.word in ("FAILED!", "UNREACHABLE!"), cut.output
        assert windows.adhoc("ndes2", MODULE, wish).word in ("CHANGED", "SUCCESS")
        assert bound(windows) == {"*:443:": wish["thumbprint"]}
        assert windows.adhoc("ndes2", MODULE, {"site": SITE, "state": "absent"}).word == "CHANGED"


def test_a_blank_server_is_foretold(windows: Windows) -> None:
    windows.reset("ndes2")
    assert windows.adhoc("ndes2", "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state("ndes2")
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": [{MODULE: {"site": SITE, "thumbprint": "12" * 20}}]}]
    run = windows.play(play, "--check", "--diff")
    assert (run.changed, run.failed) == (1, 0)
    [thumbprint] = windows.state("ndes2", MY)
    said = windows.adhoc("ndes2", MODULE, {"site": SITE, "thumbprint": thumbprint})
    assert said.message == "ndes2 has no sites to bind a certificate to: IIS is not installed (feature Web-Server)"
    assert windows.changed_since("ndes2", before) == []


def test_the_examples(windows: Windows) -> None:
    thumbprint = web_server(windows)
    variables: dict[str, t.Any] = {"server_certificate_thumbprint": thumbprint, "server_certificate_name": HOST}
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": examples()}]
    assert windows.play(play, "--check", "--diff", **variables).failed == 0
    run = windows.play(play, "--diff", **variables)
    assert (run.changed, run.failed) == (2, 0)
    assert bound(windows) == {}

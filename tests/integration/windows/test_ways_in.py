# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in that ansible-core's winrm connection has: schemes, kinds of authentication, kinds of accounts."""

from __future__ import annotations

import json
import typing as t

import pytest

if t.TYPE_CHECKING:
    from .conftest import Windows

SCHEMES = {"https": 5986, "http": 5985}


def local_account(windows: Windows, host: str) -> dict[str, str]:
    """The local administrator of a host, as connection variables."""
    known = json.loads((windows.lab.dir / "credentials.json").read_text())["local"][host]
    return {"ansible_user": known["username"], "ansible_password": known["password"]}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("transport, account", [("kerberos", "domain"), ("ntlm", "domain"), ("ntlm", "local")])
def test_authentication(windows: Windows, scheme: str, transport: str, account: str) -> None:
    """Over HTTP the messages are encrypted: the hosts refuse clear text."""
    variables: dict[str, t.Any] = {
        "ansible_winrm_transport": transport,
        "ansible_winrm_scheme": scheme,
        "ansible_port": SCHEMES[scheme],
    }
    if account == "local":
        variables |= local_account(windows, "ndes1")
    done = windows.adhoc("ndes1", "ansible.windows.win_whoami", **variables)
    assert done.word == "SUCCESS", done.output
    expected = {"domain": ("CORP", "pkiadmin"), "local": ("NDES1", "ansible")}[account]
    assert (done.result["account"]["domain_name"], done.result["account"]["account_name"]) == expected


def test_basic_authentication_of_a_local_account(windows: Windows) -> None:
    variables = {"ansible_winrm_transport": "basic", **local_account(windows, "ndes1")}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables)
    assert done.word == "SUCCESS", done.output


def test_basic_authentication_knows_no_domain_accounts(windows: Windows) -> None:
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport="basic")
    assert done.word == "UNREACHABLE!", done.output
    assert done.message == "basic: the specified credentials were rejected by the server"


def test_basic_authentication_in_clear_text_is_refused(windows: Windows) -> None:
    """AllowUnencrypted is off, as on every Windows host."""
    variables = {"ansible_winrm_transport": "basic", "ansible_winrm_scheme": "http", "ansible_port": 5985}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables, **local_account(windows, "ndes1"))
    assert done.word == "UNREACHABLE!", done.output


@pytest.mark.parametrize("transport", ["ntlm", "kerberos"])
def test_messages_in_clear_text_are_refused(windows: Windows, transport: str) -> None:
    variables = {
        "ansible_winrm_transport": transport,
        "ansible_winrm_scheme": "http",
        "ansible_port": 5985,
        "ansible_winrm_message_encryption": "never",
    }
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables)
    assert done.word == "UNREACHABLE!", done.output


def test_certificate_of_the_host_is_verified(windows: Windows) -> None:
    """The inventory verifies it already; a lab that answered with another would not be reached."""
    known = "/etc/ssl/certs/ca-certificates.crt"
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_ca_trust_path=known)
    assert done.word == "UNREACHABLE!", done.output
    assert "CERTIFICATE_VERIFY_FAILED" in done.message

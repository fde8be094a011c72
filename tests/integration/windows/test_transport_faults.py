# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way: Ansible's own message, and nothing half-done on the host."""

from __future__ import annotations

import typing as t

import pytest

from .test_ways_in import local_account

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Windows

KEY = r"HKLM:\SOFTWARE\Certops"
WRITE = {"path": KEY, "name": "Fault", "data": 1, "type": "dword"}


@pytest.fixture(autouse=True)
def untroubled(windows: Windows) -> Iterator[None]:
    yield
    windows.trouble("ndes1")


def test_wrong_password_kerberos(windows: Windows) -> None:
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_password="wrong")
    assert done.word == "UNREACHABLE!", done.output
    assert "Kerberos auth failure for principal pkiadmin@CORP.EXAMPLE: kinit: " in done.message


def test_wrong_password_ntlm(windows: Windows) -> None:
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport="ntlm", ansible_password="wrong")
    assert (done.word, done.message) == ("UNREACHABLE!", "ntlm: the specified credentials were rejected by the server")


def test_wrong_password_basic(windows: Windows) -> None:
    variables = {**local_account(windows, "ndes1"), "ansible_password": "wrong", "ansible_winrm_transport": "basic"}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables)
    assert (done.word, done.message) == ("UNREACHABLE!", "basic: the specified credentials were rejected by the server")


@pytest.mark.parametrize("transport", ["kerberos", "ntlm"])
def test_account_without_rights(windows: Windows, transport: str) -> None:
    """alice may log on to the domain, and is nobody on the server."""
    account = windows.lab.credentials["accounts"]["alice"]
    variables = {"ansible_user": account["username"], "ansible_password": account["password"]}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport=transport, **variables)
    assert done.word == "UNREACHABLE!", done.output
    assert "Access is denied" in done.message

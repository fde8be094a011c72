# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one try of a password: with which connection it is made, and what proves that it is wrong."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import error
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import passwords

KERBEROS = ConnectionSettings("corp.example", username="ea@corp.example", keytab="/keytab")
SIMPLE = ConnectionSettings("corp.example", ("dc1", "dc2"), "simple", "ea@corp.example", "x", tls="ldaps")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, MagicMock]:
    found = {"acquire": MagicMock(), "connect": MagicMock()}
    for name, stand_in in found.items():
        monkeypatch.setattr(passwords, name, stand_in)
    return found


def test_a_ticket_is_asked_for_once(made: dict[str, MagicMock]) -> None:
    assert passwords.refusal(KERBEROS, "svc@corp.example", "secret") is None
    [call] = made["acquire"].call_args_list
    [settings] = call.args
    assert (settings.username, settings.password, settings.keytab) == ("svc@corp.example", "secret", None)
    made["acquire"].return_value.close.assert_called_once_with()
    made["connect"].assert_not_called()


def test_a_bind_is_tried_on_one_server(made: dict[str, MagicMock]) -> None:
    assert passwords.refusal(SIMPLE, "svc@corp.example", "secret") is None
    [call] = made["connect"].call_args_list
    [settings] = call.args
    assert (settings.servers, settings.username, settings.tls) == (("dc1",), "svc@corp.example", "ldaps")
    made["acquire"].assert_not_called()


@pytest.mark.parametrize("code, proven", [
    ("wrong_password", True), ("invalid_credentials", True), ("account_locked", False), ("unreachable", False),
    ("logon_workstation", False),
])  # fmt: skip
def test_what_proves_that_it_is_wrong(made: dict[str, MagicMock], code: str, proven: bool) -> None:
    failure: Any = error(code, "get a ticket", "svc@corp.example")
    made["acquire"].side_effect = failure
    said = passwords.refusal(KERBEROS, "svc@corp.example", "secret")
    assert (said is not None) is proven
    assert "secret" not in str(said)

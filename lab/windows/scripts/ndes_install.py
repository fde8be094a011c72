# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes_install.ps1 and ndes_uninstall.ps1: the role service configured, and its configuration taken away."""

from __future__ import annotations

from typing import Any

from lab.windows import ndes

from . import Credential, ScriptCall, SecureString, script

#: What the cmdlets give when nothing went wrong.
DONE = {"error_id": 0, "error_text": ""}


@script(
    "ndes_install.ps1",
    checked_against=("tests/contract/cases/ndes_install.json",),
    limits="what lab/windows/ndes says; failures that are told by the result and not by an error",
)
def ndes_install(call: ScriptCall) -> list[Any]:
    """Configure the role service."""
    given = call.parameters
    password, installer = given.get("AccountPassword"), given.get("InstallerCredential")
    account = given.get("AccountName") or None
    request = ndes.InstallRequest(
        ca_config=given["CAConfig"],
        service_account=account,
        service_account_password=password.text if account and isinstance(password, SecureString) else None,
        application_pool_identity=account is None,
        ra={name: value for name, value in (given.get("Subject") or {}).items() if value},
        signing_provider=given["SigningProvider"],
        signing_key_length=given["SigningLength"],
        encryption_provider=given["EncryptionProvider"],
        encryption_key_length=given["EncryptionLength"],
        credential=(installer.user, installer.password) if isinstance(installer, Credential) else None,
    )
    ndes.install(call.host, call.user, request)
    return [dict(DONE)]


@script(
    "ndes_uninstall.ps1",
    checked_against=("tests/contract/cases/ndes_uninstall.json",),
    limits="what lab/windows/ndes says; failures that are told by the result and not by an error",
)
def ndes_uninstall(call: ScriptCall) -> list[Any]:
    """Take the configuration of the role service away."""
    ndes.uninstall(call.host, call.user)
    return [dict(DONE)]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server with the role service in a forest out of tables, ready for NDES to be configured."""

from __future__ import annotations

import functools
import json
from typing import Any

from lab.windows import consequences
from lab.windows.host import Host
from lab.windows.ndes import InstallRequest
from lab.windows.people.token import ADMINISTRATORS, Token
from tests.unit.lab.authority.fake_forest import CONFIG, PASSWORD, FakeForest, der, issuer, root
from tests.unit.lab.windows.fake_directory import DOMAIN, MACHINE, Account, FakeDirectory, identified

ADMINISTRATOR = Token(f"{MACHINE}-500", "NDES1\\Administrator", (ADMINISTRATORS,))
SERVICE_ACCOUNT = f"{DOMAIN}-1109"
IIS_USERS = "S-1-5-32-568"


def server(forest: FakeForest | None = None, **shape: Any) -> Host:
    """A member server that trusts the forest's CA, with the role service, the account in its group."""
    directory = FakeDirectory()
    directory.accounts["svc-ndes"] = Account(1109)
    host = Host(identified(**shape), directory, json.loads(_state(**shape)))
    host.enterprise = forest or FakeForest()
    return host


@functools.cache
def _state(**shape: Any) -> str:
    """What such a server is like: made once for each shape, since installing takes long."""
    host = Host(identified(**shape), FakeDirectory())
    host.certificates.trust(der(root().certificate), der(issuer().certificate))
    consequences.install_features(host, ["ADCS-Device-Enrollment"])
    host.accounts.add_member(IIS_USERS, SERVICE_ACCOUNT)
    return json.dumps(host.export())


def request(**changed: Any) -> InstallRequest:
    """What a task asks for: everything well."""
    values: dict[str, Any] = {
        "ca_config": CONFIG,
        "service_account": "CORP\\svc-ndes",
        "service_account_password": PASSWORD,
        "credential": ("CORP\\pkiadmin", PASSWORD),
        "signing_key_length": 2048,
        "encryption_key_length": 2048,
    }
    return InstallRequest(**{**values, **changed})

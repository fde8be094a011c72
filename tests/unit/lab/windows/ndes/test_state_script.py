# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin of ndes_state.ps1 where its contract has no model: a pool without the service that tells its state."""

from __future__ import annotations

import pytest

from lab.windows import consequences
from lab.windows.scripts.ndes_state import pool_state
from tests.unit.lab.windows.hosts import host


@pytest.mark.parametrize(
    ("language", "text"), [("en-US", "The service has not been started"), ("sv-SE", "Tjänsten har inte startats")]
)
def test_a_pool_without_its_service_has_no_state(language: str, text: str) -> None:
    target = host(language=language)
    assert pool_state(target) == {"pool_state": None, "pool_error": None}
    consequences.install_features(target, ["Web-Server"])
    assert pool_state(target) == {"pool_state": None, "pool_error": None}
    target.iis.pools.create("SCEP")
    assert pool_state(target) == {"pool_state": "Started", "pool_error": None}
    service = target.services.get("WAS")
    assert service is not None
    service.state = "stopped"
    assert pool_state(target) == {
        "pool_state": None,
        "pool_error": f"{text}. (Exception from HRESULT: 0x80070426)",
    }

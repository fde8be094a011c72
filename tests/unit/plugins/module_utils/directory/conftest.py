# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.directory.samba_oracle import (
    Samba,
    SambaMissingError,
)


@pytest.fixture(scope="session")
def samba() -> Iterator[Samba]:
    """Samba's own code, started once; a test that needs it is reported as not run when it is not there."""
    try:
        oracle = Samba()
    except SambaMissingError as reason:
        pytest.skip(f"not compared with Samba: {reason}")
    yield oracle
    oracle.close()

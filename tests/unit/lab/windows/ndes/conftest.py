# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys for tests of NDES: two of each length are enough for a run, and making one takes long."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.windows.ndes import registration_authority


@functools.cache
def _key(bits: int, _number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@pytest.fixture(autouse=True, scope="module")
def keys() -> Iterator[None]:
    counted = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration_authority, "new_key", lambda bits: _key(bits, next(counted) % 2))
        yield

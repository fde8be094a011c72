# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the security that the OID object of a template gets."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.oid_security import oid_security
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.dacls import DOMAIN

OPERATORS = f"{DOMAIN}-1103"
MANAGE = "CCDCLCSWRPWPDTLOSDRCWDWO"
ADMINISTRATORS = f"(A;;{MANAGE};;;DA)(A;;{MANAGE};;;EA)"


@pytest.mark.parametrize(
    "sddl",
    [
        "",
        "D:",
        f"D:PAI{ADMINISTRATORS}(A;;LCRPLORC;;;AU)",
        f"D:PAI{ADMINISTRATORS}(A;;GA;;;SY)(A;;GA;;;BA)",
        # Read, write and enroll do not make a manager, nor does what is denied or meant for objects below.
        f"D:{ADMINISTRATORS}(A;;LCRPLORCWPWDWO;;;{OPERATORS})",
        f"D:{ADMINISTRATORS}(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;{OPERATORS})",
        f"D:(D;;GA;;;{OPERATORS}){ADMINISTRATORS}",
        f"D:{ADMINISTRATORS}(A;CIIO;GA;;;{OPERATORS})",
    ],
)
def test_administrators_need_none(sddl: str) -> None:
    assert oid_security(from_sddl(sddl, DOMAIN, DOMAIN) if sddl else None) is None


@pytest.mark.parametrize("mask", [MANAGE, "GA", "CCDCLCSWRPWPDTLOCRSDRCWDWO"])
@pytest.mark.parametrize("flags", ["", "ID"])
def test_managers_of_the_template_manage_it(mask: str, flags: str) -> None:
    template = from_sddl(f"O:DAG:DAD:PAI{ADMINISTRATORS}(A;{flags};{mask};;;{OPERATORS})(A;;GR;;;AU)", DOMAIN, DOMAIN)
    found = oid_security(template)
    assert found is not None
    assert to_sddl(found, DOMAIN, DOMAIN) == (
        f"D:{ADMINISTRATORS}(A;;{MANAGE};;;{OPERATORS})(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;SY)(A;;LCRPLORC;;;AU)"
    )


def test_the_system_is_named_once() -> None:
    found = oid_security(from_sddl(f"D:(A;;GA;;;SY)(A;;GA;;;{OPERATORS})", DOMAIN, DOMAIN))
    assert found is not None
    assert to_sddl(found).count(";SY)") == 1

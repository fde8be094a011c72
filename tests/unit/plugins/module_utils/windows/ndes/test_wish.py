# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ndes: what is refused without asking anybody."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import preflight_texts
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.wish import DEFAULT_PROVIDER, Key, parse

OPTIONS: dict[str, Any] = {
    "certification_authority": "CORP Issuing CA 1",
    "service_account": None,
    "application_pool_identity": True,
    "service_account_password": None,
    "update_password": "on_create",
    "registration_authority": None,
    "signing_provider": DEFAULT_PROVIDER,
    "signing_key_length": 2048,
    "encryption_provider": DEFAULT_PROVIDER,
    "encryption_key_length": 2048,
    "installer_username": None,
    "installer_password": None,
    "repair": False,
    "allow": [],
}
USER = {"application_pool_identity": False, "service_account": r"CORP\svc-ndes"}


def test_a_wish() -> None:
    wish = parse(
        {
            **OPTIONS,
            **USER,
            "service_account_password": "secret-1",
            "update_password": "always",
            "registration_authority": {"name": "RA", "email": None, "country": "SE"},
            "signing_key_length": 4096,
            "installer_username": "ea@corp.example",
            "installer_password": "secret-2",
            "allow": ["desktop_experience"],
        }
    )
    assert (wish.account, wish.password, wish.update_password) == (r"CORP\svc-ndes", "secret-1", True)
    assert wish.subject == {"name": "RA", "country": "SE"}
    assert wish.keys == {"signing": Key(length=4096), "encryption": Key()}
    assert wish.installer == ("ea@corp.example", "secret-2")
    assert wish.allowed == {"desktop_experience"}
    assert "secret" not in repr(wish)
    assert not wish.is_group_managed


@pytest.mark.requirement("SCEP-059")
@pytest.mark.parametrize("changes, message", [
    ({"certification_authority": None}, "certification_authority: is required"),
    ({"certification_authority": "  "}, "certification_authority: is required"),
    ({"application_pool_identity": False}, "application_pool_identity: true is needed, and neither"),
    ({"service_account": r"CORP\x"}, "service_account: or application_pool_identity: true is needed, and both"),
    ({**USER, "service_account": "svc"}, "is not written as DOMAIN"),
    ({**USER, "service_account": r"\svc"}, "is not written as DOMAIN"),
    ({**USER, "service_account": r".\svc"}, "is not written as DOMAIN"),
    ({**USER, "service_account": "CORP\\"}, "is not written as DOMAIN"),
    ({**USER, "service_account": r"CORP\a\b"}, "is not written as DOMAIN"),
    ({**USER, "service_account": r"CORP\svc "}, "begins or ends with a blank"),
    ({**USER, "service_account": "CORP\\s\nvc"}, "cannot be printed"),
    ({**USER, "service_account_password": ""}, "service_account_password: is empty"),
    ({**USER, "service_account": r"CORP\gmsa$", "service_account_password": "x"}, "the domain makes the password"),
    ({"service_account_password": "x"}, "service_account_password: has no meaning"),
    ({"installer_username": r"CORP\ea"}, "installer_password: is needed"),
    ({"installer_password": "x"}, "installer_username: is needed"),
    ({"installer_username": "ea", "installer_password": "x"}, "installer_username: 'ea' is written neither"),
    ({"signing_key_length": 2047}, "signing_key_length: 2047 bits are too few"),
    ({"signing_key_length": 0}, "signing_key_length: 0 bits are too few"),
    ({"encryption_key_length": 2050}, "encryption_key_length: 2050 is no length"),
    ({"encryption_key_length": 32768}, "encryption_key_length: 32768 is no length"),
    ({"signing_provider": "Microsoft Software Key Storage Provider"}, "signing_provider: .*key storage provider"),
    ({"signing_provider": "Microsoft Platform Crypto Provider"}, "signing_provider: .*key storage provider"),
    ({"encryption_provider": "Some HSM KSP"}, "encryption_provider: .*key storage provider"),
    ({"encryption_provider": "Microsoft Base DSS Cryptographic Provider"}, "has no RSA keys"),
    ({"encryption_provider": " x"}, "encryption_provider: ' x' is empty, begins"),
    ({"registration_authority": {"name": ""}}, "registration_authority.name: is empty"),
    ({"registration_authority": {"name": "x" * 65}}, "registration_authority.name: has 65 characters; 64"),
    ({"registration_authority": {"country": "S1"}}, "registration_authority.country: 'S1' is not a code"),
    ({"registration_authority": {"email": "päl@corp.example"}}, "registration_authority.email: .* is no address"),
    ({"registration_authority": {"city": "Lund\t"}}, "registration_authority.city: is empty, begins"),
    ({"allow": ["x"]}, "allow: 'x' is none of domain_member"),
    *(({"allow": [name]}, f"allow: '{name}' cannot be accepted") for name in sorted(preflight_texts.NEVER_ALLOWED)),
])  # fmt: skip
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse({**OPTIONS, **changes})

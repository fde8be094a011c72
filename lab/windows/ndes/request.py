# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the cmdlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.windows.ndes.facts import facts


@dataclass(frozen=True)
class InstallRequest:
    """The parameters of Install-AdcsNetworkDeviceEnrollmentService.

    Attributes:
        ca_config: `host\\name` of the CA; "" where the cmdlet was given none.
        service_account: `DOMAIN\\name`; None with the identity of the pool.
        service_account_password: Its password.
        application_pool_identity: Whether the pool runs as itself.
        ra: Of the registration authority: name, email, company, department, city, state, country; what is missing or
            empty was not given.
        signing_provider: Name of a provider; None where none was given, and so with what follows.
        signing_key_length: Bits.
        encryption_provider: Name of a provider.
        encryption_key_length: Bits.
        credential: Who acts towards the directory and the CA, with the password; None for the caller.
    """

    ca_config: str
    service_account: str | None = None
    service_account_password: str | None = field(default=None, repr=False)
    application_pool_identity: bool = False
    ra: Mapping[str, str | None] = field(default_factory=dict)
    signing_provider: str | None = None
    signing_key_length: int | None = None
    encryption_provider: str | None = None
    encryption_key_length: int | None = None
    credential: tuple[str, str] | None = field(default=None, repr=False)

    def provider(self, purpose: str) -> str:
        """The provider for the key of a purpose, `signing` or `encryption`."""
        given = self.signing_provider if purpose == "signing" else self.encryption_provider
        default: str = facts()["default_provider"]
        return given or default

    def key_length(self, purpose: str) -> int:
        given = self.signing_key_length if purpose == "signing" else self.encryption_key_length
        default: int = facts()["default_key_length"]
        return given or default

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is, for good: its name, its release, its language. Changing one of these is another host."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: The releases of Windows Server that the lab knows; releases.yml says what differs.
RELEASES = ("2012r2", "2016", "2019", "2022", "2025")
LANGUAGES = ("en-US", "sv-SE")
EDITIONS = ("desktop", "core")

Role = Literal["member", "certification_authority"]


@dataclass(frozen=True)
class Identity:
    """What a host is.

    Attributes:
        name: NetBIOS name in lower case, `ndes1`.
        dns_domain: The domain it is a member of, `corp.example`.
        netbios_domain: `CORP`.
        address: Its IPv4 address.
        release: One of RELEASES.
        language: One of LANGUAGES.
        edition: `desktop` (Desktop Experience) or `core`.
        role: What was set up on it before the lab began: nothing, or the enterprise CA.
        machine_sid: SID of the machine's own account database, `S-1-5-21-a-b-c`.
        domain_sid: SID of the domain.
    """

    name: str
    dns_domain: str
    netbios_domain: str
    address: str
    machine_sid: str
    domain_sid: str
    release: str = "2022"
    language: str = "en-US"
    edition: str = "desktop"
    role: Role = "member"

    def __post_init__(self) -> None:
        if self.release not in RELEASES or self.language not in LANGUAGES or self.edition not in EDITIONS:
            raise ValueError(f"unknown release, language or edition: {self.release}, {self.language}, {self.edition}")

    @property
    def computer(self) -> str:
        """The NetBIOS name as Windows shows it."""
        return self.name.upper()

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{self.dns_domain}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of building the forest. Each is for a process of its own: see database.configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lab import estate
from lab.certificates import Published

from . import database, dns, join, principal_names, provision, replication, seed

FIRST, SECOND = estate.DOMAIN_CONTROLLERS


def provision_forest(smb_conf: Path, administrator: str) -> None:
    """Make the first domain controller of a bare forest; the password is the administrator's."""
    provision.new_forest(database.configuration(smb_conf), administrator)


def seed_forest(
    smb_conf: Path, passwords: dict[str, str], published: Published, members: Sequence[estate.Host]
) -> None:
    """Write all else into it before its first start."""
    samdb = database.opened(smb_conf)
    seed.seed(samdb, passwords, published, members)
    dns.register(samdb, database.samba_list(smb_conf, "dns_update_list"), members)
    principal_names.register(samdb, FIRST, database.samba_list(smb_conf, "spn_update_list"))


def join_forest(smb_conf: Path, administrator: str) -> None:
    """Join the second domain controller to the first, which runs."""
    join.join(database.configuration(smb_conf), administrator)
    principal_names.register(database.opened(smb_conf), SECOND, database.samba_list(smb_conf, "spn_update_list"))


def begin_replication(smb_conf: Path, administrator: str) -> None:
    """Let the first fetch from the second; both run."""
    replication.begin(database.configuration(smb_conf), administrator)

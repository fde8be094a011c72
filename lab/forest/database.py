# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a domain controller that does not run, and what lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB


def configuration(smb_conf: Path) -> Any:
    """Samba's view of an smb.conf. It is global to the process: one domain controller a process."""
    parameters = LoadParm()
    parameters.load(str(smb_conf))
    return parameters


def opened(smb_conf: Path) -> Any:
    """The database with all rights."""
    parameters = configuration(smb_conf)
    return SamDB(url=parameters.samdb_url(), session_info=system_session(), lp=parameters)


def samba_list(smb_conf: Path, name: str) -> Path:
    """A list of names to register that provisioning and joining leave beside the database."""
    return Path(configuration(smb_conf).private_path(name))

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What user_rights_info does on the controller: all of it but the look at the host."""

from __future__ import annotations

import dataclasses
import typing as t

from ..module_utils.windows.user_rights import check_options, describe
from ..plugin_utils.windows_script.action import WindowsAction
from ..plugin_utils.windows_script.runner import Runner


class ActionModule(WindowsAction):
    """Tells who holds user rights, and the SIDs of accounts and of members of local groups."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {
        "rights": {"type": "list", "elements": "str", "default": []},
        "accounts": {"type": "list", "elements": "str", "default": []},
        "groups": {"type": "list", "elements": "str", "default": []},
    }

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        rights, accounts, groups = (arguments[name] for name in ("rights", "accounts", "groups"))
        check_options(rights, groups)
        found = runner.read_one("user_rights_info", "read who holds user rights", Account=accounts, Group=groups)
        return {"changed": False, **dataclasses.asdict(describe(found, rights, accounts, groups))}

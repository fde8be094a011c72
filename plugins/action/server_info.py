# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What server_info does on the controller: all of it but the look at the host."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ..module_utils.windows.server import describe
from ..plugin_utils.windows_script.action import WindowsAction
from ..plugin_utils.windows_script.runner import Runner


class ActionModule(WindowsAction):
    """Describes a server."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {"features": {"type": "list", "elements": "str", "default": []}}

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        features: list[str] = arguments["features"]
        before = dt.datetime.now(dt.UTC)
        found = runner.read_one("server_info", "read what the server is", Feature=features)
        after = dt.datetime.now(dt.UTC)
        server = describe(found, features, before, after)
        return {"changed": False, "server": dataclasses.asdict(server)}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What iis_request_limits does on the controller: one look, a plan, and one script where something is to change."""

from __future__ import annotations

import dataclasses
import typing as t

from ..module_utils.windows.iis import failures
from ..module_utils.windows.iis import request_limits as limits
from ..plugin_utils.windows_script.action import WindowsAction
from ..plugin_utils.windows_script.errors import ScriptError
from ..plugin_utils.windows_script.runner import Runner


class ActionModule(WindowsAction):
    """Sets the limits of request filtering."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "site": {"type": "str"},
        **{option: {"type": "int"} for option in limits.LIMITS},
    }

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        wish, site = limits.wanted(arguments), limits.named(arguments["site"])
        absent = arguments["state"] == "absent"
        attempted = "read the limits of request filtering"
        state = limits.read(runner.read_one("iis_request_limits_read", attempted, Site=site))
        if not (state.installed or absent or runner.check_mode):
            raise ValueError(failures.not_installed(runner.host, "limits of request filtering"))
        plan = limits.plan(site, wish, state, absent=absent)
        if plan.changed and not runner.check_mode:
            where = f"site '{site}'" if site else "the server"
            attempted = f"write the limits of request filtering of {where}"
            try:
                runner.write("iis_request_limits_write", attempted, Site=site, Set=plan.write, Clear=plan.clear)
            except ScriptError as error:
                if error.hresult == failures.LOCK_VIOLATION:
                    error.args = (f"{error} {failures.UNLOCK}",)
                raise
        result: dict[str, t.Any] = {
            "changed": plan.changed,
            "limits": plan.after,
            "inherited": plan.inherited,
            "overridden_by": [dataclasses.asdict(one) for one in plan.overridden_by],
            "diff": {"before": _shown(site, plan.before), "after": _shown(site, plan.after)},
        }
        if plan.overridden_by:
            result["warnings"] = [_warning(one, wish[one.option]) for one in plan.overridden_by]
        return result


def _shown(site: str, values: dict[str, int]) -> dict[str, t.Any]:
    return {"request_limits": {"site": site or None, **values}} if values else {}


def _warning(smaller: limits.Override, asked: int) -> str:
    source = "its <location> in applicationHost.config" if smaller.source == "location" else "a web.config"
    return f"At {smaller.path} {smaller.option} stays {smaller.value} and not {asked}: {source} says so."

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.web_app_pool_info"""

from __future__ import annotations

from typing import Any

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis.element import Effective
from lab.windows.parts.iis.pools import Pool
from lab.windows.support.web_administration import require

ELEMENTS = ("cpu", "failure", "processModel", "recycling")


@upstream(
    "microsoft.iis.web_app_pool_info",
    mirrors="plugins/modules/web_app_pool_info.ps1 of microsoft.iis 1.3.0",
    checked_against=(
        "tests/cases/microsoft.iis.web_app_pool_info.yml",
        "tests/unit/lab/windows/test_iis_modules.py",
        "data/windows/iis_schema.json",
    ),
)
def web_app_pool_info(call: Call) -> Result:
    require(call)
    name = call.arguments["name"]
    pools = call.host.iis.pools
    if name is None:
        found = pools.all()
        return {"changed": False, "exists": bool(found), "app_pools": [_pool(one, one.name) for one in found]}
    pool = pools.get(name)
    if pool is None:
        raise ModuleFailure(
            "Failed to fetch the info of the required application pool Exception: "
            rf"Cannot find path 'IIS:\AppPools\{name}' because it does not exist.",
            changed=False,
            exists=False,
            app_pools=[],
        )
    return {"changed": False, "exists": True, "app_pools": [_pool(pool, name)]}


def _pool(pool: Pool, name: str) -> dict[str, Any]:
    attributes = _attributes(pool.effective)
    for element in ELEMENTS:
        attributes[element] = _attributes(pool.effective.at(element))
    attributes["recycling"]["periodicRestart"] = _attributes(pool.effective.at("recycling/periodicRestart"))
    return {"name": name, "attributes": attributes}


def _attributes(element: Effective) -> dict[str, Any]:
    return {name: value for name, value in element.all().items() if "password" not in name.lower()}

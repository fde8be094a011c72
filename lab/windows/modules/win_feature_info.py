# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_feature_info: what Get-WindowsFeature shows."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lab.windows import consequences
from lab.windows.feature_catalogue import Feature
from lab.windows.fold import fold
from lab.windows.host import Host
from lab.windows.operation import Call, Result, upstream

#: Version of the component's description; Windows has 0 for most, 8 for roles.
ROLE_VERSION = 8


@upstream(
    "ansible.windows.win_feature_info",
    mirrors="plugins/modules/win_feature_info.ps1 of ansible.windows 3.8.0",
    checked_against=("data/windows/features.json", "tests/cases/ansible.windows.win_feature_info.yml"),
    limits="descriptions of most features, best practice models and event queries are not known and empty",
)
def run(call: Call) -> Result:
    pattern = fold(call.arguments["name"])
    found = [feature for feature in call.host.features.catalogue.all() if fnmatchcase(fold(feature.name), pattern)]
    return {"exists": bool(found), "features": [_shown(call.host, feature) for feature in found]}


def _shown(host: Host, feature: Feature) -> Result:
    state = host.features.state(feature.name)
    return {
        "name": feature.name,
        "display_name": feature.display_name,
        "description": feature.description,
        "installed": state == "Installed",
        "install_state": state,
        "feature_type": feature.kind,
        "path": feature.path,
        "depth": feature.depth,
        "depends_on": list(feature.needs),
        "parent": feature.parent,
        "server_component_descriptor": f"ServerComponent_{feature.name.replace('-', '_')}",
        "sub_features": list(host.features.catalogue.children(feature.name)),
        "system_service": list(feature.services),
        "best_practices_model_id": None,
        "event_query": None,
        "post_configuration_needed": consequences.post_configuration_needed(host, feature.name),
        "additional_info": {
            "MajorVersion": ROLE_VERSION if feature.kind == "Role" else 0,
            "MinorVersion": 0,
            "NumericId": feature.number,
            "InstallName": feature.install_name,
        },
    }

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server that a contract case describes in its model."""

from __future__ import annotations

from typing import Any

from lab.windows.host import Host


def prepare(host: Host, model: dict[str, Any]) -> None:
    """Bring the web server of a host into the state that a case describes."""
    iis = host.iis
    for site in model.get("sites", []):
        iis.sites.create(site["name"], site["path"])
        for binding in (iis.sites.get(site["name"]) or iis.sites.all()[-1]).bindings:
            iis.sites.remove_binding(site["name"], binding)
    for application in model.get("applications", []):
        iis.sites.add_application(application["site"], application["path"], "C:\\inetpub\\wwwroot", "")
    for said in model.get("configuration", []):
        section, _, element = said["element"].rpartition("/")
        iis.configuration.set(
            section, element, said["attribute"], said["value"], said["location"], web=said.get("web_config", False)
        )

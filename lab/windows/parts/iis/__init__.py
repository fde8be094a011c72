# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of IIS: sections, locations, locks; sites, pools and their state; certificates of HTTP.sys.

Exported as `{"version", "installed", "features": [...], "sections": {path: element}, "locations": {location: {path:
element}}, "web_configs": {folder: {path: element}}, "override_modes": {location: {path: mode}}, "states": {"sites":
{id: "Started"}, "pools": {name: "Started"}}, "ssl_bindings": [{"endpoint", "thumbprint", "store", "application",
"sni"}], "secret": {"machine_key"}}`. An element is `{"attributes", "elements", "items", "secret"}`, each only where
something was written; sites and pools are the items of their sections. Backups of it are files.
"""

from __future__ import annotations

from .facts import ConfigurationError
from .server import Iis

__all__ = ["ConfigurationError", "Iis"]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes_state.ps1: what there is of NDES on a server."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree
from typing import Any

from lab.windows import tables, win32
from lab.windows.host import Host
from lab.windows.parts.certificates import LOCAL_MACHINE, Entry
from lab.windows.people import principals
from lab.windows.security import securables
from lab.windows.security.sddl import Descriptor
from lab.windows.security.securables import Securable
from lab.windows.service_table import STATES
from lab.windows.support import iis_backups

from . import ScriptCall, script

MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
KEYS = (MSCEP, rf"{MSCEP}\CAInfo", r"HKLM:\SOFTWARE\Microsoft\ADCS\NDES")
VALUES = {"authority": "Configuration", "status": "ConfigurationStatus"}
POOL = "SCEP"
SITE = 1
AUTHENTICATION = "system.webServer/security/authentication"

#: Win32_Service in the same words in every language. A delayed start is an automatic one there.
START_MODE = {
    "boot": "Boot",
    "system": "System",
    "manual": "Manual",
    "disabled": "Disabled",
    "auto": "Auto",
    "delayed": "Auto",
}

SECRET = re.compile(r'(?s)\bpassword="[^"]*"|<(connectionStrings|appSettings)\b.*?</\1>')


@script(
    "ndes_state.ps1",
    checked_against=("tests/contract/cases/ndes_state.json",),
    limits="who is no administrator; a group with a deleted account in it; IIS without the module WebAdministration",
)
def ndes_state(call: ScriptCall) -> list[Any]:
    """What the script puts out."""
    host = call.host
    path = site_path(host)
    return [
        {
            "registry": [_registry(host, key) for key in KEYS if host.registry.key_exists(key)],
            "iis": configuration(host),
            "services": web_service(host),
            "path": path,
            "path_exists": bool(path) and host.files.exists(path),
            **pool_state(host),
            "backups": iis_backups.names(host),
            "members": list(host.accounts.members(principals.IIS_USERS)),
            "roots": [entry.thumbprint for entry in _store(host, "Root")],
            "certificates": [certificate(host, entry) for entry in _store(host, "My")],
        }
    ]


def _registry(host: Host, key: str) -> dict[str, Any]:
    found = {name: host.registry.get(key, value) for name, value in VALUES.items()}
    return {"path": key, **{name: None if value is None else value.data for name, value in found.items()}}


def configuration(host: Host) -> list[str]:
    """The parts of applicationHost.config that the script sends, without passwords."""
    if not host.iis.installed:
        return []
    root = Tree.fromstring(host.iis.to_xml())
    parts = []
    for child in root:
        asks = child.tag == "location" and child.find(AUTHENTICATION) is not None
        if child.tag == "system.applicationHost" or asks:
            parts.append(child)
        elif child.tag == "system.webServer":
            parts += child.findall("security/authentication")
    return [SECRET.sub("", Tree.tostring(part, encoding="unicode").strip()) for part in parts]


def site_path(host: Host) -> str:
    """The folder of the site that NDES lies in; "" where there is none."""
    site = next((one for one in host.iis.sites.all() if one.id == SITE), None) if host.iis.installed else None
    root: str = tables.release(host.identity)["system_root"]
    path = site.physical_path if site else ""
    for variable, value in (("SystemDrive", root[:2]), ("SystemRoot", root), ("windir", root)):
        path = re.sub(f"%{variable}%", value.replace("\\", r"\\"), path, flags=re.IGNORECASE)
    return path


def pool_state(host: Host) -> dict[str, str | None]:
    """The state of the pool, or why it has none. Not verified on Windows: the text, and that it is an error at all."""
    pool = host.iis.pools.get(POOL) if host.iis.installed else None
    service = host.services.get("WAS")
    if pool is not None and (service is None or service.state != "started"):
        text = win32.text(win32.SERVICE_NOT_ACTIVE, host.identity.language)
        return {"pool_state": None, "pool_error": f"{text}. (Exception from HRESULT: 0x80070426)"}
    return {"pool_state": None if pool is None else pool.state, "pool_error": None}


def web_service(host: Host) -> list[dict[str, str]]:
    """The service of the web server in the words of CIM, where there is one."""
    service = host.services.get("W3SVC")
    return [] if service is None else [{"State": STATES[service.state], "StartMode": START_MODE[service.start_mode]}]


def _store(host: Host, name: str) -> tuple[Entry, ...]:
    store = host.certificates.store(LOCAL_MACHINE, name)
    return tuple(entry for entry in store or () if not entry.archived)


def certificate(host: Host, entry: Entry) -> dict[str, Any]:
    """A certificate with what .NET tells of its key: provider and permissions only of one that a CSP keeps."""
    key = host.certificates.key(entry.key)
    by_csp = key is not None and key.kind == "csp"
    access = None
    if key is not None and by_csp:
        thing = Securable("key_container", key.name, False)
        access = str(Descriptor("", "", securables.entries(host, thing), protected=True))
    return {
        "der": entry.der.hex().upper(),
        "key": key is not None,
        "provider": key.provider if key is not None and by_csp else None,
        "access": access,
    }

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_certificate_info: what is in a certificate store."""

from __future__ import annotations

from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, Result, upstream
from lab.windows.parts.certificates import CURRENT_USER, MACHINE, Entry
from lab.windows.support import certificate_text


@upstream(
    "ansible.windows.win_certificate_info",
    mirrors="plugins/modules/win_certificate_info.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_certificate_info.yml"),
    limits=(
        "malformed extensions; the texts of extensions are worked out, not read on Windows, and most Swedish ones were "
        "not verified"
    ),
)
def run(call: Call) -> Result:
    host, location = call.host, call.arguments["store_location"]
    owner = call.user.sid if location.casefold() == CURRENT_USER.casefold() else MACHINE
    # A store that does not exist is opened as an empty one.
    entries = host.certificates.visible(_location(location), call.arguments["store_name"], owner)
    thumbprint = call.arguments["thumbprint"]
    if thumbprint is not None:
        entries = tuple(entry for entry in entries if entry.thumbprint == thumbprint.upper())
    certificates = [_described(host, entry) for entry in entries]
    certificates.sort(key=lambda certificate: str(certificate["thumbprint"]))
    return {"changed": False, "exists": bool(certificates), "certificates": certificates}


def _location(written: str) -> str:
    """The value of StoreLocation that a choice means; choices are taken in any case."""
    return "CurrentUser" if written.casefold() == "currentuser" else "LocalMachine"


def _described(host: Host, entry: Entry) -> Result:
    try:
        described = certificate_text.describe(entry.certificate, host.identity.language)
    except ValueError as error:
        raise NotModelled(f"what Windows says of the certificate {entry.thumbprint}: {error}") from error
    return {
        **described,
        "friendly_name": entry.friendly_name,
        "thumbprint": entry.thumbprint,
        "archived": entry.archived,
        "has_private_key": host.certificates.has_private_key(entry),
    }

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install-AdcsNetworkDeviceEnrollmentService: its steps, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.authority import AccessDenied, NotFound, Unreachable
from lab.windows.ndes import registration_authority, web_server
from lab.windows.ndes.checks import Checked, check
from lab.windows.ndes.facts import facts
from lab.windows.ndes.failures import failure
from lab.windows.people.directory import NoDomainController
from lab.windows.scripts import ScriptError
from lab.windows.security.acl import CONTAINER_INHERIT, Ace, add
from lab.windows.watch import keep

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.ndes.request import InstallRequest
    from lab.windows.people.token import Token


def install(host: Host, user: Token, request: InstallRequest) -> None:
    """Configure NDES.

    Raises:
        ScriptError: As the cmdlet fails. What it wrote until then stays.
        NotModelled: The lab does not know what the set-up would do. Nothing was written then.
    """
    with _told(host):
        checked = check(host, user, request)
    try:
        with _told(host):
            _write(host, request, checked)
    except ScriptError:
        keep(host)
        raise
    status = facts()["status"]
    host.registry.set(status["key"], status["value"], "REG_DWORD", status["after"])
    _tell(host, request)


@contextmanager
def _told(host: Host) -> Iterator[None]:
    """Say it as the set-up does where somebody does not answer."""
    try:
        yield
    except Unreachable as nobody:
        raise failure(host, f"{nobody.what}_gone") from nobody
    except NoDomainController as nobody:
        raise failure(host, "directory_gone") from nobody


def _write(host: Host, request: InstallRequest, checked: Checked) -> None:
    _write_registry(host, checked)
    web_server.configure(host, checked.account)
    _let_account_write(host, checked)
    web_server.limit_requests(host)
    _publish(host, checked)
    registration_authority.enrol(host, request, checked)


def _write_registry(host: Host, checked: Checked) -> None:
    host.registry.create_key(facts()["mscep"])
    for key, name, kind, data in facts()["values"]:
        path = "\\".join(filter(None, (facts()["mscep"], key)))
        filled = data.format(config=checked.service.config) if isinstance(data, str) else data
        host.registry.set(path, name, kind, filled)


def _let_account_write(host: Host, checked: Checked) -> None:
    """Give the account its rights on the key and all below it."""
    rule = Ace(checked.account.sid, facts()["key_mask"], flags=CONTAINER_INHERIT)
    own = host.security.explicit("registry", facts()["mscep"])
    host.security.set_dacl("registry", facts()["mscep"], add(own, rule), protected=False)


def _publish(host: Host, checked: Checked) -> None:
    """Publish the templates on the CA and let the account enrol, with the rights of the caller."""
    if not registration_authority.is_trusted(host, checked.service.certificate):
        raise failure(host, "templates")
    try:
        checked.caller.publish(checked.service, facts()["templates"])
        if checked.account.network_sid:
            checked.caller.let_enrol(facts()["client_template"], checked.account.network_sid)
    except AccessDenied:
        raise failure(host, "denied") from None
    except NotFound:
        raise failure(host, "templates") from None


def _tell(host: Host, request: InstallRequest) -> None:
    event = facts()["event"]
    options = " ".join(
        f"-{purpose.capitalize()}ProviderName '{request.provider(purpose)}'"
        f" -{purpose.capitalize()}KeyLength {request.key_length(purpose)}"
        for purpose in ("signing", "encryption")
    )
    if host.event_logs.get(event["log"]) is not None:
        host.event_logs.write(
            event["log"], host.clock.now(), event["provider"], event["id"], Command=f"{facts()['cmdlet']} {options}"
        )

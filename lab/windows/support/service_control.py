# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and stopping services as Windows PowerShell's cmdlets do it: with accounts, programs and dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.windows import tables
from lab.windows.fold import fold
from lab.windows.parts.accounts import nt_hash
from lab.windows.parts.services import ServiceRefused
from lab.windows.people import principals
from lab.windows.people.directory import NoDomainController
from lab.windows.service_table import Service

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.parts.services import Check

#: Virtual accounts of services, and the group of all of them.
VIRTUAL_ACCOUNTS = "S-1-5-80-"
ALL_SERVICES = "S-1-5-80-0"


class ServiceFailure(Exception):  # noqa: N818
    """What Start-Service, Stop-Service and the others say when they fail."""

    def __init__(self, message: str, service: Service) -> None:
        super().__init__(tables.load("services")["messages"][message].format(label=service.label, name=service.name))


def account_sid(host: Host, name: str) -> str:
    """The SID of an account as the service control manager or win_service names it. NoMapping if nobody has it."""
    known: dict[str, str] = tables.load("services")["accounts"]
    for account, sid in known.items():
        if fold(account) == fold(name):
            return sid
    return principals.find(host, name).sid


def start(host: Host, name: str) -> None:
    """Start a service and what it needs (Start-Service). KeyError if there is none.

    Raises:
        ServiceFailure: It does not start; what was needed and did start goes on running, as on Windows.
    """
    try:
        host.services.start(name, obstacle(host))
    except ServiceRefused as refusal:
        service = host.services.get(name) or refusal.service
        raise ServiceFailure("start", service) from refusal


def stop(host: Host, name: str, *, force: bool = False) -> tuple[str, ...]:
    """Stop a service (Stop-Service); with force its dependents before it. Returns the names of what was stopped.

    Raises:
        ServiceFailure: It has dependents that run, or will not be stopped. Nothing was stopped.
    """
    service = _get(host, name)
    running = [each for each in host.services.dependents(name) if each.state != "stopped"]
    if running and not force:
        raise ServiceFailure("dependents", service)
    stopping = [*running, service] if service.state != "stopped" else running
    for each in stopping:
        if not each.stops:
            raise ServiceFailure("stop", each)
    for each in stopping:
        host.services.stop(each.name)
    return tuple(each.name for each in stopping)


def restart(host: Host, name: str, *, force: bool = False) -> None:
    """Restart a service (Restart-Service), and what had to be stopped with it. Raises ServiceFailure."""
    stopped = stop(host, name, force=force)
    start(host, name)
    for each in reversed(stopped):
        start(host, each)


def pause(host: Host, name: str) -> None:
    """Pause a service (Suspend-Service). ServiceRefused if it does not take that."""
    host.services.pause(_get(host, name).name)


def resume(host: Host, name: str) -> None:
    """Let a paused service go on (Resume-Service). ServiceFailure if it cannot."""
    try:
        host.services.resume(name)
    except ServiceRefused as refusal:
        raise ServiceFailure("resume", refusal.service) from refusal


def start_all(host: Host) -> None:
    """Start what a boot starts, as far as it can; what fails keeps its error as exit code."""
    check = obstacle(host)
    for service in host.services.all():
        if service.runs_after_boot and service.state == "stopped":
            try:
                host.services.start(service.name, check)
            except ServiceRefused:
                continue


def obstacle(host: Host) -> Check:
    """What keeps a service of this host from running: its program, its account. Gives Win32 errors."""
    errors: dict[str, int] = tables.load("services")["errors"]

    def check(service: Service) -> int:
        if not service.own and not _has_program(host, service.path):
            return errors["file_not_found"]
        return 0 if service.is_driver or _may_log_on(host, service) else errors["logon_failed"]

    return check


def _has_program(host: Host, path: str) -> bool:
    """Whether the program of a command line is there. What Windows itself has in its folder is not in the model."""
    program = path.split('"')[1] if path.startswith('"') else path
    system = tables.release(host.identity)["system_root"]
    if fold(program).startswith(fold(f"{system}\\System32\\")):
        return True
    # Without quotes the service control manager tries each word as the end of the program's name.
    words = [program] if path.startswith('"') else [program[:end] for end in _ends(program)]
    return any(host.files.exists(word) and not host.files.is_folder(word) for word in words)


def _ends(text: str) -> list[int]:
    return [*(position for position, letter in enumerate(text) if letter == " "), len(text)]


def _may_log_on(host: Host, service: Service) -> bool:
    known: dict[str, str] = tables.load("services")["accounts"]
    try:
        sid = account_sid(host, service.account)
    except (principals.NoMapping, NoDomainController):
        return False
    if sid in known.values():
        return True
    if sid.startswith(VIRTUAL_ACCOUNTS):
        return host.rights.allows("service", {sid, ALL_SERVICES})
    try:
        principal = principals.find(host, sid)
        if not _has_password(host, service, principal):
            return False
        token = principals.token_for(host, principal, "service")
    except (principals.NoMapping, NoDomainController):
        return False
    return host.rights.allows("service", {token.sid, *token.groups})


def _has_password(host: Host, service: Service, principal: Any) -> bool:
    """Whether the password that the service has is still the account's, and the account may log on at all."""
    user = host.accounts.by_sid(principal.sid)
    if user is not None:
        usable = not (user.locked or user.disabled or user.password_expired)
        return usable and user.nt_hash is not None and user.nt_hash == service.nt_hash
    logon = host.directory.logon(principal.account)
    if logon is None or logon.refused:
        return False
    # The host fetches the password of a managed service account itself.
    return principal.name.endswith("$") or logon.nt_hash.hex() == service.nt_hash


def _get(host: Host, name: str) -> Service:
    service = host.services.get(name)
    if service is None:
        raise KeyError(name)
    return service


def password_hash(password: str) -> str:
    """What is kept of the password of a service's account."""
    return nt_hash(password).hex()

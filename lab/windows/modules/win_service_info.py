# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_service_info: services as the service control manager has them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lab.windows import tables
from lab.windows.arguments.basic import UNHANDLED
from lab.windows.fold import fold
from lab.windows.host import Host
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.people import principals
from lab.windows.people.token import SYSTEM_SID
from lab.windows.service_table import LOCAL_SYSTEM, Service


@upstream(
    "ansible.windows.win_service_info",
    mirrors="plugins/modules/win_service_info.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_service_info.yml",),
    limits="triggers are not known and always empty",
)
def run(call: Call) -> Result:
    require_manager(call)
    found = _find(call.host, call.arguments["name"])
    return {"exists": bool(found), "services": [_shown(call.host, service) for service in found]}


def require_manager(call: Call) -> None:
    """Fail where the caller may not open the service control manager: over the network only administrators may."""
    if not call.user.is_administrator:
        raise ModuleFailure(UNHANDLED + tables.load("services")["messages"]["manager"])


def account_name(host: Host, service: Service) -> str | None:
    """What Ansible's code shows as the account: StartName, with the system's own account under its translated name."""
    if service.account == LOCAL_SYSTEM:
        return principals.name_of(host, SYSTEM_SID)
    return service.account or None


def failure_actions(service: Service) -> list[Result]:
    return [{"type": kind, "delay_ms": delay} for kind, delay in service.actions]


def dependents(host: Host, service: Service) -> list[str]:
    """Names of those that depend on it, directly or not, in the order in which they must be stopped."""
    return [each.name for each in host.services.dependents(service.name)]


def _both(service: Service) -> Result:
    """What this module tells of a service and win_service shows in a diff alike."""
    return {
        "dependencies": list(service.depends),
        "description": service.description,
        "desktop_interact": service.interactive,
        "display_name": service.display_name,
        "error_control": service.error_control,
        "failure_actions": failure_actions(service),
        "failure_actions_on_non_crash_failure": service.actions_on_non_crash_failure,
        "failure_command": service.failure_command,
        "failure_reboot_msg": service.failure_reboot_msg,
        "failure_reset_period_sec": service.failure_reset_period_sec,
        "load_order_group": service.load_order_group,
        "name": service.name,
        "path": service.path,
        "pre_shutdown_timeout_ms": service.pre_shutdown_timeout_ms,
        "required_privileges": list(service.required_privileges),
        "service_type": service.type,
        "sid_info": service.sid_info,
        "start_mode": service.start_mode,
        "state": service.state,
    }


def settings(host: Host, service: Service) -> Result:
    """What can be set of a service, as win_service shows it in a diff."""
    diff = _both(service)
    if not service.is_driver:
        diff["username"] = account_name(host, service)
        diff["password"] = "REDACTED"
    return diff


def _find(host: Host, name: str | None) -> list[Service]:
    """By name, otherwise by pattern; drivers only by name (Get-Service)."""
    listed = sorted(host.services.all(), key=lambda service: fold(service.name))
    services = [service for service in listed if not service.is_driver]
    if not name:
        return services
    exact = host.services.get(name)
    if exact is not None:
        return [exact]
    return [service for service in services if fnmatchcase(fold(service.name), fold(name))]


def _shown(host: Host, service: Service) -> Result:
    return {
        **_both(service),
        "checkpoint": 0,
        "controls_accepted": list(service.controls),
        "dependency_of": dependents(host, service),
        "launch_protection": service.protection,
        "preferred_node": None,
        "process_id": service.process_id,
        "service_exit_code": 0,
        "service_flags": [],
        "triggers": [],
        "username": account_name(host, service),
        "wait_hint_ms": 0,
        "win32_exit_code": service.win32_exit_code,
    }

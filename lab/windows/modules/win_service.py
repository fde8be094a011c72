# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_service: makes, configures, starts and stops services.

As upstream, the module does not grant SeServiceLogonRight to the account that it sets: a service whose account lacks
the right does not start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lab.windows import tables, win32
from lab.windows.arguments.basic import UNHANDLED
from lab.windows.fold import fold
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.people import principals
from lab.windows.people.principals import LOCAL_SERVICE, NETWORK_SERVICE, name_of
from lab.windows.people.token import SYSTEM_SID
from lab.windows.running.environment import expand
from lab.windows.service_table import LOCAL_SYSTEM, Service
from lab.windows.support import service_control
from lab.windows.support.service_control import ServiceFailure

from .win_service_info import account_name, dependents, failure_actions, require_manager, settings

#: Accounts without a password.
WITHOUT_PASSWORD = (SYSTEM_SID, LOCAL_SERVICE, NETWORK_SERVICE)

#: Characters of a name that Get-Service would take as a pattern.
PATTERN = re.compile(r"[*?\[\]]")

#: Options of which any lets the module look for differences; without a service and without these it only looks.
DETECTED = (
    *("description", "display_name", "dependencies", "error_control", "failure_actions"),
    *("failure_actions_on_non_crash_failure", "failure_command", "failure_reboot_msg", "failure_reset_period_sec"),
    *("load_order_group", "path", "pre_shutdown_timeout_ms", "required_privileges", "service_type", "sid_info"),
    *("start_mode", "state", "username", "password"),
)


@upstream(
    "ansible.windows.win_service",
    mirrors="plugins/modules/win_service.ps1 and module_utils/SCManager.cs of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_service.yml"),
    limits="names with wildcards that no service has; where a service does not start, what was configured before is "
    "taken back, other than on Windows; messages of PowerShell's cmdlets are English on every host",
)
def run(call: Call) -> Result:
    require_manager(call)
    run_ = _Run(call)
    return run_.absent() if call.arguments["state"] == "absent" else run_.present()


class _Run:
    """One run of the module: the service, what will be after it, and whether anything changes."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.host = call.host
        self.arguments: Mapping[str, Any] = call.arguments
        self.service = self._find(self.arguments["name"])
        self.changed = False
        self.before: Any = settings(self.host, self.service) if self.service else ""
        self.after: Result = {}
        if self.service is not None and self.service.protection != "none":
            text = win32.in_ansible(
                f"Failed to open service '{self.service.name}'", win32.ACCESS_DENIED, self.host.identity.language
            )
            raise ModuleFailure(f'{UNHANDLED}Exception calling ".ctor" with "2" argument(s): "{text}"')

    def absent(self) -> Result:
        if self.service is not None:
            self.changed = True
            if not self.call.check_mode:
                self._cmdlet(lambda name: service_control.stop(self.host, name, force=self._force))
                self.host.services.remove(self.service.name)
        return {"exists": False, "changed": self.changed, "diff": {"before": self.before, "after": ""}}

    def present(self) -> Result:
        arguments = self.arguments
        detects = (
            self.service is not None
            or arguments["dependency_action"] != "set"
            or arguments["desktop_interact"]
            or any(arguments[option] is not None for option in DETECTED)
        )
        if not detects:
            return {"exists": False, "changed": False, "diff": {"before": self.before, "after": self.before}}
        update_password = arguments["update_password"] == "always"
        if self.service is None:
            update_password = True
            self._create()
        self.after = {"name": self.service.name if self.service else arguments["name"]}
        if self.service is not None and not self.service.is_driver:
            self._set_account(update_password)
        self._set_dependencies()
        self._set_texts()
        self._set_failure_actions()
        self._set_or_keep("load_order_group", arguments["load_order_group"])
        self._set_path()
        self._set_or_keep("pre_shutdown_timeout_ms", _number(arguments["pre_shutdown_timeout_ms"]))
        self._set_privileges()
        for option in ("sid_info", "start_mode"):
            self._set_unless_empty(option)
        self._set_type(arguments["service_type"] or "", arguments["desktop_interact"])
        self._set_state()
        return self._result()

    # What is returned

    def _result(self) -> Result:
        after = self.after
        username = after.get("username")
        if username and self._sid(username) == SYSTEM_SID:
            username = LOCAL_SYSTEM
        state = after["state"].replace("_", "")
        result: Result = {
            "changed": self.changed,
            "exists": True,
            "dependencies": after["dependencies"],
            "description": after["description"],
            "desktop_interact": after["desktop_interact"],
            "display_name": after["display_name"],
            "name": after["name"],
            "path": after["path"],
            "start_mode": after["start_mode"],
            "username": username,
            "state": "running" if state in ("restarted", "started") else state,
            "can_pause_and_continue": None,
            "depended_by": [],
            "diff": {"before": self.before, "after": after},
        }
        if self.service is not None:
            result["depended_by"] = dependents(self.host, self.service)
            result["can_pause_and_continue"] = "pause_continue" in self.service.controls
        return result

    # One option after the other, in upstream's order

    def _set(self, attribute: str, value: Any) -> None:
        """Change the service, unless this is check mode."""
        self.changed = True
        if not self.call.check_mode:
            setattr(self.service, attribute, value)

    def _set_account(self, update_password: bool) -> None:
        service, username = self._present, self.arguments["username"]
        self.after["username"], self.after["password"] = username or "", "REDACTED"
        current = account_name(self.host, service)
        if current is None:
            return
        wanted = self._sid(username) if username else None
        if wanted is None:
            self.after["username"] = current
        else:
            self.after["username"] = self._account(wanted)
            if wanted != self._sid(current):
                if wanted != SYSTEM_SID:
                    self._set_type("", interactive=False)
                name = LOCAL_SYSTEM if wanted == SYSTEM_SID else self._account(wanted)
                self._set("account", name)
                if wanted in WITHOUT_PASSWORD or name.endswith("$"):
                    self._set("nt_hash", None)
                update_password = True
        password = self.arguments["password"]
        if update_password and password:
            self.after["password"] = "CHANGED REDACTED"
            self._set("nt_hash", service_control.password_hash(password))

    def _set_dependencies(self) -> None:
        wanted = self.arguments["dependencies"]
        self.after["dependencies"] = wanted
        if self.service is None:
            return
        existing = list(self.service.depends)
        self.after["dependencies"] = existing
        if wanted is None:
            return
        action = self.arguments["dependency_action"]
        added = [] if action == "remove" else [name for name in dict.fromkeys(wanted) if name not in existing]
        removed = {
            "add": [],
            "remove": [name for name in dict.fromkeys(wanted) if name in existing],
            "set": [name for name in existing if name not in wanted],
        }[action]
        if added or removed:
            new = [*(name for name in existing if name not in removed), *added]
            self.after["dependencies"] = new
            self._set("depends", list(new))

    def _set_texts(self) -> None:
        """Description, display name, error control; in the last two nothing and an empty text are the same."""
        description = self.arguments["description"]
        self.after["description"] = description
        if self.service is not None:
            if description is None:
                self.after["description"] = self.service.description
            elif (description or None) != self.service.description:
                self._set("description", description or None)
        for option in ("display_name", "error_control"):
            self._set_unless_empty(option)

    def _set_unless_empty(self, option: str) -> None:
        value = self.arguments[option] or ""
        self.after[option] = value
        if self.service is not None:
            if not value:
                self.after[option] = getattr(self.service, option)
            elif value != getattr(self.service, option):
                self._set(option, value)

    def _set_failure_actions(self) -> None:
        arguments, service = self.arguments, self.service
        actions, reset = arguments["failure_actions"], _number(arguments["failure_reset_period_sec"])
        self.after["failure_actions"] = actions
        # Upstream reads a variable here that it never sets.
        self.after["failure_actions_on_non_crash_failure"] = None
        for option in ("failure_command", "failure_reboot_msg"):
            self.after[option] = arguments[option]
        self.after["failure_reset_period_sec"] = reset
        if service is None:
            return
        on_non_crash = arguments["failure_actions_on_non_crash_failure"]
        if on_non_crash is None:
            self.after["failure_actions_on_non_crash_failure"] = service.actions_on_non_crash_failure
        elif on_non_crash != service.actions_on_non_crash_failure:
            self._set("actions_on_non_crash_failure", on_non_crash)
        new_actions: list[tuple[str, int]] | None = None
        if actions is None:
            self.after["failure_actions"] = failure_actions(service)
        else:
            listed = [(action["type"], _number(action["delay_ms"]) or 0) for action in actions]
            new_actions = listed if listed != service.actions else None
        for option in ("failure_command", "failure_reboot_msg"):
            if arguments[option] is None:
                self.after[option] = getattr(service, option)
            elif (arguments[option] or None) != getattr(service, option):
                self._set(option, arguments[option] or None)
        if reset is None:
            self.after["failure_reset_period_sec"] = service.failure_reset_period_sec
        elif reset != service.failure_reset_period_sec:
            if new_actions is None and not service.actions and not self.call.check_mode:
                text = "Cannot set FailureAction ResetPeriod without explicit Actions and no existing Actions"
                raise ModuleFailure(f'{UNHANDLED}Exception setting "FailureActions": "{text}"')
            self._set("failure_reset_period_sec", reset)
        if new_actions is not None:
            self._set("actions", new_actions)

    def _set_or_keep(self, option: str, value: Any) -> None:
        """For options where only null keeps what is there."""
        self.after[option] = value
        if self.service is None:
            return
        if value is None:
            self.after[option] = getattr(self.service, option)
        elif value != getattr(self.service, option):
            self._set(option, value)

    def _set_privileges(self) -> None:
        wanted = self.arguments["required_privileges"]
        self.after["required_privileges"] = wanted
        if self.service is None:
            return
        if wanted is None:
            self.after["required_privileges"] = list(self.service.required_privileges)
        elif set(wanted) != set(self.service.required_privileges):
            self._set("required_privileges", list(wanted))

    def _set_path(self) -> None:
        path = self._path
        self.after["path"] = path
        if self.service is not None:
            if not path:
                self.after["path"] = self.service.path
            elif path != self.service.path:
                self._set("path", path)
                # What Windows itself has there is not what runs now.
                self._set("own", False)

    def _set_type(self, kind: str, interactive: bool) -> None:
        self.after["desktop_interact"], self.after["service_type"] = interactive, kind
        if self.service is None:
            return
        wanted = kind or self.service.type
        self.after["service_type"] = wanted
        if interactive:
            username = self.arguments["username"]
            account = self._sid(username) if username else self._sid(account_name(self.host, self.service) or "")
            if account != SYSTEM_SID:
                raise self._failure("Can only set 'desktop_interact' to true when 'username' equals 'SYSTEM'")
        if wanted != self.service.type:
            self._set("type", wanted)
        if interactive != self.service.interactive:
            self._set("interactive", interactive)

    def _set_state(self) -> None:
        state = self.arguments["state"] or ""
        self.after["state"] = state
        service = self.service
        if service is None:
            return
        if not state:
            self.after["state"] = service.state
        elif state == "started" and service.state != "started":
            resumes = service.state == "paused"
            self._change_state(service_control.resume if resumes else service_control.start)
        elif state == "stopped" and service.state != "stopped":
            self._change_state(lambda host, name: service_control.stop(host, name, force=self._force))
        elif state == "restarted":
            self._change_state(lambda host, name: service_control.restart(host, name, force=self._force))
        elif state == "paused" and service.state != "paused":
            if "pause_continue" not in service.controls:
                raise self._failure(f"failed to pause service {service.name}: The service does not support pausing")
            self._change_state(service_control.pause)

    # Help

    @property
    def _present(self) -> Service:
        if self.service is None:
            raise AssertionError("there is a service here")
        return self.service

    @property
    def _force(self) -> bool:
        return bool(self.arguments["force_dependent_services"])

    @property
    def _path(self) -> str:
        return expand(self.host, self.call.user, self.arguments["path"] or "")

    def _change_state(self, change: Callable[[Any, str], object]) -> None:
        self.changed = True
        if not self.call.check_mode:
            self._cmdlet(lambda name: change(self.host, name))

    def _cmdlet(self, run_: Callable[[str], object]) -> None:
        try:
            run_(self._present.name)
        except ServiceFailure as failure:
            raise ModuleFailure(UNHANDLED + str(failure)) from failure

    def _failure(self, message: str) -> ModuleFailure:
        return ModuleFailure(message, exists=False, changed=self.changed)

    def _find(self, name: str) -> Service | None:
        """By name or display name; drivers by name only."""
        for service in self.host.services.all():
            if not service.is_driver and fold(name) in (fold(service.name), fold(service.display_name)):
                return service
        if PATTERN.search(name):
            raise NotModelled(f"wildcards in the name of a service: {name}")
        return self.host.services.get(name)

    def _create(self) -> None:
        name = self.arguments["name"]
        if self.arguments["path"] is None:
            message = f"Service '{name}' is not installed, need to set 'path' to create a new service"
            raise ModuleFailure(message, exists=False, changed=False)
        self.changed = True
        if not self.call.check_mode:
            table = tables.load("services")
            self.service = Service(
                name=name,
                display_name=name,
                path=self._path,
                pre_shutdown_timeout_ms=table["pre_shutdown_timeout"][self.host.identity.release],
                win32_exit_code=table["errors"]["never_started"],
            )
            self.host.services.add(self.service)

    def _sid(self, name: str) -> str:
        try:
            return service_control.account_sid(self.host, name)
        except principals.NoMapping as error:
            raise ModuleFailure(UNHANDLED + error.in_powershell) from error

    def _account(self, sid: str) -> str:
        account = name_of(self.host, sid)
        if account == sid:
            raise ModuleFailure(UNHANDLED + principals.NoMapping(sid).in_powershell)
        return account


def _number(value: Any) -> int | None:
    """A UInt32 as it was given: a number, or its digits in decimal or after 0x."""
    return None if value is None else int(value, 0) if isinstance(value, str) else int(value)

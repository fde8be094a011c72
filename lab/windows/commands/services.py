# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sc.exe and net.exe, as far as they look at services, start and stop them; iisreset.exe."""

from __future__ import annotations

from lab.windows.parts.services import Service, ServiceRefused
from lab.windows.service_table import STATES
from lab.windows.support import service_control

from . import ProgramCall, Ran, program, refused
from .options import english_only, lines, lower

_TYPES = {
    "win32_own_process": ("10", "WIN32_OWN_PROCESS"),
    "win32_share_process": ("20", "WIN32_SHARE_PROCESS"),
    "user_own_process": ("50", "USER_OWN_PROCESS TEMPLATE"),
    "user_share_process": ("60", "USER_SHARE_PROCESS TEMPLATE"),
    "kernel_driver": ("1", "KERNEL_DRIVER"),
    "file_system_driver": ("2", "FILE_SYSTEM_DRIVER"),
}
_STATES = {"stopped": "1  STOPPED", "started": "4  RUNNING", "paused": "7  PAUSED"}
_STARTS = {
    "boot": "0   BOOT_START",
    "system": "1   SYSTEM_START",
    "auto": "2   AUTO_START",
    "delayed": "2   AUTO_START  (DELAYED)",
    "manual": "3   DEMAND_START",
    "disabled": "4   DISABLED",
}
_ERROR_CONTROLS = {"ignore": "0   IGNORE", "normal": "1   NORMAL", "severe": "2   SEVERE", "critical": "3   CRITICAL"}
_NO_SERVICE = 1060


def _row(name: str, value: str) -> str:
    return f"        {name:<19}: {value}"


@program(
    "sc",
    mirrors="sc.exe query, sc.exe qc (Windows Commands, Microsoft Learn)",
    limits="every other command, query without a name; failures on a server that is not English",
)
def sc(call: ProgramCall) -> Ran:
    words = lower(call.arguments)
    if len(words) != 2 or words[0] not in ("query", "qc"):
        raise refused(call, " ".join(call.arguments[:1]))
    service = call.host.services.get(call.arguments[1])
    if service is None:
        english_only(call, "sc for a service that is not there")
        what = "EnumQueryServicesStatus:OpenService" if words[0] == "query" else "OpenService"
        said = "The specified service does not exist as an installed service."
        return Ran(lines(f"[SC] {what} FAILED {_NO_SERVICE}:", "", said, ""), status=_NO_SERVICE)
    return Ran(_query(service) if words[0] == "query" else _config(service))


def _query(service: Service) -> str:
    number, name = _TYPES[service.type]
    accepts = service.controls
    said = [
        "STOPPABLE" if "stop" in accepts else "NOT_STOPPABLE",
        "PAUSABLE" if "pause_continue" in accepts else "NOT_PAUSABLE",
        "ACCEPTS_SHUTDOWN" if "shutdown" in accepts else "IGNORES_SHUTDOWN",
    ]
    return lines(
        "",
        f"SERVICE_NAME: {service.name} ",
        _row("TYPE", f"{number}  {name}  "),
        _row("STATE", f"{_STATES[service.state]} "),
        f"{'':32}({', '.join(said)})",
        _row("WIN32_EXIT_CODE", f"{service.win32_exit_code}  (0x{service.win32_exit_code:x})"),
        _row("SERVICE_EXIT_CODE", "0  (0x0)"),
        _row("CHECKPOINT", "0x0"),
        _row("WAIT_HINT", "0x0"),
    )


def _config(service: Service) -> str:
    number, name = _TYPES[service.type]
    depends = service.depends or [""]
    return lines(
        "[SC] QueryServiceConfig SUCCESS",
        "",
        f"SERVICE_NAME: {service.name}",
        _row("TYPE", f"{number}  {name} "),
        _row("START_TYPE", _STARTS[service.start_mode]),
        _row("ERROR_CONTROL", _ERROR_CONTROLS[service.error_control]),
        _row("BINARY_PATH_NAME", service.path),
        _row("LOAD_ORDER_GROUP", service.load_order_group),
        _row("TAG", "0"),
        _row("DISPLAY_NAME", service.display_name),
        _row("DEPENDENCIES", depends[0]),
        *(f"{'':27}: {other}" for other in depends[1:]),
        _row("SERVICE_START_NAME", service.account),
    )


def _help(number: int, text: str) -> Ran:
    return Ran(stderr=lines(text, "", f"More help is available by typing NET HELPMSG {number}.", ""), status=2)


def _denied() -> Ran:
    return Ran(stderr=lines("System error 5 has occurred.", "", "Access is denied.", ""), status=2)


@program(
    "net",
    "net1",
    mirrors="net start, net stop (Windows Commands, Microsoft Learn)",
    limits="every other command; net start without a name; stopping what others depend on without /y; other languages",
)
def net(call: ProgramCall) -> Ran:
    words = lower(call.arguments)
    agreed = "/y" in words or "/yes" in words
    names = [word for word in call.arguments[1:] if not word.startswith("/")]
    if len(names) != 1 or words[0] not in ("start", "stop"):
        raise refused(call, " ".join(call.arguments[:1]))
    english_only(call, "net")
    if not call.user.is_administrator:
        return _denied()
    services = call.host.services
    service = services.get(names[0]) or next(
        (one for one in services.all() if one.display_name.lower() == names[0].lower()), None
    )
    if service is None:
        return _help(2185, "The service name is invalid.")
    return _start(call, service) if words[0] == "start" else _stop(call, service, agreed)


def _start(call: ProgramCall, service: Service) -> Ran:
    if service.state != "stopped":
        return _help(2182, "The requested service has already been started.")
    try:
        call.host.services.start(service.name, service_control.obstacle(call.host))
    except ServiceRefused as refusal:
        if refusal.error == 1058:
            said = "The service cannot be started, either because it is disabled or because it has no enabled devices"
            text = [
                "System error 1058 has occurred.",
                "",
                f"{said} associated with it.",
                "",
            ]
            return Ran(stderr=lines(*text), status=2)
        raise refused(call, f"start of a service that fails with {refusal.error}") from refusal
    shown = f"The {service.display_name} service"
    return Ran(lines(f"{shown} is starting.", f"{shown} was started successfully.", ""))


def _stop(call: ProgramCall, service: Service, agreed: bool) -> Ran:
    if service.state == "stopped":
        return _help(3521, f"The {service.display_name} service is not started.")
    dependents = [one for one in call.host.services.dependents(service.name) if one.state != "stopped"]
    if dependents and not agreed:
        raise refused(call, "stop of a service that others depend on, without /y")
    said: list[str] = []
    for one in [*dependents, service]:
        if not one.stops:
            raise refused(call, f"stop of {one.name}, which does not stop")
    for one in [*dependents, service]:
        call.host.services.stop(one.name)
        shown = f"The {one.display_name} service"
        said += [f"{shown} is stopping.", f"{shown} was stopped successfully.", ""]
    return Ran(lines(*said))


#: The services that iisreset restarts, those first that are started first.
_INTERNET = ("WAS", "W3SVC", "IISADMIN")


@program(
    "iisreset",
    mirrors="IISReset command-line utility (Microsoft Learn)",
    limits="/reboot, /enable, /disable, other hosts; other languages",
)
def iisreset(call: ProgramCall) -> Ran:
    english_only(call, "iisreset")
    words = [word for word in lower(call.arguments) if word != "/noforce" and not word.startswith("/timeout:")]
    action = words[0] if words else "/restart"
    if len(words) > 1 or action not in ("/restart", "/start", "/stop", "/status"):
        raise refused(call, " ".join(call.arguments))
    services = [one for one in map(call.host.services.get, _INTERNET) if one is not None]
    if action == "/status":
        shown = [f"Status for {one.display_name} ( {one.name} ) : {STATES[one.state]}" for one in services]
        return Ran(lines(*shown))
    if not call.user.is_administrator:
        denied = (
            "Access denied, you must be an administrator of the remote computer to use this",
            "command. Either have your user account added to the administrator local group of",
            "the remote computer or to the domain administrator global group.",
        )
        return Ran(lines("", *denied), status=5)
    said = [""]
    if action in ("/restart", "/stop"):
        for one in reversed(services):
            call.host.services.stop(one.name)
        said += ["Attempting stop...", "Internet services successfully stopped"]
    if action in ("/restart", "/start"):
        for one in services:
            if one.start_mode != "disabled":
                call.host.services.start(one.name, service_control.obstacle(call.host))
        call.host.iis.started()
        done = "restarted" if action == "/restart" else "started"
        said += ["Attempting start...", f"Internet services successfully {done}"]
    return Ran(lines(*said))

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows service, and those that Windows itself has, out of data/services.yml."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import tables
from .fold import fold

if TYPE_CHECKING:
    from .identity import Identity

LOCAL_SYSTEM = "LocalSystem"

#: States in the words of CIM, and of programs whose texts are English everywhere.
STATES = {"stopped": "Stopped", "started": "Running", "paused": "Paused"}

#: Start modes with which a service starts without being asked.
AUTOMATIC = ("boot", "system", "auto", "delayed")

# Kinds of services, and their numbers in winnt.h.
OWN_PROCESS = "win32_own_process"
SHARE_PROCESS = "win32_share_process"
DRIVERS = ("kernel_driver", "file_system_driver")
TYPES = {
    "kernel_driver": 0x1,
    "file_system_driver": 0x2,
    OWN_PROCESS: 0x10,
    SHARE_PROCESS: 0x20,
    "user_own_process": 0x50,
    "user_share_process": 0x60,
}


@dataclass
class Service:
    """A service as the service control manager has it.

    Attributes:
        name: Its name, `W3SVC`.
        account: StartName: `LocalSystem`, `NT AUTHORITY\\NetworkService`, `CORP\\svc-ndes`.
        start_mode: `boot`, `system`, `auto`, `delayed`, `manual` or `disabled`.
        state: `stopped`, `started` or `paused`.
        depends: Names of the services that must run first; `+` and a name stands for a load order group.
        pauses: Whether it takes a request to pause while it runs.
        stops: Whether it takes a request to stop.
        own: Whether it is part of Windows: its program is there without the lab having its file.
        trigger: What a trigger does at boot whatever the start mode: `start`, `stop`, or "".
        nt_hash: NT hash of the password that was set for the account, hexadecimal; None if none ever was.
        actions: What follows a failure: kind (`none`, `reboot`, `restart`, `run_command`) and milliseconds.
    """

    name: str
    display_name: str
    path: str
    account: str = LOCAL_SYSTEM
    start_mode: str = "auto"
    state: str = "stopped"
    type: str = OWN_PROCESS
    interactive: bool = False
    description: str | None = None
    depends: list[str] = field(default_factory=list)
    error_control: str = "normal"
    load_order_group: str = ""
    sid_info: str = "none"
    protection: str = "none"
    required_privileges: list[str] = field(default_factory=list)
    pre_shutdown_timeout_ms: int = 180000
    actions: list[tuple[str, int]] = field(default_factory=list)
    actions_on_non_crash_failure: bool = False
    failure_command: str | None = None
    failure_reboot_msg: str | None = None
    failure_reset_period_sec: int = 0
    pauses: bool = False
    stops: bool = True
    own: bool = False
    trigger: str = ""
    process_id: int = 0
    win32_exit_code: int = 0
    nt_hash: str | None = field(default=None, repr=False)

    @property
    def is_driver(self) -> bool:
        return self.type in DRIVERS

    @property
    def label(self) -> str:
        """What PowerShell calls it in its messages: display name and name."""
        return f"{self.display_name} ({self.name})"

    @property
    def runs_after_boot(self) -> bool:
        """Whether a boot starts it: by its start mode, or by a trigger."""
        if self.start_mode == "disabled" or self.trigger == "stop":
            return False
        return self.trigger == "start" or self.start_mode in AUTOMATIC

    @property
    def controls(self) -> tuple[str, ...]:
        """What it accepts now, in the order of the bits of ControlsAccepted."""
        if self.state == "stopped":
            return ()
        accepted = {"stop": self.stops, "pause_continue": self.pauses, "shutdown": not self.is_driver}
        return tuple(name for name, does in accepted.items() if does)


def windows_service(identity: Identity, name: str) -> Service:
    """A service of Windows as it comes with its feature, or with Windows itself."""
    table = tables.load("services")
    for part in ("blank", "features"):
        for known, row in table[part].items():
            if fold(known) == fold(name):
                return _service(identity, known, row)
    raise KeyError(name)


def blank_services(identity: Identity) -> list[Service]:
    """The services and drivers of a fresh server."""
    table = tables.load("services")
    services = [
        _service(identity, name, row)
        for name, row in table["blank"].items()
        if identity.release in row.get("only", [identity.release])
    ]
    for name, row in table["drivers"].items():
        driver = _service(identity, name, {"type": "kernel_driver", "state": "started", **row})
        services.append(driver)
    return services


def _service(identity: Identity, name: str, row: dict[str, Any]) -> Service:
    names = row.get("names", {}).get(identity.release, row)
    display = names["display"]
    if identity.language == "sv-SE":
        display = names.get("sv", display)
    path, kind = row["path"], row.get("type", SHARE_PROCESS)
    in_svchost = path.startswith("svchost ")
    table = tables.load("services")
    if in_svchost:
        template = "svchost" if identity.release in ("2012r2", "2016") else "svchost_protected"
        path = table[template].format(group=path.removeprefix("svchost "))
    start = row["start"]
    state = row.get("state", "started" if start in AUTOMATIC else "stopped")
    trigger = {"started": "start", "stopped": "stop"}[row["state"]] if "state" in row else ""
    failure = row.get("failure_actions", {})
    return Service(
        name=name,
        display_name=display,
        path=path,
        account=row.get("account", "" if kind in DRIVERS else LOCAL_SYSTEM),
        start_mode=start,
        state=state,
        type=kind,
        interactive=row.get("interactive", False),
        description=row.get("description"),
        depends=list(row.get("depends", ())),
        sid_info=row.get("sid", "unrestricted" if in_svchost else "none"),
        protection=row.get("protection", "none"),
        pre_shutdown_timeout_ms=table["pre_shutdown_timeout"][identity.release],
        actions=[(kind, delay) for kind, delay in failure.get("actions", ())],
        failure_reset_period_sec=failure.get("reset", 0),
        pauses=row.get("pauses", False),
        stops=row.get("stops", True),
        own=True,
        trigger=trigger,
        win32_exit_code=0 if state == "started" else table["errors"]["never_started"],
    )

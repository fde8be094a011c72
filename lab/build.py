# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building the lab: what the supervisor's child does between `up` and ready."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import credentials, estate, kernel, machine, ready
from .children import Child
from .control import supervisor as ask
from .layout import Layout

if TYPE_CHECKING:
    from .certificates import Published

Tell = Callable[[str], None]


class Progress:
    """Says what is done and after how many seconds, and remembers how long each step took."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._begun = self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def done(self, step: str, text: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 2)
        self._last = now
        self._tell(f"{now - self._begun:5.1f} s  {text}")

    def total(self) -> float:
        return round(time.monotonic() - self._begun, 2)


def services(layout: Layout) -> dict[str, list[str]]:
    """The programs that the supervisor runs: a Samba per domain controller, and the Windows hosts in one process."""
    controllers = {
        host.name: ["samba", "--interactive", "--configfile", str(layout.smb_conf(host.name))]
        for host in estate.DOMAIN_CONTROLLERS
    }
    # Not -I, as for bin/lab itself: the project's environment is to be used, and nothing of the caller's is left.
    environment = [f"PYTHONPATH={machine.TOP}", f"PYTHONDONTWRITEBYTECODE={'1' if sys.dont_write_bytecode else ''}"]
    windows = ["env", *environment, str(machine.PYTHON), "-s", "-m", "lab.windows", str(layout.directory)]
    return {**controllers, "windows": windows}


def new_lab(layout: Layout, tell: Tell) -> dict[str, Any]:
    """Make everything anew. The Windows hosts start while the second domain controller joins.

    Returns:
        The content of lab.json.
    """
    progress = Progress(tell)
    passwords = credentials.new_passwords(layout)
    credentials.write_file(layout, passwords)
    for host in estate.DOMAIN_CONTROLLERS:
        _directories(layout, host.name)

    first, second = estate.DOMAIN_CONTROLLERS
    administrator = passwords[estate.ADMINISTRATOR]
    # A process each: the configuration that Samba loads is global to its process. The keys take the second processor.
    certificates = Child(_certificates, layout)
    from .forest import steps  # after that fork, before the others; the other commands of bin/lab do without Samba

    Child(steps.provision_forest, layout.smb_conf(first.name), administrator).result()
    progress.done("provision", f"forest {estate.DNS_DOMAIN} provisioned")
    published = certificates.result()
    progress.done("certificates", "root, issuing CA and certificates of the domain controllers made")
    Child(steps.seed_forest, layout.smb_conf(first.name), passwords, published, layout.members()).result()
    progress.done("seed", "hosts, people, certificate templates and CA objects written")
    _start(layout, first)
    progress.done("start", f"{first.name} answers")
    ask(layout, "start", "windows")
    Child(steps.join_forest, layout.smb_conf(second.name), administrator).result()
    progress.done("join", f"{second.name} joined and replicated")
    _start(layout, second)
    progress.done("start_second", f"{second.name} answers")
    Child(steps.begin_replication, layout.smb_conf(second.name), administrator).result()
    progress.done("replicate", "changes replicate both ways")
    ready.verify(layout, passwords["pkiadmin"])
    progress.done("verify", "both know all objects; Kerberos works")
    ready.wait_for_windows(layout)
    progress.done("windows", f"{len(layout.members())} simulated Windows hosts answer")
    return {**description(layout), "seconds": {**progress.seconds, "total": progress.total()}}


def restart(layout: Layout, tell: Tell) -> dict[str, Any]:
    """Start the servers of a lab that was built before."""
    progress = Progress(tell)
    for host in estate.DOMAIN_CONTROLLERS:
        ask(layout, "start", host.name)
    for host in estate.DOMAIN_CONTROLLERS:
        ready.wait_for(host)
        progress.done(host.name, f"{host.name} answers")
    ready.verify(layout, credentials.read_file(layout)["pkiadmin"])
    progress.done("verify", "both know all objects; Kerberos works")
    ask(layout, "start", "windows")
    ready.wait_for_windows(layout)
    progress.done("windows", f"{len(layout.members())} simulated Windows hosts answer")
    return {**layout.state(), **description(layout)}


def description(layout: Layout) -> dict[str, Any]:
    """What lab.json says about the lab; docs/lab.md explains it."""
    return {
        "domain": estate.DNS_DOMAIN,
        "realm": estate.REALM,
        "netbios_domain": estate.NETBIOS_DOMAIN,
        "certification_authority": estate.ISSUING_CA,
        "hosts": {
            host.name: {"fqdn": host.fqdn, "address": host.address, "group": host.group} for host in layout.hosts()
        },
        "inventory": str(layout.inventory),
        "credentials": str(layout.credentials),
        "root_certificate": str(layout.root_certificate),
        "servers": layout.state().get("servers", 0),
        "quick_boots": layout.quick_boots(),
        "network_namespace": kernel.network_namespace(),
    }


def _directories(layout: Layout, name: str) -> None:
    """What Samba expects to find and does not make itself."""
    home = layout.domain_controller(name)
    home.chmod(0o700)
    for directory in ("private", "state", "cache", "lock", "ncalrpc", "bind-dns"):
        (home / directory).mkdir(mode=0o700, exist_ok=True)


def _start(layout: Layout, host: estate.Host) -> None:
    ask(layout, "start", host.name)
    ready.wait_for(host)


def _certificates(layout: Layout) -> Published:
    from . import certificates

    return certificates.make(layout)

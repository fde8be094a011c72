# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots of a host: asked for, taken back, done.

Whoever serves a host over the network sets `host.on_reboot` and `host.on_abort`: a reboot is an outage then. Without
them (tests of the model alone) a host boots at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows import consequences

if TYPE_CHECKING:
    from lab.windows.host import Host

#: What the screen for logging on makes when it is about to be shown; win_reboot waits for it.
LOGON_SCREEN_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\AutoLogonChecked"


class AlreadyScheduled(Exception):  # noqa: N818
    """ERROR_SHUTDOWN_IS_SCHEDULED (1190)."""


def request(host: Host, seconds: float) -> None:
    """Ask for a reboot in so many seconds.

    Raises:
        AlreadyScheduled: There is one already.
    """
    if host.boot_scheduled:
        raise AlreadyScheduled
    if host.on_reboot is None:
        perform(host)
        return
    host.boot_scheduled = True
    host.on_reboot(seconds)


def abort(host: Host) -> bool:
    """Take a reboot back that was asked for; False if there is none, or it is too late."""
    if not host.boot_scheduled or host.on_abort is None or not host.on_abort():
        return False
    host.boot_scheduled = False
    return True


def perform(host: Host) -> None:
    """Boot now: what waited for it takes effect."""
    with host.lock:
        host.boot_scheduled = False
        consequences.boot(host)
        host.registry.create_key(LOGON_SCREEN_KEY)

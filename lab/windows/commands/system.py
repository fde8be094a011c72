# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hostname, gpupdate, shutdown, certutil -ping."""

from __future__ import annotations

from itertools import pairwise

from lab.windows import consequences, win32
from lab.windows.running import boot

from . import ProgramCall, Ran, program, refused
from .options import english_only, lines, lower


@program("hostname", mirrors="hostname (Windows Commands, Microsoft Learn)", limits="options")
def hostname(call: ProgramCall) -> Ran:
    if call.arguments:
        raise refused(call, " ".join(call.arguments))
    return Ran(lines(call.host.identity.computer))


@program(
    "gpupdate",
    mirrors="gpupdate (Windows Commands, Microsoft Learn)",
    limits="policies change nothing on a host of the lab; /logoff, /boot, /sync, /wait; other languages",
)
def gpupdate(call: ProgramCall) -> Ran:
    english_only(call, "gpupdate")
    words = lower(call.arguments)
    target = next((word.partition(":")[2] for word in words if word.startswith("/target:")), "")
    known = {"/force", "/target:computer", "/target:user"}
    if set(words) - known:
        raise refused(call, " ".join(call.arguments))
    said = [f"{one} Policy update has completed successfully." for one in ("Computer", "User")]
    shown = [line for line in said if not target or line.lower().startswith(target)]
    return Ran(lines("Updating policy...", "", *shown, ""))


#: What shutdown.exe says for the errors that it meets (FormatMessage).
SCHEDULED = 1190
NOTHING_TO_ABORT = 1116
_TEXTS = {
    SCHEDULED: "A system shutdown has already been scheduled.",
    NOTHING_TO_ABORT: "Unable to abort the system shutdown because no shutdown was in progress.",
}


def _failed(call: ProgramCall, code: int) -> Ran:
    if code == win32.ACCESS_DENIED:
        text = f"{win32.text(code, call.host.identity.language)}."
    else:
        english_only(call, "shutdown when it fails")
        text = _TEXTS[code]
    return Ran(stderr=lines(f"{text}({code})"), status=code)


@program(
    "shutdown",
    mirrors="shutdown (Windows Commands, Microsoft Learn); ansible.windows 3.8.0 plugin_utils/_reboot.py",
    checked_against=("tests/unit/lab/payload/test_actions.py",),
    limits="everything but /r and /a: a host that is switched off stays away",
)
def shutdown(call: ProgramCall) -> Ran:
    words = lower(call.arguments)
    seconds = 30.0
    # Options in any case, what follows them as it was written.
    rest = iter(zip(words, call.arguments, strict=True))
    actions: list[str] = []
    comment, reason = "", ""
    for word, _written in rest:
        if word in ("/r", "/a"):
            actions.append(word)
        elif word == "/t":
            text = next(rest, ("", ""))[1]
            if not text.isdigit():
                raise refused(call, f"/t {text}")
            seconds = float(text)
        elif word == "/c":
            comment = next(rest, ("", ""))[1]
        elif word == "/d":
            reason = next(rest, ("", ""))[1]
        elif word != "/f":
            raise refused(call, word)
    if len(actions) != 1:
        raise refused(call, " ".join(call.arguments))
    if not may_shut_down(call):
        return _failed(call, win32.ACCESS_DENIED)
    if actions == ["/a"]:
        return Ran() if boot.abort(call.host) else _failed(call, NOTHING_TO_ABORT)
    if not call.host.boot_scheduled and not reason:
        consequences.shutdown_requested(call.host, call.user, comment)
    if call.host.boot_scheduled:
        return _failed(call, SCHEDULED)
    consequences.shutdown_requested(call.host, call.user, _comment(call.arguments))
    boot.request(call.host, seconds)
    return Ran()


def _comment(arguments: tuple[str, ...]) -> str:
    """What stands behind /c, as it was written."""
    told = [after for before, after in pairwise(arguments) if before.lower() in ("/c", "-c")]
    return told[0] if told else ""


def may_shut_down(call: ProgramCall) -> bool:
    """Whether the caller holds the right to shut down a system that it is logged on to over the network."""
    right = "SeRemoteShutdownPrivilege" if call.user.logon_type == "network" else "SeShutdownPrivilege"
    return bool({call.user.sid, *call.user.groups}.intersection(call.host.rights.holders(right)))


@program(
    "certutil",
    mirrors="certutil -ping (Windows Commands, Microsoft Learn)",
    limits="every verb but -ping; -ping of a CA on another host; other languages",
)
def certutil(call: ProgramCall) -> Ran:
    words = lower(call.arguments)
    if words != ["/ping"]:
        raise refused(call, " ".join(call.arguments))
    english_only(call, "certutil")
    service = call.host.services.get("CertSvc")
    if service is None:
        code = 0x80070103
        said = [
            f"CertUtil: -ping command FAILED: 0x{code:08x} (WIN32: 259 ERROR_NO_MORE_ITEMS)",
            "CertUtil: No more data is available.",
        ]
        return Ran(lines(*said), status=code)
    name = authority(call)
    config = f"{call.host.identity.fqdn}\\{name}"
    if service.state != "started":
        code = 0x800706BA
        error = f"0x{code:08x} (WIN32: 1722 RPC_S_SERVER_UNAVAILABLE)"
        said = [
            f"Connecting to {config} ...",
            f"Server could not be reached: The RPC server is unavailable. {error}",
            "",
            f"CertUtil: -ping command FAILED: {error}",
            "CertUtil: The RPC server is unavailable.",
        ]
        return Ran(lines(*said), status=code)
    alive = f'Server "{name}" ICertRequest2 interface is alive (0ms)'
    return Ran(lines(f"Connecting to {config} ...", alive, "CertUtil: -ping command completed successfully."))


def authority(call: ProgramCall) -> str:
    """Name of the CA of this host."""
    value = call.host.registry.get(r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration", "Active")
    if value is None:
        raise refused(call, "-ping on a host whose CA has no name in the registry")
    return str(value.data)

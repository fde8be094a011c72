# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of bin/lab."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import control, estate, kernel, lifecycle, machine, ready
from .layout import LabError, Layout
from .windows.identity import EDITIONS, LANGUAGES, RELEASES

TOP = Path(__file__).resolve().parent.parent

#: What `status` ends with when the lab does not run, as `systemctl status` does.
NOT_RUNNING = 3

#: The hosts that are Samba, by name.
CONTROLLERS = [host.name for host in estate.DOMAIN_CONTROLLERS]

#: The process that simulates the Windows hosts, all of them.
WINDOWS = "windows"

NAMES = f"a host, or {WINDOWS} for all Windows hosts"

Command = Callable[[Layout, argparse.Namespace], int]


def main() -> int:
    """Run the command; return the exit status."""
    arguments = _parser().parse_args()
    layout = Layout(Path(arguments.dir or os.environ.get("LAB_DIR") or TOP / "build" / "lab"))
    command: Command = arguments.function
    try:
        machine.require_root()
        return command(layout, arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="A rehearsal forest with AD CS objects; see docs/lab.md.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", help="the lab's directory (default: $LAB_DIR, else build/lab of the checkout)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Command, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(function=function)
        return added

    starting = add("up", up, "start the lab; nothing to do if it runs")
    starting.add_argument(
        "--quick-boots",
        action="store_true",
        help="let Windows hosts boot between two connections, which saves what a client waits for a host that is away",
    )
    starting.add_argument(
        "--hosts",
        type=_servers,
        default=0,
        metavar="N",
        help=f"member servers beyond {', '.join(host.name for host in estate.MEMBERS)} (0 to {estate.MOST_SERVERS})",
    )
    add("down", down, "end the lab and remove its directory").add_argument(
        "--keep", action="store_true", help="keep the directory: the next `up` starts the same forest"
    )
    add("status", status, f"say what runs; exit status {NOT_RUNNING} if the lab does not")
    add("exec", execute, "run a command where the lab's names and network are visible").add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="-- COMMAND ..."
    )
    add("stop", stop, "switch a host off, to rehearse its loss").add_argument("name", help=NAMES)
    add("start", start, "switch a host on again").add_argument("name", help=NAMES)
    add(
        "logs", logs, "print the log of a domain controller, of the Windows hosts, or of building the lab"
    ).add_argument("name", choices=[*CONTROLLERS, WINDOWS, "lab"])
    _add_windows(add)
    return parser


def _add_windows(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """The commands for the simulated Windows hosts."""
    shown = add("state", state, "print the state of a Windows host, or a part of it, as JSON")
    shown.add_argument("name")
    shown.add_argument("pointer", nargs="?", default="", metavar="PATH", help="JSON Pointer, such as /features")
    made = add("reset", reset, "make a Windows host a blank member server again")
    made.add_argument("name")
    made.add_argument("--release", choices=RELEASES, help="default: 2022")
    made.add_argument("--language", choices=LANGUAGES, help="default: en-US")
    made.add_argument("--edition", choices=EDITIONS, help="default: desktop")
    ordered = add("trouble", trouble, "order faults of a Windows host's WinRM; docs/lab.md has what there is")
    ordered.add_argument("name")
    ordered.add_argument("trouble", type=json.loads, metavar="JSON", help="{} takes all back")
    add("traffic", traffic, "print what the WinRM of a Windows host has counted, as JSON").add_argument("name")


def _servers(text: str) -> int:
    number = int(text)
    if not 0 <= number <= estate.MOST_SERVERS:
        raise argparse.ArgumentTypeError(f"0 to {estate.MOST_SERVERS}")
    return number


def _say(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever read has gone (`bin/lab up | head`). The work goes on, and the rest is said to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def up(layout: Layout, arguments: argparse.Namespace) -> int:
    machine.require_packages()
    begun = time.monotonic()
    lifecycle.up(layout, _say, arguments.hosts, quick_boots=arguments.quick_boots)
    _say(f"Ready after {time.monotonic() - begun:.1f} s.")
    _say(f"Inventory:   {layout.inventory}")
    _say(f"Credentials: {layout.credentials}")
    return 0


def down(layout: Layout, arguments: argparse.Namespace) -> int:
    if not layout.directory.is_dir():
        _say(f"There is no lab in {layout.directory}.")
        return 0
    lifecycle.down(layout, keep=arguments.keep)
    _say(f"The lab in {layout.directory} is {'stopped' if arguments.keep else 'gone'}.")
    return 0


def status(layout: Layout, _arguments: argparse.Namespace) -> int:
    pid = layout.supervisor()
    state = layout.state().get("state")
    if pid is None or state != "ready":
        known = {None: "no lab here", "ready": "stopped", "building": "half-built" if pid is None else "being built"}
        _say(f"{layout.directory}: {known.get(state, state)}")
        return NOT_RUNNING
    _say(f"{layout.directory}: runs, process {pid}")
    services = control.supervisor(layout, "status")["services"]
    for name, service in services.items():
        if service["running"]:
            _say(f"{name}: runs")
        else:
            _say(f"{name}: stopped, exit status {service['exit_status']}")
    if services["windows"]["running"]:
        for name, server in control.windows(layout, "status")["servers"].items():
            what = f"Windows Server {server['release']}, {server['language']}, {server['edition']}, simulated"
            _say(f"{name}: {'runs' if server['answers'] else 'does not answer'} ({what})")
    return 0


def execute(layout: Layout, arguments: argparse.Namespace) -> int:
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        raise LabError("Name a command: bin/lab exec -- COMMAND ...", 2)
    kernel.enter(layout.running())
    os.environ["LAB_DIR"] = str(layout.directory)
    os.environ["KRB5_CONFIG"] = str(layout.krb5_conf)
    try:
        # In place of this process: signals, terminal, standard streams and exit status need no passing on.
        os.execvp(argv[0], argv)
    except OSError as error:
        # The statuses that shells give for a command that is not there or cannot be run.
        raise LabError(f"{argv[0]}: {error.strerror}", 127 if isinstance(error, FileNotFoundError) else 126) from error


def stop(layout: Layout, arguments: argparse.Namespace) -> int:
    layout.running()
    if arguments.name in (*CONTROLLERS, WINDOWS):
        control.supervisor(layout, "stop", arguments.name)
    else:
        control.windows(layout, "stop", host=_windows(layout, arguments.name))
    _say(f"{arguments.name} is stopped.")
    return 0


def start(layout: Layout, arguments: argparse.Namespace) -> int:
    pid = layout.running()
    if arguments.name in CONTROLLERS:
        kernel.enter(pid)
        control.supervisor(layout, "start", arguments.name)
        ready.wait_for(next(host for host in estate.DOMAIN_CONTROLLERS if host.name == arguments.name))
    elif arguments.name == WINDOWS:
        control.supervisor(layout, "start", WINDOWS)
        ready.wait_for_windows(layout)
    else:
        control.windows(layout, "start", host=_windows(layout, arguments.name))
    _say(f"{arguments.name} answers.")
    return 0


def _windows(layout: Layout, name: str) -> str:
    """The name of a Windows host; LabError for every other."""
    layout.running()
    names = [host.name for host in layout.members()]
    if name not in names:
        raise LabError(f"There is no Windows host {name} in this lab. There are: {', '.join(names)}.", 2)
    return name


def state(layout: Layout, arguments: argparse.Namespace) -> int:
    answer = control.windows(layout, "state", host=_windows(layout, arguments.name), pointer=arguments.pointer)
    _say(json.dumps(answer["value"], indent=2, ensure_ascii=False, sort_keys=True))
    return 0


def reset(layout: Layout, arguments: argparse.Namespace) -> int:
    shape = {"release": arguments.release, "language": arguments.language, "edition": arguments.edition}
    control.windows(layout, "reset", host=_windows(layout, arguments.name), **shape)
    _say(f"{arguments.name} is a blank member server.")
    return 0


def trouble(layout: Layout, arguments: argparse.Namespace) -> int:
    control.windows(layout, "trouble", host=_windows(layout, arguments.name), trouble=arguments.trouble)
    return 0


def traffic(layout: Layout, arguments: argparse.Namespace) -> int:
    answer = control.windows(layout, "traffic", host=_windows(layout, arguments.name))
    _say(json.dumps(answer["traffic"], indent=2, sort_keys=True))
    return 0


def logs(layout: Layout, arguments: argparse.Namespace) -> int:
    try:
        sys.stdout.write(layout.log(arguments.name).read_text(errors="replace"))
    except FileNotFoundError as error:
        raise LabError(f"There is no log of {arguments.name} in {layout.logs}.") from error
    return 0

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of bin/lab."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from . import build, configuration, estate, inventory, kernel, supervisor
from .layout import FORMAT, LabError, Layout, wait_until

TOP = Path(__file__).resolve().parent.parent
PACKAGES = Path(__file__).with_name("packages.txt")

#: By which program or Python module a package of packages.txt is recognised as present.
PROGRAMS = {
    "bind9-dnsutils": "dig",
    "iproute2": "ip",
    "krb5-user": "kinit",
    "ldap-utils": "ldapsearch",
    "ldb-tools": "ldbsearch",
    "samba": "samba",
}
MODULES = {"python3-cryptography": "cryptography", "python3-samba": "samba", "python3-yaml": "yaml"}
FILES = {
    "samba-ad-provision": "/usr/share/samba/setup/provision.ldif",
    "samba-dsdb-modules": "/usr/lib/*/samba/ldb/samba_dsdb.so",
    "libsasl2-modules-gssapi-mit": "/usr/lib/*/sasl2/libgssapiv2.so",
}


def main() -> int:
    arguments = _parser().parse_args()
    layout = Layout(Path(arguments.dir or os.environ.get("LAB_DIR") or TOP / "build" / "lab"))
    try:
        return int(arguments.function(layout, arguments))
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

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(function=function)
        return added

    command("up", up, "start the lab; nothing to do if it runs")
    down_parser = command("down", down, "stop the lab and remove its directory")
    down_parser.add_argument("--keep", action="store_true", help="keep the directory; `up` starts the same forest")
    command("status", status, "say what runs; exit status 3 if the lab does not")
    run_parser = command("exec", execute, "run a command where the lab's names and network are visible")
    run_parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- COMMAND ...")
    names = [host.name for host in estate.DOMAIN_CONTROLLERS]
    for name, function, text in (
        ("stop", stop, "stop a domain controller, to rehearse fail-over"),
        ("start", start, "start a stopped domain controller"),
        ("logs", logs, "print a log"),
    ):
        choices = [*names, "lab"] if name == "logs" else names
        command(name, function, text).add_argument("name", choices=choices)
    return parser


# What must be there


def require_root() -> None:
    if os.geteuid() != 0:
        raise LabError(
            "The lab needs root: it makes network and mount namespaces of its own and runs domain controllers in "
            "them, which use ports below 1024. Nothing outside of them is changed. Run it as: "
            f"sudo {' '.join(sys.argv)}",
            2,
        )


def require_packages() -> None:
    wanted = [line for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    missing = [package for package in wanted if not _present(package)]
    if missing:
        raise LabError(
            f"Packages are missing: {', '.join(missing)}. Install them with: apt-get install {' '.join(missing)}", 2
        )


def _present(package: str) -> bool:
    if package in PROGRAMS:
        path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
        return shutil.which(PROGRAMS[package], path=path) is not None
    if package in MODULES:
        return find_spec(MODULES[package]) is not None
    return any(Path("/").glob(FILES[package].lstrip("/")))


# The commands


def up(layout: Layout, _arguments: argparse.Namespace) -> int:
    require_root()
    require_packages()
    os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    layout.check()
    begun = time.monotonic()
    with layout.locked():
        state = layout.state()
        pid = layout.supervisor()
        if pid is not None and state.get("state") != "ready":
            # Its `up` was killed and it is about to end by itself; a stuck one is ended.
            if not wait_until(lambda: layout.supervisor() is None, supervisor.PATIENCE):
                _kill(layout, pid)
            pid = None
        if pid is not None:
            print("The lab runs already.")
        else:
            _start(layout, state)
    print(f"Ready after {time.monotonic() - begun:.1f} s.")
    print(f"Inventory:   {layout.inventory}")
    print(f"Credentials: {layout.credentials}")
    return 0


def _start(layout: Layout, state: dict[str, object]) -> None:
    _end_strays(layout, state)
    again = state.get("state") == "ready"
    if again and state.get("format") != FORMAT:
        raise LabError(
            f"{layout.directory} was made by another version of bin/lab. Remove it with: "
            f"bin/lab down --dir {layout.directory}",
            2,
        )
    if not again:
        layout.clear()
        layout.directory.chmod(0o700)
        supervisor.mark(layout, "building")
    print(f"{'Starting' if again else 'Building'} the lab in {layout.directory}", flush=True)
    configuration.write_all(layout)
    inventory.write_inventory(layout)
    reader = supervisor.launch(layout, build.services(layout), build.restart if again else build.new_lab)
    ended = "the supervisor was killed"
    with os.fdopen(reader, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("+"):
                print(line[1:], end="", flush=True)
            elif line.startswith("="):
                return
            elif line.startswith("!"):
                ended = line[1:].strip()
                break
    raise LabError(f"The lab did not come up: {ended}. Details: {layout.log('lab')}")


def down(layout: Layout, arguments: argparse.Namespace) -> int:
    require_root()
    if not layout.directory.exists():
        print(f"There is no lab in {layout.directory}.")
        return 0
    if not layout.state_file.exists() and any(layout.directory.iterdir()):
        raise LabError(f"{layout.directory} has files in it and is no lab (it has no lab.json); left alone.", 2)
    state = layout.state()
    with contextlib.suppress(OSError):
        if state.get("network_namespace") == kernel.network_namespace():
            raise LabError("This process is inside the lab; run down outside of it.", 2)
    with layout.locked():
        pid = layout.supervisor()
        if pid is not None:
            _end(layout, pid, signal.SIGTERM if arguments.keep else signal.SIGKILL)
        _end_strays(layout, state)
        if not arguments.keep:
            layout.clear()
            layout.directory.rmdir()
    print(f"The lab in {layout.directory} is {'stopped' if arguments.keep else 'gone'}.")
    return 0


def _kill(layout: Layout, pid: int) -> None:
    _end(layout, pid, signal.SIGKILL)


def _end(layout: Layout, pid: int, number: int) -> None:
    for attempt in (number, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, attempt)
        if wait_until(lambda: layout.supervisor() is None, 3 * supervisor.PATIENCE):
            return
    raise LabError(f"The supervisor, process {pid}, does not end.")


def _end_strays(layout: Layout, state: dict[str, object]) -> None:
    """End what bin/lab exec started and left behind: it would keep the network alive.

    A process counts if it is in the lab's network namespace and has the lab's LAB_DIR: the number of a namespace
    that is gone may have been given to another.
    """
    namespace = state.get("network_namespace")
    if namespace is None:
        return
    marker = f"LAB_DIR={layout.directory}".encode()

    def strays() -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if kernel.network_namespace(path.name) == namespace and marker in (path / "environ").read_bytes().split(
                    b"\0"
                ):
                    found.append(int(path.name))
        return found

    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in strays():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not strays(), 2):
            return


def status(layout: Layout, _arguments: argparse.Namespace) -> int:
    require_root()
    pid = layout.supervisor()
    state = layout.state().get("state")
    if pid is None or state != "ready":
        words = {None: "no lab here", "ready": "stopped", "building": "being built" if pid else "half-built"}
        print(f"{layout.directory}: {words.get(state, state)}")
        return 3
    print(f"{layout.directory}: running, supervisor is process {pid}")
    for name, service in supervisor.ask(layout, "status")["services"].items():
        ended = "" if service["exit_status"] is None else f" (exit status {service['exit_status']})"
        print(f"{name}: {'running' if service['running'] else 'stopped' + ended}")
    return 0


def execute(layout: Layout, arguments: argparse.Namespace) -> int:
    require_root()
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        raise LabError("Name a command: bin/lab exec -- COMMAND ...", 2)
    kernel.enter(layout.running())
    os.environ["LAB_DIR"] = str(layout.directory)
    os.environ["KRB5_CONFIG"] = str(layout.krb5_conf)
    sys.stdout.flush()
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        # The statuses that shells give for a command that is not there or cannot be run.
        raise LabError(f"{argv[0]}: {error.strerror}", 127 if isinstance(error, FileNotFoundError) else 126) from error


def stop(layout: Layout, arguments: argparse.Namespace) -> int:
    require_root()
    layout.running()
    supervisor.ask(layout, "stop", arguments.name)
    print(f"{arguments.name} is stopped.")
    return 0


def start(layout: Layout, arguments: argparse.Namespace) -> int:
    require_root()
    pid = layout.running()
    supervisor.ask(layout, "start", arguments.name)
    kernel.enter(pid)
    build.wait_for(next(host for host in estate.DOMAIN_CONTROLLERS if host.name == arguments.name))
    print(f"{arguments.name} answers.")
    return 0


def logs(layout: Layout, arguments: argparse.Namespace) -> int:
    require_root()
    try:
        sys.stdout.write(layout.log(arguments.name).read_text(errors="replace"))
    except FileNotFoundError as error:
        raise LabError(f"There is no log of {arguments.name} in {layout.logs}.") from error
    return 0

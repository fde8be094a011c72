# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are in no output, difference, log, core file, process table or file, whatever succeeds or fails.

The secrets are those of this lab, random strings of which there is one each: the password of the connection, that of
the account that site.yml makes, a wrong one, the key of a keytab, and the inside of a ticket.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import secrets
import signal
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tools.tree import TOP

from .conftest import WISHES
from .hunt import Hunt, forms
from .runs import Call, Fault, run

if t.TYPE_CHECKING:
    from ..conftest import Lab
    from .conftest import Controllers, Recorded
    from .forest import Dump, Forest
    from .runs import Playbooks

PLAYS = ("site", "audit", "delegate", "remove")
PR_GET_DUMPABLE = 3


@pytest.fixture(scope="module")
def wrong() -> str:
    return f"Wrong-{secrets.token_urlsafe(16)}"


@pytest.fixture(scope="module")
def keytab(lab: Lab, home: Path) -> tuple[Path, bytes]:
    """A keytab of the administrator, and its key."""
    account = lab.credentials["accounts"]["pkiadmin"]
    path = home / "keytabs" / "pkiadmin.keytab"
    path.parent.mkdir(exist_ok=True)
    entry = f"addent -password -p {account['username']} -k 1 -e aes256-cts-hmac-sha1-96"
    commands = f"{entry}\n{account['password']}\nwkt {path}\n"
    subprocess.run(["ktutil"], input=commands, text=True, check=True, capture_output=True)
    # The key is the end of the one entry, before the 32 bits of the number.
    return path, path.read_bytes()[-36:-4]


@pytest.fixture(scope="module")
def cache(lab: Lab, home: Path) -> tuple[Path, bytes]:
    """A credential cache of the administrator, and what stands in the middle of its ticket."""
    account = lab.credentials["accounts"]["pkiadmin"]
    path = home / "keytabs" / "cache"
    path.parent.mkdir(exist_ok=True)
    command = ["kinit", "-c", f"FILE:{path}", account["username"]]
    subprocess.run(command, input=account["password"], text=True, check=True, capture_output=True)
    content = path.read_bytes()
    return path, content[len(content) // 2 :][:24]


@pytest.fixture(scope="module")
def hunt(lab: Lab, wrong: str, keytab: tuple[Path, bytes], cache: tuple[Path, bytes]) -> Hunt:
    known = lab.credentials
    return Hunt(
        {
            "password of the connection": known["accounts"]["pkiadmin"]["password"],
            "password of the new account": known["planned"]["svc-scep"]["password"],
            "wrong password": wrong,
            "key of the keytab": keytab[1],
            "ticket": cache[1],
        }
    )


# The control


@pytest.mark.parametrize("secret", ["Aa1-0123456789abcdefghij", "å1-Höst/2026+fjäll=vid?havet"])
def test_the_hunt_finds_what_is_planted(tmp_path: Path, secret: str) -> None:
    hunt = Hunt({"planted": secret.encode("latin-1")})
    for form, text in forms(secret.encode("latin-1")).items():
        (tmp_path / "file").write_bytes(b"before " + text + b" after")
        assert f"planted ({form})" in str(hunt.in_files(tmp_path)), form
    command = [sys.executable, "-c", "import time; time.sleep(1)"]
    with hunt.in_processes() as found:
        subprocess.run([*command, secret.encode("latin-1")], check=True)
    assert any(line.startswith("cmdline of python") for line in found)
    with hunt.in_processes() as found:
        subprocess.run(command, env={b"PLANTED": secret.encode("latin-1")}, check=True)
    assert any(line.startswith("environ of python") for line in found)
    assert Hunt({"another": "Aa1-jihgfedcba9876543210"}).in_files(tmp_path) == []


# Plays


def test_plays_with_all_that_ansible_can_write(
    lab: Lab, home: Path, playbooks: Playbooks, hunt: Hunt, wrong: str, fresh: Dump
) -> None:
    """Every play at -vvvv with differences, a log, its temporary files kept, and the results written as files."""
    kept = home / "kept"
    failing = home / "failing.yml"
    failing.write_text(yaml.safe_dump([failing_play()], sort_keys=False))
    environment = {
        "ANSIBLE_LOG_PATH": str(kept / "log"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        # By itself below the home directory that the password database names, whatever HOME says.
        "ANSIBLE_REMOTE_TEMP": str(home / ".ansible" / "tmp"),
        "ANSIBLE_CALLBACKS_ENABLED": "moments,ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(kept / "tree"),
        "JUNIT_OUTPUT_DIR": str(kept / "junit"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(kept / "facts"),
    }
    kept.mkdir()
    others = [str(TOP / "playbooks" / f"{name}.yml") for name in PLAYS[1:]]
    options = ["-vvvv", "--diff", "-e", "remove_confirmation=corp.example"]
    with hunt.in_processes() as found:
        done = playbooks.run(
            "playbooks/site.yml",
            str(failing),
            *others,
            *options,
            wishes={**WISHES, "wrong_password": wrong},
            environment=environment,
        )
    assert done.status == 0, done.output
    assert {call.module for call in done.calls} >= {"certificate_template", "service_account", "pki_audit_info"}
    assert (kept / "log").stat().st_size > 100_000
    assert list((kept / "tree").iterdir())
    assert list((kept / "junit").iterdir())
    found += hunt.in_text("output", done.output)
    found += hunt.in_files(home)
    found += hunt.in_files(lab.dir / "log")
    allowed = [line for line in found if is_ansible_own(line, home)]
    assert set(found) - set(allowed) - set(of_the_test(found, home)) == set()
    # What is let pass is there, or else the hunt did not look.
    assert allowed


def is_ansible_own(line: str, home: Path) -> bool:
    """With ANSIBLE_KEEP_REMOTE_FILES Ansible keeps the programs that it sends, which contain the arguments of a module.

    Without it they are removed after the task; with pipelining there are none.
    """
    path = Path(line.rpartition(": ")[0])
    if not path.is_relative_to(home / ".ansible" / "tmp") or not path.name.startswith("AnsiballZ_"):
        return False
    return not stat.S_IMODE(path.parent.stat().st_mode) & 0o077


def of_the_test(found: t.Iterable[str], home: Path) -> list[str]:
    """What this test itself wrote: the keytab and the cache."""
    return [line for line in found if line.startswith(f"{home}/keytabs/")]


def failing_play() -> dict[str, t.Any]:
    """Each module with a password that is wrong, with an option that there is not, and with a server that is not.

    The passwords are variables, as everywhere. What stands in a playbook itself is no secret to Ansible: its callback
    junit, for one, writes the arguments of tasks down (hide_task_arguments).
    """
    modules: dict[str, dict[str, t.Any]] = {
        "certificate_template": {"name": "SecretsHunt", "duplicate_of": "User"},
        "certificate_template_info": {},
        "certification_authority_info": {},
        "template_publication": {"certification_authority": "CORP Issuing CA 1", "templates": {"add": ["User"]}},
        "service_account": {"name": "svc-hunt", "password": "{{ wrong_password }}"},
        "service_principal_name": {"name": "svc-ndes", "service_principal_names": {"add": ["http/hunt.example"]}},
        "pki_delegation": {"principal": "PKI Operators", "tasks": ["templates"]},
        "pki_audit_info": {},
    }
    rows: list[dict[str, t.Any]] = [
        {"domain_password": "{{ wrong_password }}"},
        {"colour": "{{ domain_password }}"},
        {"domain_server": ["controller.corp.example"], "domain_timeout": 2},
        {"domain_username": "{{ domain_password }}"},
    ]
    tasks = [
        {
            "name": f"{module} {number}",
            f"certops.intune.{module}": {**arguments, **row},
            "ignore_errors": True,
            "register": "failed_one",
        }
        for module, arguments in modules.items()
        for number, row in enumerate(rows[:1] if module not in FAILING else rows)
    ]
    return {
        "hosts": "directory",
        "gather_facts": False,
        "module_defaults": {"group/certops.intune.directory": "{{ intune_directory }}"},
        "tasks": tasks,
    }


#: The modules that fail in every way in a play; the others do in the processes of test_every_module_failing.
FAILING = ("service_account",)


def test_exception_inside_of_a_module(home: Path, playbooks: Playbooks, hunt: Hunt, fresh: Dump) -> None:
    """A defect: Ansible shows the traceback, which has no values."""
    fault = {"at": 1, "when": "before", "command": ["false"]}
    done = playbooks.run("playbooks/site.yml", "-vvvv", wishes=WISHES, fault=fault)
    assert done.status == 2
    assert "returned non-zero exit status 1" in done.output
    assert hunt.in_text("output", done.output) == []


# Modules in every way in which they can fail


def test_every_module_failing(
    home: Path,
    hunt: Hunt,
    wrong: str,
    recorded: Recorded,
    lab: Lab,
    keytab: tuple[Path, bytes],
    cache: tuple[Path, bytes],
) -> None:
    calls = {call.module: call for call in (*recorded.site, *recorded.delegate)}
    calls |= {
        name: Call(name, dict(calls["certificate_template"].arguments))
        for name in ("certificate_template_info", "certification_authority_info", "pki_audit_info")
    }
    connection = {name: calls["certificate_template"].arguments[name] for name in ("domain",)}
    found, failed = [], 0
    for module, call in calls.items():
        own = {} if module.endswith("_info") else call.arguments
        without = {key: value for key, value in own.items() if not key.startswith("domain")}
        name, password = (call.arguments[key] for key in ("domain_username", "domain_password"))
        simple = {"domain_auth": "simple", "domain_username": name, "domain_password": wrong}
        rows: dict[str, dict[str, t.Any]] = {
            "wrong password": {"domain_username": name, "domain_password": wrong},
            "password for a name": {"domain_username": password, "domain_password": password},
            "password as an option": {"domain_username": name, "domain_password": password, "colour": password},
            "simple": {**simple, "domain_ca_certificates": str(lab.dir / "ca" / "root.pem")},
            "simple without TLS": {**simple, "domain_tls": "none"},
            "no server": {
                "domain_username": name,
                "domain_password": password,
                "domain_server": ["controller.corp.example"],
                "domain_timeout": 2,
            },
            "keytab": {"domain_username": name, "domain_keytab": str(keytab[0]), "domain_server": ["nowhere"]},
            "cache": {"domain_ccache": f"FILE:{cache[0]}", "domain_server": ["controller.corp.example"]},
        }
        for row, options in rows.items():
            ended = run(Call(module, {**without, **connection, **options}), home)
            failed += ended.failed
            found += hunt.in_text(f"{module}, {row}", json.dumps(ended.whole))
    assert found == []
    assert failed == len(calls) * 8


def test_lost_domain_controller(
    home: Path, hunt: Hunt, recorded: Recorded, controllers: Controllers, forest: Forest
) -> None:
    """The write that carries the new password is lost on the way."""
    call = next(call for call in recorded.site if call.module == "service_account")
    try:
        ended = run(call, home, Fault(1, "before", lambda: controllers("stop", "dc1"), answer_lost=True))
    finally:
        controllers("start", "dc1")
    assert ended.failed
    assert hunt.in_text("result", json.dumps(ended.whole)) == []


# The memory of a module


def test_no_core_file(home: Path, hunt: Hunt, recorded: Recorded, tmp_path: Path) -> None:
    """A module that crashes while it has the passwords leaves no image of its memory; a process as such does."""

    def crash() -> t.NoReturn:
        os.chdir(tmp_path)
        dumpable = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
        (tmp_path / "state").write_text(f"{dumpable} {resource.getrlimit(resource.RLIMIT_CORE)[0]}")
        os.kill(os.getpid(), signal.SIGABRT)
        raise AssertionError

    before = resource.getrlimit(resource.RLIMIT_CORE)
    assert before[1] == resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        call = next(call for call in recorded.site if call.module == "service_account")
        ended = run(call, home, Fault(1, "before", crash))
        assert ended.result is None
        assert (tmp_path / "state").read_text() == "0 0"
        assert [path.name for path in tmp_path.iterdir()] == ["state"]
        if not Path("/proc/sys/kernel/core_pattern").read_text().startswith("|"):
            control = tmp_path / "control"
            control.mkdir()
            program = "import os, sys; secret = sys.stdin.read(); os.abort()"
            secret = call.arguments["domain_password"]
            subprocess.run([sys.executable, "-c", program], input=secret, text=True, cwd=control, check=False)
            assert "password of the connection (plain)" in str(hunt.in_files(control))
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)

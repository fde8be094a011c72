# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as Ansible runs them, in this process: arguments through their specification in, the printed JSON out."""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import subprocess
import tempfile
import typing as t
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible.module_utils.common.warnings import _global_warnings
from ansible.module_utils.testing import patch_module_args

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

Result: t.TypeAlias = dict[str, t.Any]
AUTHORITY = "CORP Issuing CA 1"
SERVICES = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"


@dataclass
class Modules:
    """The collection's modules with the connection of one account."""

    connection: dict[str, t.Any] = field(repr=False)
    templates: list[str] = field(default_factory=list)

    def run(self, module: str, *, check: bool = False, **arguments: t.Any) -> Result:
        """The result of the module, failed or not, with C(warnings) always there."""
        given = {
            **self.connection,
            **arguments,
            "_ansible_check_mode": check,
            "_ansible_diff": True,
            "_ansible_remote_tmp": tempfile.gettempdir(),
        }
        main = importlib.import_module(f"ansible_collections.certops.intune.plugins.modules.{module}").main
        printed = io.StringIO()
        # A module is a process of its own for Ansible; here the one before it has left its warnings.
        _global_warnings.clear()
        with patch_module_args(given), contextlib.redirect_stdout(printed), pytest.raises(SystemExit):
            main()
        result: Result = json.loads(printed.getvalue())
        return {"failed": False, "warnings": [], **result}

    def template(self, name: str, *, check: bool = False, **options: t.Any) -> Result:
        if name not in self.templates and not check:
            self.templates.append(name)
        return self.run("certificate_template", check=check, name=name, **options)

    def remove_all(self) -> None:
        for name in reversed(self.templates):
            self.run("certificate_template", name=name, state="absent")


def connection(lab: Lab, account: str) -> dict[str, t.Any]:
    known = lab.credentials
    return {
        "domain": known["domain"],
        "domain_username": f"{account}@{known['domain'].upper()}",
        "domain_password": known["accounts"][account]["password"],
    }


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test alone: backups go there unless the test says otherwise."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def modules(lab: Lab) -> Iterator[Modules]:
    """Modules run as the PKI administrator; the templates that a test made are removed after it."""
    made = Modules(connection(lab, "pkiadmin"))
    yield made
    made.remove_all()


@pytest.fixture
def name() -> str:
    """A template name of this test alone."""
    return f"T{uuid.uuid4().hex[:12]}"


class Ldapsearch:
    """The directory as OpenLDAP's client shows it: no code of the collection takes part."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __call__(self, base: str, text: str, *attributes: str, scope: str = "sub") -> dict[str, dict[str, list[bytes]]]:
        """DN to attribute to values."""
        command = [
            "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-H", f"ldaps://dc1.{self.lab.credentials['domain']}",
            "-x", "-D", f"pkiadmin@{self.lab.credentials['domain']}", "-y", "/dev/stdin",
            "-E", "!1.2.840.113556.1.4.801=::MAMCAQc=", "-b", base, "-s", scope, text, *attributes,
        ]  # fmt: skip
        done = subprocess.run(
            command,
            input=self.lab.credentials["accounts"]["pkiadmin"]["password"].encode(),
            capture_output=True,
            check=False,
            env={"LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode in (0, 32), done.stderr.decode()
        return parse_ldif(done.stdout.decode())


def parse_ldif(text: str) -> dict[str, dict[str, list[bytes]]]:
    """Entries of an unwrapped LDIF (RFC 2849) without change records."""
    entries: dict[str, dict[str, list[bytes]]] = {}
    current: dict[str, list[bytes]] = {}
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        value = base64.b64decode(rest[1:]) if rest.startswith(":") else rest.strip().encode()
        if name == "dn":
            current = entries.setdefault(value.decode(), {})
        else:
            current.setdefault(name, []).append(value)
    return entries


class Ldapmodify:
    """Another tool that writes: OpenLDAP's client, as the PKI administrator."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __call__(self, records: str, *options: str) -> str:
        """Carry out change records. What it printed."""
        password = self.lab.credentials["accounts"]["pkiadmin"]["password"]
        with tempfile.NamedTemporaryFile("w", suffix=".ldif") as file:
            file.write(records)
            file.flush()
            done: subprocess.CompletedProcess[str] = subprocess.run(
                [
                    "ldapmodify", "-H", f"ldaps://dc1.{self.lab.credentials['domain']}", "-x",
                    "-D", f"pkiadmin@{self.lab.credentials['domain']}", "-y", "/dev/stdin", "-f", file.name, *options,
                ],
                input=password,
                capture_output=True,
                check=False,
                text=True,
                env={"LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
        assert done.returncode == 0, done.stderr + records
        return done.stdout


@pytest.fixture
def ldapmodify(lab: Lab) -> Ldapmodify:
    return Ldapmodify(lab)


@pytest.fixture
def ldapsearch(lab: Lab) -> Ldapsearch:
    return Ldapsearch(lab)

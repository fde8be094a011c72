# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/remove.yml takes back what playbooks/site.yml made, and its backups bring that back again."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import typing as t
import uuid
from pathlib import Path

import pytest

from tools.tree import TOP

from .conftest import SERVICES, Ldapmodify, Ldapsearch, Modules
from .test_backup_and_restore import Dump, dump, unlike

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

DOMAIN = "DC=corp,DC=example"
RECIPES = ("scep", "ra_signing")
#: An account that the lab has, of which the playbook is told no password.
KEPT = "svc-ndes"


class Play:
    """site.yml and remove.yml in the directory, with variables of this test alone."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.tag = uuid.uuid4().hex[:8]
        self.account = f"svc-{self.tag}"
        self.templates = [f"{recipe.replace('_', '')}{self.tag}" for recipe in RECIPES]
        self.backups = folder / "kept"
        self.variables = folder / "variables.json"
        self.variables.write_text(json.dumps(self._variables()))

    def _variables(self) -> dict[str, t.Any]:
        return {
            "certificate_templates_ndes_account": f"CORP\\{self.account}",
            "certificate_templates_wanted": [
                {"recipe": recipe, "name": name, "display_name": f"Display {name}"}
                for recipe, name in zip(RECIPES, self.templates, strict=True)
            ],
            "service_account_wanted": [
                {
                    "name": self.account,
                    "options": {"path": f"OU=Service Accounts,{DOMAIN}", "groups": {"add": ["PKI Operators"]}},
                    "service_principal_names": {"set": [f"http/{self.tag}.corp.example"]},
                },
                {"name": KEPT, "service_principal_names": {"add": [f"http/kept-{self.tag}.corp.example"]}},
            ],
            "service_account_passwords": {self.account: f"Aa1!{uuid.uuid4().hex}"},
            "service_account_options": {},
            "intune_backup_dir": str(self.backups),
        }

    def __call__(self, playbook: str, *options: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("ansible-playbook")
        command: list[str | Path] = [program, "-i", self.lab.inventory, "--limit", "directory"]
        command += [TOP / "playbooks" / playbook, "-e", f"@{self.variables}", *options]
        return self.lab.ansible(command)

    def remove(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self("remove.yml", "-e", "remove_confirmation=corp.example", *options)


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Iterator[Play]:
    play = Play(lab, tmp_path)
    yield play
    play.remove()


def succeeded(done: subprocess.CompletedProcess[str]) -> int:
    """The number of changed tasks."""
    assert done.returncode == 0, done.stdout + done.stderr
    (changed,) = re.findall(r"changed=(\d+)", done.stdout)
    return int(changed)


def everything(ldapsearch: Ldapsearch) -> Dump:
    places = (SERVICES, f"OU=Service Accounts,{DOMAIN}", f"CN=Users,{DOMAIN}", f"OU=Groups,{DOMAIN}")
    found = dump(ldapsearch, *places)
    for entry in found.values():
        # What a logon or the clock changes.
        for name in ("lastLogon", "lastLogonTimestamp", "logonCount", "badPasswordTime", "badPwdCount"):
            entry.pop(name, None)
    return found


def words(done: subprocess.CompletedProcess[str]) -> str:
    """What was printed, however it was wrapped."""
    return " ".join((done.stdout + done.stderr).split())


def test_what_was_made_is_taken_back_and_can_be_brought_back(
    play: Play, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, modules: Modules, home: Path
) -> None:
    before = everything(ldapsearch)
    assert succeeded(play("site.yml")) > 0
    made = everything(ldapsearch)
    new = set(made) - set(before)
    assert len(new) == 2 * len(RECIPES) + 1

    # Nothing without the right word.
    for options in ((), ("-e", "remove_confirmation=corp")):
        refused = play("remove.yml", *options)
        assert refused.returncode == 2
        assert (
            f"This would remove from the forest corp.example: the templates {', '.join(play.templates)} with their OID "
            f"objects, issued by CORP Issuing CA 1; the accounts {play.account}. Nothing was removed. To go on, add "
            "-e remove_confirmation=corp.example"
        ) in words(refused)
        assert unlike(made, everything(ldapsearch)) == []

    # A rehearsal needs no word, and shows all.
    rehearsed = play("remove.yml", "--check", "--diff")
    assert succeeded(rehearsed) == 3
    assert all(name in rehearsed.stdout for name in (*play.templates, play.account, f"http/kept-{play.tag}"))
    assert unlike(made, everything(ldapsearch)) == []
    kept_before = set(play.backups.glob("*.ldif"))
    assert succeeded(play.remove()) == 3
    assert unlike(before, everything(ldapsearch)) == []
    backups = sorted(set(play.backups.glob("*.ldif")) - kept_before, key=lambda path: path.stat().st_mtime_ns)
    assert len(backups) == len(RECIPES) + 2
    secret = json.loads(play.variables.read_text())["service_account_passwords"][play.account]
    assert not list(home.rglob("*.ldif"))
    for path in play.backups.iterdir():
        assert secret not in path.read_text(encoding="ascii")
        assert base64.b64encode(f'"{secret}"'.encode("utf-16-le")).decode()[:24] not in path.read_text().replace(
            "\n ", ""
        )
    assert succeeded(play.remove()) == 0
    assert succeeded(play("remove.yml")) == 0, "where there is nothing to remove no word is needed"

    # The last one that was kept comes back first.
    for backup in reversed(backups):
        ldapmodify(backup.read_text(encoding="ascii"))
    restored = everything(ldapsearch)
    account = f"CN={play.account},OU=Service Accounts,{DOMAIN}"
    different = {(dn, name) for dn, name, _old, _new in unlike(made, restored)}
    assert different == {(account, "userAccountControl")}, "it comes back disabled, and all else as it was"
    assert int(restored[account]["userAccountControl"][0]) & 2

    # As the guide says.
    refused = play("site.yml")
    assert refused.returncode == 2
    assert f"{play.account} cannot be used: enabled False" in words(refused)
    once = json.dumps({"service_account_options": {"enabled": True, "update_password": "always"}})
    assert succeeded(play("site.yml", "-e", once)) > 0
    # Only the number of the account is another one, and the rights that name it.
    assert {name for _dn, name, _old, _new in unlike(made, everything(ldapsearch))} <= {
        "nTSecurityDescriptor",
        "msPKI-Template-Minor-Revision",
    }


def test_built_in_templates_and_powerful_accounts_are_refused(play: Play, ldapsearch: Ldapsearch) -> None:
    before = everything(ldapsearch)
    for variables, message in (
        (
            {"certificate_templates_wanted": [{"name": "User", "display_name": "User"}], "service_account_wanted": []},
            "name: 'User' is a built-in template and is not deleted",
        ),
        (
            {
                "certificate_templates_wanted": [],
                "service_account_wanted": [{"name": "administrator"}],
                "service_account_passwords": {"administrator": "x"},
            },
            "no such account is changed or deleted here",
        ),
    ):
        done = play.remove("-e", json.dumps(variables))
        assert done.returncode == 2
        assert message in words(done)
    assert unlike(before, everything(ldapsearch)) == []

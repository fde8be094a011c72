# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role service_account, run by ansible-playbook: rehearsed, run, run again, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
import uuid
from pathlib import Path

import pytest
import yaml

from tools.tree import COLLECTIONS, TOP

from .conftest import Ldapsearch
from .others import DOMAIN_DN, kinit, ldapmodify

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

PASSWORD = "Canary-7Qx!pelican-91"
Wanted: t.TypeAlias = dict[str, t.Any]


@pytest.fixture
def account(lab: Lab, ldapsearch: Ldapsearch) -> Iterator[str]:
    name = f"r{uuid.uuid4().hex[:12]}"
    yield name
    for dn in ldapsearch(DOMAIN_DN, f"(|(sAMAccountName={name})(sAMAccountName={name}$))", "dn"):
        ldapmodify(lab, f"dn: {dn}\nchangetype: delete\n")


class Play:
    """Runs the role with variables of its own."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        self.playbook = folder / "role.yml"
        wanted = {
            "hosts": "directory",
            "gather_facts": False,
            "module_defaults": {"group/certops.intune.directory": "{{ intune_directory }}"},
            "roles": ["certops.intune.service_account"],
        }
        self.playbook.write_text(yaml.safe_dump([wanted], sort_keys=False))

    def __call__(self, *options: str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
        values = self.folder / "values.json"
        values.write_text(json.dumps(variables))
        return subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                "-i",
                self.lab.inventory,
                self.playbook,
                "-e",
                f"@{values}",
                *options,
            ],
            cwd=TOP,
            env={**os.environ, "HOME": str(self.folder), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Play:
    return Play(lab, tmp_path)


def wanted(account: str, **options: t.Any) -> Wanted:
    return {
        "service_account_wanted": [
            {
                "name": account,
                "options": {"password_never_expires": True, **options},
                "service_principal_names": {"set": [f"http/{account}.corp.example"]},
            }
        ],
        "service_account_passwords": {account: PASSWORD},
    }


@pytest.mark.requirement("SCEP-022", "SCEP-055", "TRBL-060")
def test_way_of_an_account(play: Play, ldapsearch: Ldapsearch, account: str) -> None:
    rehearsed = play("--check", "--diff", "-vvvv", **wanted(account))
    assert "changed=2 " in rehearsed.stdout, rehearsed.stdout
    assert not ldapsearch(DOMAIN_DN, f"(sAMAccountName={account})", "dn")
    done = play("--diff", "-vvvv", **wanted(account))
    assert "changed=2 " in done.stdout, done.stdout
    (stored,) = ldapsearch(DOMAIN_DN, f"(sAMAccountName={account})", "*").values()
    assert stored["userAccountControl"] == [str(0x200 | 0x10000 | 0x100000).encode()]
    assert stored["servicePrincipalName"] == [f"http/{account}.corp.example".encode()]
    assert kinit(account, PASSWORD).returncode == 0
    again = play("-vvvv", **wanted(account))
    assert "changed=0 " in again.stdout, again.stdout
    for shown in (rehearsed, done, again):
        assert "pelican" not in shown.stdout + shown.stderr


@pytest.mark.requirement("TRBL-059", "TRBL-060")
def test_an_account_that_cannot_be_used_ends_the_run(
    play: Play, account: str, lab: Lab, ldapsearch: Ldapsearch
) -> None:
    unused = wanted(account, enabled=False)
    ended = play(**unused)
    assert ended.returncode != 0
    message = (
        f"{account} cannot be used: enabled False, locked out False, password expired False, account expired False"
    )
    assert message in re.sub(r"\s+", " ", ended.stdout)
    (stored,) = ldapsearch(DOMAIN_DN, f"(sAMAccountName={account})", "*").values()
    assert "servicePrincipalName" not in stored
    assert play(**unused, service_account_must_be_usable=False).returncode == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"service_account_wanted": [{"name": "a", "options": {"password": "x", "colour": "red"}}]},
            "a has options that certops.intune.service_account does not have: colour, password; valid: account_",
        ),
        (
            {"service_account_wanted": [{"name": name, "type": "group_managed"} for name in ("a$", "A")]},
            "An account is named twice: a$, a$",
        ),
        (
            {"service_account_wanted": [], "service_account_passwords": {"b": PASSWORD}},
            "service_account_passwords names accounts that service_account_wanted does not: b",
        ),
        ({"service_account_wanted": [{"type": "user"}]}, "missing required arguments: name found in service_account"),
    ],
)  # fmt: skip
def test_what_the_role_refuses(play: Play, change: Wanted, message: str) -> None:
    variables = {"service_account_wanted": [], "service_account_passwords": {}, **change}
    refused = play(**variables)
    assert refused.returncode != 0
    assert message in re.sub(r"\s+", " ", refused.stdout)
    assert "pelican" not in refused.stdout + refused.stderr


def test_nothing_wanted_is_nothing_done(play: Play) -> None:
    done = play(service_account_wanted=[], service_account_passwords={})
    assert "changed=0 " in done.stdout
    assert done.returncode == 0

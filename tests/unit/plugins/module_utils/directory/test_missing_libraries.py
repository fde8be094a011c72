# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything can be imported without the libraries that it uses, and says which one is missing when it is used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import ast
import sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))  # an entry of None makes the import fail
from ansible_collections.certops.intune.plugins.module_utils.directory import options, principals, session
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
try:
    session.connect(ConnectionSettings(username="alice", password="x", **ast.literal_eval(sys.argv[2])))
except session.DirectoryError as exc:
    print(exc.code)
"""


@pytest.mark.parametrize(
    ("missing", "settings", "code"),
    [
        ("ldap", {"servers": ("dc1",), "auth": "simple", "tls": "ldaps"}, "python_ldap_missing"),
        ("krb5", {"servers": ("dc1",), "domain": "corp.example"}, "krb5_missing"),
        ("dns", {"domain": "corp.example", "auth": "simple", "tls": "ldaps"}, "dnspython_missing"),
        ("ldap,krb5,dns", {"domain": "corp.example"}, "krb5_missing"),
    ],
)
def test_missing_library(missing: str, settings: dict[str, object], code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, missing, repr(settings)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == code

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of Kerberos names and of what a connection changes in its process, and for how long."""

from __future__ import annotations

import locale
import os
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import credentials
from ansible_collections.certops.intune.plugins.module_utils.directory.credentials import (
    Credentials,
    PrincipalName,
    acquire,
    principal_name,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings


@pytest.mark.parametrize(
    ("username", "domain", "keytab", "text", "enterprise"),
    [
        ("alice", "corp.example", False, "alice@CORP.EXAMPLE", False),
        ("alice@corp.example", "corp.example", False, "alice@CORP.EXAMPLE", False),
        ("alice@CORP.EXAMPLE", "corp.example", False, "alice@CORP.EXAMPLE", False),
        ("alice@corp.example", None, False, "alice@CORP.EXAMPLE", False),
        ("alice@mail.example", "corp.example", False, "alice@mail.example@CORP.EXAMPLE", True),
        ("alice@emea.corp.example", "corp.example", True, "alice@EMEA.CORP.EXAMPLE", False),
        ("HOST$", "corp.example", True, "HOST$@CORP.EXAMPLE", False),
        ("a@b@corp.example", "corp.example", False, "a\\@b@CORP.EXAMPLE", False),
        ("a\\b", "corp.example", False, "a\\\\b@CORP.EXAMPLE", False),
    ],
)
def test_principal_name(username: str, domain: str | None, keytab: bool, text: str, enterprise: bool) -> None:
    assert principal_name(username, domain, keytab=keytab) == PrincipalName(text, enterprise)


@pytest.mark.parametrize("before", [None, "FILE:/tmp/before"])
def test_environment_is_as_it_was_afterwards(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.delenv("KRB5CCNAME", raising=False)
    if before:
        monkeypatch.setenv("KRB5CCNAME", before)
    language = locale.setlocale(locale.LC_MESSAGES)
    seen = []

    def look_and_fail() -> None:
        with Credentials("MEMORY:x").in_effect():
            seen.append((os.environ["KRB5CCNAME"], locale.setlocale(locale.LC_MESSAGES)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_and_fail()
    assert seen == [("MEMORY:x", "C")]
    assert os.environ.get("KRB5CCNAME") == before
    assert locale.setlocale(locale.LC_MESSAGES) == language


def test_the_default_cache_is_left_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRB5CCNAME", "FILE:/tmp/default")
    with Credentials().in_effect():
        assert os.environ["KRB5CCNAME"] == "FILE:/tmp/default"


def test_an_existing_cache_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "KRB5_IMPORT_ERROR", "the traceback")
    assert acquire(ConnectionSettings("corp.example", ccache="/tmp/cc")).cache == "/tmp/cc"


def test_a_password_needs_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "KRB5_IMPORT_ERROR", "the traceback")
    with pytest.raises(DirectoryError) as caught:
        acquire(ConnectionSettings("corp.example", username="alice", password="secret"))
    assert caught.value.code == "krb5_missing"


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_keytab_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    keytab = tmp_path / "missing" if kind == "missing" else tmp_path
    with pytest.raises(DirectoryError) as caught:
        acquire(ConnectionSettings("corp.example", username="alice", keytab=str(keytab)))
    assert caught.value.code == "keytab_unreadable"
    assert caught.value.target == str(keytab)


@pytest.mark.parametrize("content", [b"", b"no keytab"])
def test_file_that_is_no_keytab(tmp_path: Path, content: bytes) -> None:
    keytab = tmp_path / "keytab"
    keytab.write_bytes(content)
    with pytest.raises(DirectoryError) as caught:
        acquire(ConnectionSettings("corp.example", username="alice", keytab=str(keytab)))
    assert caught.value.code == "keytab_unreadable", str(caught.value)

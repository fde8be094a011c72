# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables and profiles; win_copy's modes that the action plugin uses; space on the drive."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any

import pytest

from lab.windows.host import Host
from lab.windows.people import profiles
from lab.windows.people.token import SYSTEM_SID, Token
from lab.windows.running import environment
from tests.unit.lab.windows.hosts import ADMINISTRATOR, MACHINE, host, run

DOMAIN_USER = Token("S-1-5-21-2001-2002-2003-1104", "CORP\\administrator")
SYSTEM = Token(SYSTEM_SID, "NT AUTHORITY\\SYSTEM")


def prepared() -> Host:
    target = host()
    profiles.load(target, ADMINISTRATOR)
    return target


def test_a_profile_comes_with_the_first_logon() -> None:
    target = prepared()
    before = target.export()
    assert profiles.load(target, ADMINISTRATOR) == "C:\\Users\\Administrator"
    assert target.export() == before
    assert target.files.is_folder("C:\\Users\\Administrator\\AppData\\Local\\Temp")
    assert target.security.allows(ADMINISTRATOR, "file", "C:\\Users\\Administrator\\x", 0x1F01FF)
    assert not target.security.allows(Token(f"{MACHINE}-1002", "NDES1\\bob"), "file", "C:\\Users\\Administrator", 0x1)
    assert target.registry.values(f"HKU\\{ADMINISTRATOR.sid}\\Environment").keys() == {"TEMP", "TMP"}


def test_a_name_that_is_taken_gets_the_domain_behind_it() -> None:
    target = prepared()
    assert profiles.load(target, DOMAIN_USER) == "C:\\Users\\administrator.CORP"
    assert profiles.folder(target, DOMAIN_USER) == "C:\\Users\\administrator.CORP"


@pytest.mark.parametrize(
    ("token", "text", "expected"),
    [
        (ADMINISTRATOR, "%TEMP%\\x", "C:\\Users\\Administrator\\AppData\\Local\\Temp\\x"),
        (ADMINISTRATOR, "%systemroot%", "C:\\Windows"),
        (ADMINISTRATOR, "%USERDOMAIN%\\%USERNAME%", "NDES1\\Administrator"),
        (ADMINISTRATOR, "%ProgramFiles(x86)%", "C:\\Program Files (x86)"),
        (ADMINISTRATOR, "%NONE% 50%", "%NONE% 50%"),
        (SYSTEM, "%TEMP%", "C:\\Windows\\TEMP"),
        (SYSTEM, "%USERNAME%", "SYSTEM"),
        (DOMAIN_USER, "%USERDOMAIN% %COMPUTERNAME%", "CORP NDES1"),
    ],
)
def test_expand(token: Token, text: str, expected: str) -> None:
    target = prepared()
    before = target.export()
    assert environment.expand(target, token, text) == expected
    assert target.export() == before


def test_interpolated() -> None:
    target = prepared()
    found = environment.interpolated(target, ADMINISTRATOR, "$env:SystemRoot\\x ${env:ProgramFiles(x86)} $ENV:none $x")
    assert found == "C:\\Windows\\x C:\\Program Files (x86)  $x"


def test_the_users_path_comes_behind_the_machines() -> None:
    target = prepared()
    target.registry.set(f"HKU\\{ADMINISTRATOR.sid}\\Environment", "PATH", "REG_EXPAND_SZ", "%USERPROFILE%\\bin")
    path = environment.variables(target, ADMINISTRATOR)["Path"]
    assert path.startswith("C:\\Windows\\system32;")
    assert path.endswith(";C:\\Users\\Administrator\\bin")


def copy(target: Host, mode: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = run(target, "ansible.windows.win_copy", {"_copy_mode": mode, **arguments})
    return result


def test_query_says_what_must_be_sent() -> None:
    target = prepared()
    content = b"content"
    target.files.make_folder("C:\\Case\\folder")
    target.files.write("C:\\Case\\same", content)
    files = [
        {"src": "/x/same", "dest": "same", "checksum": hashlib.sha1(content).hexdigest()},
        {"src": "/x/other", "dest": "same", "checksum": "0"},
        {"src": "/x/new", "dest": "sub/new", "checksum": "0"},
        {"src": "/x/inside", "dest": "folder", "checksum": "0"},
    ]
    directories = [{"src": "/x/folder", "dest": "folder"}, {"src": "/x/missing", "dest": "missing"}]
    before = target.export()
    result = copy(target, "query", dest="C:\\Case", files=files, directories=directories, force=True)
    assert result == {
        "changed": False,
        "files": files[1:],
        "directories": directories[1:],
        "symlinks": [],
    }
    assert copy(target, "query", dest="C:\\Case", files=files[:2], directories=[], force=False)["files"] == []
    assert target.export() == before


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"directories": [{"src": "/x", "dest": "file"}]}, "object at path is already a file"),
        ({"directories": [{"src": "/x", "dest": "file/below"}]}, "object at parent directory path is already a file"),
        ({"files": [{"src": "/x/below", "dest": "folder", "checksum": "0"}]}, "object at path is already a directory"),
    ],
)
def test_query_fails_where_something_is_in_the_way(wanted: dict[str, Any], message: str) -> None:
    target = prepared()
    target.files.make_folder("C:\\Case\\folder\\below")
    target.files.write("C:\\Case\\file", b"")
    result = copy(target, "query", **{"dest": "C:\\Case", "files": [], "directories": [], **wanted})
    assert result["failed"]
    assert message in result["msg"]


def test_single() -> None:
    target = prepared()
    target.files.write("C:\\Windows\\Temp\\source", b"content")
    arguments = {"src": "C:\\Windows\\Temp\\source", "_original_basename": "x.txt"}
    assert copy(target, "single", dest="C:\\Case\\", **arguments) == {"changed": True}
    assert target.files.read("C:\\Case\\x.txt") == b"content"
    result = copy(target, "single", dest="C:\\none\\y.txt", **arguments)
    assert result["msg"] == "Destination directory 'C:\\none' does not exist"
    result = copy(target, "single", dest="C:\\Case\\x.txt\\y.txt", **arguments)
    assert result["msg"] == "object at destination parent dir 'C:\\Case\\x.txt' is currently a file"
    backup = copy(target, "single", dest="C:\\Case\\x.txt", backup=True, **arguments)["backup_file"]
    assert target.files.read(backup) == b"content"


def archive(names: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in names.items():
            folder = name.endswith("/")
            encoded = base64.b64encode(name.rstrip("/").encode()).decode()
            file.writestr(encoded + ("/" if folder else ""), content)
    return made.getvalue()


def test_explode() -> None:
    target = prepared()
    target.files.write("C:\\Windows\\Temp\\source.zip", archive({"empty/": b"", "åäö/x.txt": b"1", "y.txt": b"2"}))
    arguments = {"src": "C:\\Windows\\Temp\\source.zip", "dest": "C:\\Case"}
    assert copy(target, "explode", **arguments) == {"changed": True}
    assert target.files.is_folder("C:\\Case\\empty")
    assert target.files.read("C:\\Case\\åäö\\x.txt") == b"1"
    assert target.files.read("C:\\Case\\y.txt") == b"2"
    target.files.write("C:\\Windows\\Temp\\source.zip", b"no archive")
    assert copy(target, "explode", **arguments)["failed"]


def test_a_full_drive_leaves_nothing_half_done() -> None:
    target = prepared()
    target.files.write("C:\\Windows\\Temp\\source", b"1" * 100)
    target.files.drives["C:"].free = 50
    before = target.export()
    result = copy(target, "remote", src="C:\\Windows\\Temp\\source", dest="C:\\Case\\sub\\")
    assert result["msg"] == "Unhandled exception while executing module: There is not enough space on the disk."
    assert target.export() == before


def test_parts_stay_tied_together_after_a_failure_was_taken_back() -> None:
    target = prepared()
    target.files.write("C:\\Windows\\Temp\\source", b"1" * 100)
    target.files.drives["C:"].free = 50
    assert copy(target, "remote", src="C:\\Windows\\Temp\\source", dest="C:\\Case\\sub\\")["failed"]
    target.files.make_folder("C:\\Case")
    target.security.set_owner("file", "C:\\Case", SYSTEM_SID)
    target.files.remove("C:\\Case")
    assert not target.security.is_known("file", "C:\\Case")

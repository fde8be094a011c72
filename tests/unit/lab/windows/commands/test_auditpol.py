# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""auditpol.exe: the audit policy listed, read, set, written to a file."""

from __future__ import annotations

import csv

import pytest

from lab.windows import commands
from lab.windows.commands import Around, Ran
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people.token import Token
from tests.unit.lab.windows.hosts import ADMINISTRATOR, USER, host

REGISTRY = "{0CCE921E-69AE-11D9-BED3-505054503030}"
OBJECT_ACCESS = "{6997984A-797A-11D9-BED3-505054503030}"
LANGUAGES = ["en-US", "sv-SE"]


def run(target: Host, line: str, user: Token = ADMINISTRATOR) -> Ran:
    commands.load()
    return commands.start_line(Around(target, user, "C:\\"), f"auditpol.exe {line}")


def test_categories_and_what_is_below_them() -> None:
    categories = run(host(), "/list /category /r").stdout.splitlines()
    assert categories[0] == "Category/Subcategory,GUID"
    assert f"Object Access,{OBJECT_ACCESS}" in categories
    assert len(categories) == 10
    both = run(host(), "/list /subcategory:* /r").stdout.splitlines()
    assert f"  Registry,{REGISTRY}" in both
    assert set(categories) < set(both)


def test_one_setting() -> None:
    target = host()
    told = run(target, f"/get /subcategory:{REGISTRY.lower()} /r").stdout
    assert told == (
        "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting\r\n\r\n"
        f"NDES1,System,Registry,{REGISTRY},No Auditing,\r\n"
    )
    assert run(target, "/get /subcategory:Registry,SAM /r").stdout.count("Auditing") == 2
    assert run(target, '/get /category:"Object Access" /r').stdout.count("NDES1") == 14
    assert run(target, "/get /category:* /r").stdout.count("NDES1") == 59


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guid_is_taken_in_every_language(language: str) -> None:
    target = host(language=language)
    done = run(target, f"/set /subcategory:{REGISTRY} /success:enable /failure:enable")
    assert (done.status, done.stderr) == (0, "")
    assert target.audit_policy.get(REGISTRY) == 3
    run(target, f"/set /subcategory:{REGISTRY} /success:disable")
    assert target.audit_policy.get(REGISTRY) == 2
    run(target, f"/set /category:{OBJECT_ACCESS} /success:enable /failure:disable")
    assert target.audit_policy.get(REGISTRY) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_backup_has_numbers(language: str) -> None:
    target = host(language=language)
    run(target, f"/set /subcategory:{REGISTRY} /success:enable /failure:enable")
    assert run(target, r"/backup /file:C:\Windows\Temp\policy.csv").status == 0
    rows = list(csv.reader(target.files.read(r"C:\Windows\Temp\policy.csv").decode().splitlines()))
    assert rows[0][3::3] == ["Subcategory GUID", "Setting Value"]
    assert {row[3]: int(row[6]) for row in rows[1:]} == target.audit_policy.export()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("/get /subcategory:Registri /r", "0x00000057"),
        ("/set /subcategory:{0CCE9200-69AE-11D9-BED3-505054503030} /success:enable", "0x00000057"),
        (f"/set /subcategory:{REGISTRY} /success:on", "0x00000057"),
    ],
)
def test_wrong_parameters_change_nothing(line: str, code: str) -> None:
    target = host()
    before = target.audit_policy.export()
    failed = run(target, line)
    assert failed.status == 87
    assert code in failed.stderr
    assert target.audit_policy.export() == before


@pytest.mark.parametrize(
    "line", ["/get /category:* /r", f"/set /subcategory:{REGISTRY} /success:enable", "/backup /file:C:\\x.csv"]
)
def test_others_are_refused(line: str) -> None:
    target = host()
    failed = run(target, line, USER)
    assert failed.status == 1314
    assert "A required privilege is not held by the client." in failed.stderr
    assert target.audit_policy.get(REGISTRY) == 0
    assert not target.files.exists("C:\\x.csv")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "/clear",
        "/list /category",
        "/get /category:*",
        "/get /category:* /user:alice /r",
        f"/set /subcategory:{REGISTRY}",
        f"/set /category:{OBJECT_ACCESS} /subcategory:{REGISTRY} /success:enable",
        "/backup",
        r"/backup /file:C:\none\x.csv",
    ],
)
def test_what_is_not_modelled_is_refused(line: str) -> None:
    with pytest.raises(NotModelled):
        run(host(), line)


@pytest.mark.parametrize(
    "line", ["/list /category /r", f"/get /subcategory:{REGISTRY} /r", "/set /subcategory:Register /success:enable"]
)
def test_swedish_names_are_not_known(line: str) -> None:
    with pytest.raises(NotModelled, match="sv-SE"):
        run(host(language="sv-SE"), line)

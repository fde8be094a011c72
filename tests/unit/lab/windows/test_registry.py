# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry: spellings and views of its keys, its values, and what a fresh server has in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.windows.fold import fold
from lab.windows.identity import RELEASES
from lab.windows.parts.registry import InvalidPath, InvalidValue, Registry, Value, paths
from lab.windows.parts.registry.values import KINDS
from lab.windows.people.token import Token
from tests.unit.lab.windows.hosts import ADMINISTRATOR, MACHINE, USER, host, identity, run

SID = f"{MACHINE}-500"
CASE = r"HKLM\SOFTWARE\Case"


def small() -> Registry:
    """A registry with one hive, to be fast."""
    return Registry.restore(identity(), {r"HKLM\SOFTWARE": {"values": {}}})


def blank(**changes: Any) -> Registry:
    return Registry.blank(identity(**changes))


@pytest.mark.parametrize(
    ("path", "view", "expected"),
    [
        (r"HKLM\SOFTWARE\X", 64, r"HKLM\SOFTWARE\X"),
        (r"hklm:\SOFTWARE\\X\ ".rstrip(), 64, r"HKLM\SOFTWARE\X"),
        (r"HKEY_LOCAL_MACHINE\SOFTWARE\X", 64, r"HKLM\SOFTWARE\X"),
        (r"Registry::HKEY_LOCAL_MACHINE\SOFTWARE\X", 64, r"HKLM\SOFTWARE\X"),
        (r"Microsoft.PowerShell.Core\Registry::HKEY_USERS\.DEFAULT", 64, r"HKU\.DEFAULT"),
        (r"HKCU:\Software\X", 64, rf"HKU\{SID}\Software\X"),
        (r"HKCR:\.txt", 64, r"HKLM\SOFTWARE\Classes\.txt"),
        (r"HKCC:\Software", 64, r"HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\Current\Software"),
        (r"HKLM\SYSTEM\ControlSet001\Services", 64, r"HKLM\SYSTEM\CurrentControlSet\Services"),
        (r"HKU\S-1-5-18\Software", 64, r"HKU\.DEFAULT\Software"),
        (rf"HKU\{SID}_Classes\X", 64, rf"HKU\{SID}\Software\Classes\X"),
        (r"HKLM\SOFTWARE", 32, r"HKLM\SOFTWARE\WOW6432Node"),
        (r"HKLM\SOFTWARE\X", 32, r"HKLM\SOFTWARE\WOW6432Node\X"),
        (r"HKLM\SOFTWARE\Wow6432Node\X", 32, r"HKLM\SOFTWARE\WOW6432Node\X"),
        (r"HKLM\SOFTWARE\Wow6432Node\X", 64, r"HKLM\SOFTWARE\WOW6432Node\X"),
        (r"HKLM\SOFTWARE\Policies\X", 32, r"HKLM\SOFTWARE\Policies\X"),
        (
            r"HKLM\SOFTWARE\WOW6432Node\Microsoft\SystemCertificates\MY",
            64,
            r"HKLM\SOFTWARE\Microsoft\SystemCertificates\MY",
        ),
        (
            r"HKLM\SOFTWARE\Microsoft\SystemCertificates2",
            32,
            r"HKLM\SOFTWARE\WOW6432Node\Microsoft\SystemCertificates2",
        ),
        (r"HKLM\SOFTWARE\Classes\.txt", 32, r"HKLM\SOFTWARE\Classes\.txt"),
        (r"HKCR\CLSID\{X}", 32, r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\{X}"),
        (r"HKLM\SOFTWARE\WOW6432Node\Classes\CLSID", 64, r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID"),
        (r"HKCU\Software\Classes\Interface", 32, rf"HKU\{SID}\Software\Classes\WOW6432Node\Interface"),
        (r"HKCU\Software\X", 32, rf"HKU\{SID}\Software\X"),
        (r"HKLM\SYSTEM\X", 32, r"HKLM\SYSTEM\X"),
    ],
)
def test_resolve(path: str, view: int, expected: str) -> None:
    found = "\\".join(paths.resolve(path, view, SID))
    assert fold(found) == fold(expected)


@pytest.mark.parametrize(
    "path", ["", "X", r"HKXX\SOFTWARE", r"C:\Windows", "HKLM\\SOFTWARE\\" + "x" * 256, "HKLM\\a\0b"]
)
def test_no_path(path: str) -> None:
    with pytest.raises(InvalidPath):
        paths.resolve(path)


def test_the_users_own_key_needs_a_user() -> None:
    with pytest.raises(InvalidPath, match="HKCU"):
        blank().get(r"HKCU\Software", "x")


NAMES = st.sampled_from(
    ["Case", "CASE", "case", "Wow6432Node", "Classes", "CLSID", "Policies", "Å", "å", "ß", "x y", "a/b"]
)
PATHS = st.lists(NAMES, max_size=4).map(lambda names: "\\".join([r"HKLM\SOFTWARE", *names]))
VIEWS = st.sampled_from([32, 64])


@given(PATHS, VIEWS)
def test_a_resolved_path_is_where_it_is(path: str, view: int) -> None:
    once = paths.resolve(path, view)
    assert paths.resolve("\\".join(once)) == once


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
VALUES = st.one_of(
    st.builds(Value, st.sampled_from(["REG_SZ", "REG_EXPAND_SZ"]), TEXT),
    st.builds(Value, st.just("REG_MULTI_SZ"), st.lists(TEXT, max_size=3)),
    st.builds(Value, st.just("REG_DWORD"), st.integers(0, 2**32 - 1)),
    st.builds(Value, st.just("REG_QWORD"), st.integers(0, 2**64 - 1)),
    st.builds(Value, st.sampled_from(["REG_BINARY", "REG_NONE"]), st.binary(max_size=60)),
)
VALUE_NAMES = st.one_of(st.sampled_from(["", "Name", "NAME", 'quo"te', "back\\slash", "@", "a=b"]), TEXT)


@given(VALUES)
def test_a_value_survives_its_bytes_and_its_json(value: Value) -> None:
    assert Value.from_raw(value.kind, value.raw()) == value
    assert Value.from_json(value.as_json()) == value


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("REG_DWORD", -1),
        ("REG_DWORD", 2**32),
        ("REG_DWORD", True),
        ("REG_DWORD", "1"),
        ("REG_QWORD", 2**64),
        ("REG_SZ", 1),
        ("REG_SZ", "a\0b"),
        ("REG_MULTI_SZ", "text"),
        ("REG_MULTI_SZ", [1]),
        ("REG_BINARY", "00"),
        ("REG_LINK", b""),
    ],
)
def test_data_that_does_not_fit_changes_nothing(kind: str, data: Any) -> None:
    registry = blank()
    before = registry.export()
    with pytest.raises(InvalidValue):
        registry.set(CASE, "x", kind, data)
    assert registry.export() == before


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), PATHS, VIEWS, VALUE_NAMES, VALUES),
        st.tuples(st.just("create"), PATHS, VIEWS),
        st.tuples(st.just("delete_value"), PATHS, VIEWS, VALUE_NAMES),
        st.tuples(st.just("delete_key"), PATHS, VIEWS),
    ),
    max_size=12,
)


class Reference:
    """What the registry should be: a table of tables by folded names."""

    def __init__(self, registry: Registry) -> None:
        self.keys: dict[tuple[str, ...], dict[str, Value]] = {}
        for path, key in registry.export().items():
            names = tuple(map(fold, path.split("\\")))
            self.keys[names] = {fold(name): Value.from_json(value) for name, value in key["values"].items()}

    def play(self, action: tuple[Any, ...]) -> None:
        kind, path, view, *rest = action
        names = tuple(map(fold, paths.resolve(path, view)))
        if kind in ("set", "create"):
            for length in range(2, len(names) + 1):
                self.keys.setdefault(names[:length], {})
        if kind == "set":
            self.keys[names][fold(rest[0])] = rest[1]
        elif kind == "delete_value":
            self.keys.get(names, {}).pop(fold(rest[0]), None)
        elif kind == "delete_key":
            self.keys = {key: values for key, values in self.keys.items() if key[: len(names)] != names}


def play(registry: Registry, action: tuple[Any, ...]) -> None:
    kind, path, view, *rest = action
    if kind == "set":
        registry.set(path, rest[0], rest[1].kind, rest[1].data, view)
    elif kind == "create":
        registry.create_key(path, view)
    elif kind == "delete_value":
        registry.delete_value(path, rest[0], view)
    elif len(paths.resolve(path, view)) > 2:
        registry.delete_key(path, view)


@given(ACTIONS)
def test_operations_are_those_of_a_table_without_case(actions: list[tuple[Any, ...]]) -> None:
    registry = small()
    reference = Reference(registry)
    for action in actions:
        if action[0] != "delete_key" or len(paths.resolve(action[1], action[2])) > 2:
            reference.play(action)
        play(registry, action)
    assert Reference(registry).keys == reference.keys
    assert Registry.restore(identity(), registry.export()).export() == registry.export()


@given(ACTIONS)
def test_a_keys_values_survive_export_and_import(actions: list[tuple[Any, ...]]) -> None:
    registry = small()
    for action in actions:
        play(registry, action)
    assume(not any("\r" in name or "\n" in name for key in registry.export().values() for name in key["values"]))
    text = registry.to_reg(r"HKLM\SOFTWARE")
    text = text.encode("utf-16").decode("utf-16")
    other = small()
    other.from_reg(text)
    assert other.export() == registry.export()
    before = registry.export()
    registry.from_reg(text)
    assert registry.export() == before


@pytest.mark.parametrize("name", ["a\rb", "\n"])
def test_a_name_with_a_line_end_is_not_exported_as_something_else(name: str) -> None:
    registry = small()
    registry.set(r"HKLM\SOFTWARE\Certops", name, "REG_DWORD", 1)
    with pytest.raises(ValueError, match="cannot say a name with a line end"):
        registry.to_reg(r"HKLM\SOFTWARE")


def test_names_keep_their_case() -> None:
    registry = blank()
    registry.set(r"HKLM\SOFTWARE\Case\Below", "Name", "REG_SZ", "1")
    registry.set(r"hklm\software\CASE\below", "NAME", "REG_SZ", "2")
    assert registry.export()[r"HKLM\SOFTWARE\Case\Below"] == {"values": {"Name": {"kind": "REG_SZ", "data": "2"}}}
    assert registry.subkeys(r"HKLM\software\case") == ["Below"]
    assert registry.key_path(r"HKLM:\SoftWare\case") == CASE


def test_keys_are_listed_by_their_capitals() -> None:
    registry = blank()
    for name in ("b", "_", "A", "Z", "a b"):
        registry.create_key(rf"{CASE}\{name}")
    assert registry.subkeys(CASE) == ["A", "a b", "b", "Z", "_"]


@pytest.mark.parametrize("path", ["HKLM", r"HKLM\SOFTWARE", r"HKU\.DEFAULT", "HKCU", "HKU"])
def test_hives_cannot_be_deleted(path: str) -> None:
    with pytest.raises(InvalidPath):
        blank().delete_key(path, user=SID)


@pytest.mark.parametrize("path", [r"HKLM\Mine", r"HKU\S-1-5-21-1-2-3-4\Software", r"HKCU\Software"])
def test_nothing_is_made_beside_the_hives(path: str) -> None:
    registry = blank()
    before = registry.export()
    with pytest.raises(InvalidPath):
        registry.create_key(path, user=SID)
    assert registry.export() == before


def test_what_is_deleted_is_told() -> None:
    registry = blank()
    told: list[str] = []
    registry.removed = told.append
    registry.create_key(rf"{CASE}\Below")
    assert registry.delete_key(r"hklm\software\CASE")
    assert not registry.delete_key(CASE)
    assert told == [CASE]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("edition", ["desktop", "core"])
def test_a_fresh_server(release: str, edition: str) -> None:
    registry = blank(release=release, edition=edition)
    current = registry.values(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion")
    assert current["InstallationType"].data == ("Server" if edition == "desktop" else "Server Core")
    assert ("DisplayVersion" in current) == (release in ("2022", "2025"))
    assert ("CurrentMajorVersionNumber" in current) == (release != "2012r2")
    assert current["CurrentBuild"] == Value("REG_SZ", str(current["CurrentBuildNumber"].data))
    enhanced = r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}"
    assert registry.key_exists(enhanced) == (edition == "desktop")
    assert registry.values(r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters") == {}
    for view in (32, 64):
        release_value = registry.get(r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full", "Release", view)
        assert release_value is not None
        assert release_value.kind == "REG_DWORD"


def test_languages() -> None:
    for language, expected in (("en-US", "0409"), ("sv-SE", "041D")):
        found = blank(language=language).get(r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language", "Default")
        assert found == Value("REG_SZ", expected)


def test_the_keys_of_a_certification_authority() -> None:
    registry = blank()
    registry.add_certification_authority(identity(), "CORP-CA")
    place = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration"
    assert registry.get(place, "Active") == Value("REG_SZ", "CORP-CA")
    policy = rf"{place}\CORP-CA\PolicyModules\CertificateAuthority_MicrosoftDefault.Policy"
    assert registry.get(policy, "EditFlags") == Value("REG_DWORD", 0x11014E)
    security = registry.get(rf"{place}\CORP-CA", "Security")
    assert security is not None
    assert security.raw()[:4] == b"\x01\x00\x04\x80"


def test_every_kind_is_shown_with_a_value() -> None:
    """The kinds of the module and of the part are the same."""
    from lab.windows.support.registry_data import KINDS as MODULE  # noqa: PLC0415

    assert set(MODULE.values()) == set(KINDS)


PLAIN = replace(USER, groups=("S-1-5-32-545",))


@pytest.mark.parametrize(
    ("token", "module", "arguments", "message"),
    [
        (
            PLAIN,
            "win_regedit",
            {"path": r"HKLM:\SOFTWARE\Case", "name": "x"},
            "Access to the registry key 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Case' is denied.",
        ),
        (PLAIN, "win_regedit", {"path": r"HKLM:\SOFTWARE\Microsoft", "name": "x"}, "Requested registry access is not"),
        (
            PLAIN,
            "win_regedit",
            {"path": r"HKLM:\SOFTWARE\Microsoft", "state": "absent"},
            "Requested registry access is",
        ),
        (PLAIN, "win_reg_stat", {"path": r"HKLM:\SAM"}, "Requested registry access is not allowed."),
        (ADMINISTRATOR, "win_reg_stat", {"path": r"HKLM:\SAM"}, "Requested registry access is not allowed."),
    ],
)
def test_rights_to_keys(token: Token, module: str, arguments: dict[str, Any], message: str) -> None:
    target = host()
    before = target.export()
    result = run(target, f"ansible.windows.{module}", arguments, token)
    assert result["failed"]
    assert message in result["msg"]
    assert target.export() == before


def test_everybody_reads_what_release_it_is() -> None:
    result = run(host(), "ansible.windows.win_reg_stat", {"path": r"HKLM:\SOFTWARE\Microsoft"}, PLAIN)
    assert result["exists"]

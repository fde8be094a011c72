# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry files, and the data that win_regedit takes."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import ModuleFailure
from lab.windows.parts.registry import Registry, Value, regfile
from lab.windows.parts.registry.regfile import HEAD, InvalidFile, Section
from lab.windows.support import registry_data
from tests.unit.lab.windows.hosts import identity

KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Case"
#: As regedit.exe writes such a key (the format is documented by Microsoft; typed off by hand).
FILE = "\r\n".join(
    [
        HEAD,
        "",
        f"[{KEY}]",
        '@="default"',
        '"path"="C:\\\\x \\"y\\""',
        '"number"=dword:0000fffe',
        '"large"=hex(b):fe,ff,00,00,00,00,00,00',
        '"where"=hex(2):25,00,78,00,25,00,00,00',
        '"list"=hex(7):61,00,00,00,62,00,00,00,00,00',
        '"bytes"=hex:be,ef',
        '"none"=hex(0):',
        "",
        "",
    ]
)


def test_a_file_is_written_as_it_was_read() -> None:
    (section,) = regfile.read(FILE)
    assert section.path == KEY
    assert section.values == {
        "": Value("REG_SZ", "default"),
        "path": Value("REG_SZ", 'C:\\x "y"'),
        "number": Value("REG_DWORD", 65534),
        "large": Value("REG_QWORD", 65534),
        "where": Value("REG_EXPAND_SZ", "%x%"),
        "list": Value("REG_MULTI_SZ", ("a", "b")),
        "bytes": Value("REG_BINARY", b"\xbe\xef"),
        "none": Value("REG_NONE", b""),
    }
    assert regfile.write([section]) == FILE


def test_long_data_is_wrapped_as_regedit_does() -> None:
    text = regfile.write([Section(KEY, {"bytes": Value("REG_BINARY", bytes(range(60)))})])
    lines = text.split("\r\n")
    assert lines[3].endswith(",\\")
    assert all(len(line) <= 80 for line in lines)
    assert lines[4].startswith("  ")


def test_keys_and_values_are_deleted() -> None:
    registry = Registry.blank(identity())
    registry.set(r"HKLM\SOFTWARE\Case\Below", "x", "REG_SZ", "1")
    registry.set(r"HKLM\SOFTWARE\Case", "y", "REG_SZ", "1")
    registry.from_reg(f'{HEAD}\n\n; what goes\n[{KEY}]\n"Y"=-\n"z"="2"\n\n[-{KEY}\\BELOW]\n')
    assert registry.values(r"HKLM\SOFTWARE\Case") == {"z": Value("REG_SZ", "2")}
    assert registry.subkeys(r"HKLM\SOFTWARE\Case") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "REGEDIT4\r\n",
        f'{HEAD}\n"x"="1"',
        f"{HEAD}\n[{KEY}]\nx=1",
        f'{HEAD}\n[{KEY}]\n"x"=dword:123456789',
        f'{HEAD}\n[{KEY}]\n"x"=hex(6):00',
        f'{HEAD}\n[{KEY}]\n"x"=hex(b):00',
        f'{HEAD}\n[{KEY}]\n"x"=hex(2):00',
        f'{HEAD}\n[-{KEY}]\n"x"="1"',
    ],
)
def test_a_wrong_file_changes_nothing(text: str) -> None:
    registry = Registry.blank(identity())
    before = registry.export()
    with pytest.raises(InvalidFile):
        registry.from_reg(text)
    assert registry.export() == before


@given(st.text(max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidFile):
        regfile.read(f"{HEAD}\r\n[{KEY}]\r\n{text}")


@pytest.mark.parametrize(
    ("kind", "data", "named", "expected"),
    [
        ("binary", None, True, b""),
        ("binary", "hex:BE,ef", True, b"\xbe\xef"),
        ("binary", "be ef", True, b"\xbe\xef"),
        ("binary", "f", True, b"\x0f"),
        ("binary", "bee", True, b""),
        ("binary", "0xbe,0xef", True, b"\xbe\xef"),
        ("binary", 255, True, b"\xff"),
        ("binary", ["0xbe", 239], True, b"\xbe\xef"),
        ("none", "00", True, b"\x00"),
        ("dword", None, True, 0),
        ("dword", "0xffffffff", True, 2**32 - 1),
        ("dword", -1, True, 2**32 - 1),
        ("dword", True, True, 1),
        ("dword", Decimal("5"), True, 5),
        ("qword", "18446744073709551615", True, 2**64 - 1),
        ("qword", -1, True, 2**64 - 1),
        ("multistring", None, True, []),
        ("multistring", "a", True, ["a"]),
        ("multistring", ["a", 1, True], True, ["a", "1", "True"]),
        ("string", None, True, ""),
        ("string", None, False, None),
        ("string", 5, True, 5),
    ],
)
def test_convert(kind: str, data: Any, named: bool, expected: Any) -> None:
    assert registry_data.convert(kind, data, named=named) == expected


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("binary", 256, "cannot convert binary data '256' to byte array"),
        ("binary", "be,,xx", "Could not find any recognizable digits."),
        ("binary", ":be", "Index was out of range."),
        ("binary", "be,1f0", "too large"),
        ("binary", [256], 'Cannot convert value "256" to type "System.Byte"'),
        ("binary", ["be"], "Input string was not in a correct format."),
        ("dword", 2**32, "data cannot be larger than 0xffffffff when type is dword"),
        ("dword", -(2**31) - 1, "too large or too small for an Int32"),
        ("dword", "-1", "too large or too small for a UInt64"),
        ("qword", Decimal(2**64), "data cannot be larger than 0xffffffffffffffff when type is qword"),
        ("qword", Decimal("1.5"), "cannot be a decimal or float value with a remainder"),
    ],
)
def test_convert_fails(kind: str, data: Any, message: str) -> None:
    with pytest.raises(ModuleFailure) as failure:
        registry_data.convert(kind, data, named=True)
    assert message in str(failure.value)


@pytest.mark.parametrize(("kind", "data"), [("dword", [1]), ("multistring", [{}]), ("binary", [None])])
def test_convert_refuses(kind: str, data: Any) -> None:
    with pytest.raises(NotModelled):
        registry_data.convert(kind, data, named=True)


@pytest.mark.parametrize(
    ("existing", "new", "differs"),
    [
        ("a", "a", False),
        ("a", "A", True),
        ("5", 5, False),
        (5, 5, False),
        (5, "5", False),
        (5, "x", True),
        (("a", "B"), ["A", "b"], False),
        (("a",), ["a", "b"], True),
        (("a", "b"), ["b", "a"], True),
        ((), [], False),
        (b"\x01", b"\x01", False),
        (b"\x01", b"\x02", True),
        ("a b", ["a", "b"], False),
    ],
)
def test_differs(existing: Any, new: Any, differs: bool) -> None:
    assert registry_data.differs(existing, new) is differs


@pytest.mark.parametrize("kind", ["binary", "none"])
def test_a_value_that_set_value_refuses(kind: str) -> None:
    with pytest.raises(registry_data.Mismatch):
        registry_data.value(kind, True)

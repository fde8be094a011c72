# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of object identifiers: form, names of their objects, allocation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.oids import allocate, is_oid, object_name

ROOT = "1.3.6.1.4.1.311.21.8.13218431.14779392.10764427.12370424.10671376.174"

# Objects of real forests, made by Windows: issuance policies and built-in templates by the first enterprise CA,
# templates by the console, and a policy of the US federal PKI by Microsoft's own script.
REAL_OBJECTS = [
    (f"{ROOT}.1.33", "33.3275F92B6E16D007C574F0C4333AF483"),
    (f"{ROOT}.1.400", "400.19AED7D26E7C3FBD196604D0B74E63BE"),
    (f"{ROOT}.1.401", "401.3C692277B47E0B960F98DEB7959953D3"),
    (f"{ROOT}.1.402", "402.7B40621A544618224F96BAF48311B131"),
    (f"{ROOT}.9509235.11258082", "11258082.87093EDCFF90DCFDC7100FBB79598DC3"),
    (f"{ROOT}.7869945.14421572", "14421572.1B6A7EEE85088E3F88F3FF23DBCD22B4"),
    (f"{ROOT}.9911274.6395086", "6395086.AAB853B8C61206E5F7864B4DB073ADD6"),
    (
        "1.3.6.1.4.1.311.21.8.4571196.1884641.3293620.10686285.12068043.134.1.400",
        "400.1C3418CDEC5F144B867AB87CECD684B2",
    ),
    ("2.16.840.1.101.3.2.1.3.13", "13.255922318A2AF32EC47D5B70735D4DB3"),
]


@pytest.mark.parametrize(("oid", "name"), REAL_OBJECTS)
def test_objects_have_the_names_that_windows_gives_them(oid: str, name: str) -> None:
    assert object_name(oid) == name


@pytest.mark.parametrize(
    "text",
    [
        *(oid for oid, _name in REAL_OBJECTS),
        "1.3.6.1.5.5.7.3.2",
        "2.5.29.37.0",
        "0.9.2342.19200300.100.1.25",
        "1.39.1",
        "2.999.1",
        "2.25.329800735698586629295641978511506172918",
    ],
)
def test_object_identifiers(text: str) -> None:
    assert is_oid(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "3.1.2",
        "1.40.1",
        "0.40",
        "1..2",
        "1.2.",
        ".1.2",
        "1.2.03",
        "1.02.3",
        "1.2.3 ",
        " 1.2.3",
        "1.2.3\n",
        "1.2.-3",
        "1.2.3a",
        "1.2.٣",
        "1.2.1٣",
        "1,2,3",
        "Client Authentication",
        "1.2." + "9" * 300,
        ".".join(["1"] * 200),
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert not is_oid(text)


def drawing(numbers: Iterable[int], ceilings: list[int]) -> Callable[[int], int]:
    """A source of the given numbers that notes the ceilings it is asked for."""
    left = iter(numbers)

    def random_below(ceiling: int) -> int:
        ceilings.append(ceiling)
        return next(left)

    return random_below


def test_new_oid_is_the_root_and_two_arcs_of_24_bits() -> None:
    ceilings: list[int] = []
    assert allocate(ROOT, drawing([6616008, 14891905], ceilings), ()) == f"{ROOT}.6616009.14891906"
    assert ceilings == [0xFFFFFF, 0xFFFFFF]


@pytest.mark.parametrize(("drawn", "arc"), [(0, 1), (0xFFFFFE, 0xFFFFFF)])
def test_arcs_are_1_to_2_to_the_24_less_1(drawn: int, arc: int) -> None:
    assert allocate(ROOT, drawing([drawn, drawn], []), ()) == f"{ROOT}.{arc}.{arc}"


def test_oids_in_use_are_drawn_again() -> None:
    taken = {f"{ROOT}.2.3", f"{ROOT}.4.5"}
    assert allocate(ROOT, drawing([1, 2, 3, 4, 5, 6], []), taken) == f"{ROOT}.6.7"


@pytest.mark.parametrize("root", ["", "CN=OID", "1.3.6.1.4.1.311.21.8.", "1.2.3 "])
def test_what_is_no_root_is_refused(root: str) -> None:
    with pytest.raises(ValueError, match=f"^'{root}' is not an object identifier$"):
        allocate(root, drawing([1, 1], []), ())

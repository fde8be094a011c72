# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry files, held against the reader of the lab's registry, which knows nothing of the writer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep, registry
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.plan import make_plan
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.state import State
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.way_back import way_back
from ansible_collections.certops.intune.plugins.module_utils.windows.registry_file import Section, octets_of, text_of
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.parts.registry import Registry, regfile
from lab.windows.parts.registry import Value as LabValue

from . import servers
from .servers import configured, state, wish, with_policy_module
from .test_plan import WISHES, after, registries

KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\MSCEP"
NAMES = {number: name for name, (number, _shown) in registry.KINDS.items()}


def lab_value(value: registry.Value | None) -> LabValue | None:
    if value is None:
        return None
    assert value.data is not None
    return LabValue(registry.KINDS[value.kind][1], value.data)


# The lab's registry holds no text with a zero character in it.
TEXT = st.text(st.characters(exclude_characters="\0"), max_size=30)
NAME = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = st.one_of(
    st.none(),
    st.builds(registry.Value, st.sampled_from(["String", "ExpandString"]), TEXT),
    st.builds(registry.Value, st.just("DWord"), st.integers(0, 2**32 - 1)),
    st.builds(registry.Value, st.just("QWord"), st.integers(0, 2**64 - 1)),
    st.builds(registry.Value, st.just("MultiString"), st.lists(TEXT.filter(bool), max_size=4).map(tuple)),
    st.builds(registry.Value, st.sampled_from(["Binary", "None"]), st.binary(max_size=90)),
)


@given(st.dictionaries(NAME | st.just(""), VALUES, max_size=6), st.booleans(), TEXT)
def test_what_is_written_is_what_is_read(values: dict[str, registry.Value | None], delete: bool, comment: str) -> None:
    sections = [Section(rf"{KEY}\Gone", delete=True)] * delete + [Section(KEY, values)]
    octets = octets_of(text_of(sections, comment))
    assert octets.startswith(b"\xff\xfe")
    read = regfile.read(octets.decode("utf-16", "surrogatepass"))
    assert [section.delete for section in read] == [True] * delete + [False]
    assert read[-1].path == KEY
    assert read[-1].values == {name: lab_value(value) for name, value in values.items()}


def test_the_form_of_the_file() -> None:
    values = {"": registry.Value("String", 'a"\\'), "Number": registry.Value("DWord", 65534), "Gone": None}
    assert text_of([Section(KEY, values)], "Why\nand when") == "\r\n".join([
        "Windows Registry Editor Version 5.00", "", "; Why", "; and when", "", f"[{KEY}]", '@="a\\"\\\\"',
        '"Number"=dword:0000fffe', '"Gone"=-', "", "",
    ])  # fmt: skip


def test_long_data_goes_on_in_the_next_line_as_the_lab_writes_it() -> None:
    value = registry.Value("Binary", bytes(range(100)))
    text = text_of([Section(KEY, {"Long": value})])
    assert text == regfile.write([regfile.Section(KEY, {"Long": lab_value(value)})])
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    "section, told",
    [
        (Section(KEY, {"a\r\nb": registry.Value("DWord", 1)}), "; left out: the value a  b"),
        (Section(KEY, {"odd": registry.Value("Unknown", None)}), "; left out: the value odd"),
        (Section(KEY + "\n"), f"; left out: the key {KEY} "),
    ],
)
def test_what_a_file_cannot_say_stands_in_it_as_a_comment(section: Section, told: str) -> None:
    text = text_of([section])
    assert told in text.split("\r\n")
    assert [dict(found.values) for found in regfile.read(text)] in ([], [{}])


def test_a_comment_stays_one() -> None:
    text = text_of([], "host\r\n[-HKEY_LOCAL_MACHINE\\SOFTWARE]\u2028x")
    assert regfile.read(text) == []


def lab_registry(server: State) -> Registry:
    """The lab's registry with what a server has."""
    held = Registry()
    for key in server.keys:
        held.create_key(key.path)
        for name, value in key.values.items():
            made = lab_value(value)
            assert made is not None
            held.set(key.path, name, made.kind, made.data)
    return held


def known(server: State) -> bool:
    """Whether the lab's registry can hold it."""
    return all(value.kind in registry.KINDS for key in server.keys for value in key.values.values())


@pytest.mark.requirement("TRBL-048")
@given(registries(), WISHES)
def test_an_import_brings_the_state_before_back(held: servers.Registry, given_options: dict[str, t.Any]) -> None:
    server = state(held)
    given_options = dict(given_options)
    names = given_options.pop("names", {})
    plan = make_plan(server, wish(**({"templates": names} if names else {}), **given_options), names)
    sections = way_back(server, plan.changes)
    assert bool(sections) == any(change.before is not None for change in plan.changes)
    if not sections or not known(server):
        return
    changed = lab_registry(after(server, plan))
    changed.from_reg(octets_of(text_of(sections, "why")).decode("utf-16"))
    assert changed.export() == lab_registry(server).export()


def test_the_policy_module_is_kept_with_all_of_mscep() -> None:
    server = state(with_policy_module("ab" * 20))
    plan = make_plan(server, wish(policy_module_thumbprint="cd" * 20), {})
    read = regfile.read(text_of(way_back(server, plan.changes)))
    kept = {section.path: section.values for section in read}
    assert kept[rf"{KEY}\Modules\NDESPolicy"] == {"NDESCertThumbprint": LabValue("REG_SZ", "ab" * 20)}
    assert {key.path for key in server.keys.tree(mscep.MSCEP)} == set(kept)


def test_nothing_is_kept_where_nothing_is_lost() -> None:
    server = state(configured())
    for given_options in ({}, {"http": {"max_field_length": 65534}}, {"hash_algorithm": "SHA256"}):
        assert way_back(server, make_plan(server, wish(**given_options), {}).changes) == []


def test_the_key_of_http_is_never_deleted() -> None:
    held = configured()
    del held[mscep.HTTP_PARAMETERS]
    server = state(held)
    plan = make_plan(server, wish(http={"max_field_length": 65534}, passwords={"max": 6}), {})
    assert not any(section.delete for section in way_back(server, plan.changes))

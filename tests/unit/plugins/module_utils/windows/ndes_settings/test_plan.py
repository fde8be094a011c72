# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written for which wish, what has to follow, and what a server refuses."""

from __future__ import annotations

import dataclasses
import re
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings import plan as plans
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.plan import make_plan
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.state import State
from ansible_collections.certops.intune.plugins.module_utils.windows.registry import Value, long_form
from hypothesis import given
from hypothesis import strategies as st

from . import servers
from .servers import AFTER_BOOT, BEFORE_BOOT, configured, state, wish, with_policy_module

DEFAULT = mscep.DEFAULT_TEMPLATE
THUMBPRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
HTTP = {"max_field_length": 65534, "max_request_bytes": 65534}
LIMITS = mscep.HTTP_PARAMETERS


def planned(server: State, names: dict[str, str] | None = None, rehearsed: bool = False, **given: t.Any) -> plans.Plan:
    templates = {"templates": names} if names else {}
    return make_plan(server, wish(**templates, **given), names or {}, rehearsed=rehearsed)


def written(plan: plans.Plan) -> dict[str, t.Any]:
    """What is written, by the value's name; None for what is removed."""
    return {change.place.name: change.after and (change.after.kind, change.after.data) for change in plan.changes}


@pytest.mark.requirement("SCEP-060", "SCEP-062", "SCEP-063", "SCEP-064")
@pytest.mark.parametrize(
    "slot, name",
    [
        ("signature", "SignatureTemplate"),
        ("encryption", "EncryptionTemplate"),
        ("general_purpose", "GeneralPurposeTemplate"),
    ],
)
def test_a_template_goes_into_the_value_of_its_slot(slot: str, name: str) -> None:
    plan = planned(state(), {slot: "IntuneSCEP"})
    assert written(plan) == {name: ("String", "IntuneSCEP")}
    [change] = plan.changes
    assert (change.place.path, change.before) == (mscep.MSCEP, Value("String", DEFAULT))
    assert plan.reasons == (mscep.RESTART_OF_POOL,)
    assert plan.after["templates"] == {**plan.before["templates"], slot: "IntuneSCEP"}


@pytest.mark.requirement("SCEP-066", "SCEP-067")
def test_limits_of_http() -> None:
    plan = planned(state(), http=HTTP)
    assert written(plan) == {"MaxFieldLength": ("DWord", 65534), "MaxRequestBytes": ("DWord", 65534)}
    assert {change.place.path for change in plan.changes} == {LIMITS}
    assert plan.reasons == (mscep.REBOOT_FOR_HTTP,)
    assert (
        planned(state(configured(**{LIMITS: dict.fromkeys(written(plan), ("DWord", 65534))})), http=HTTP).changes == ()
    )


PASSWORDS = {"enforce": False, "use_single": True, "length": 16, "max": 100, "validity": 10}


@pytest.mark.parametrize(
    "given_options, expected",
    [
        (
            {"passwords": PASSWORDS},
            {
                "EnforcePassword": ("DWord", 0),
                "UseSinglePassword": ("DWord", 1),
                "PasswordLength": ("DWord", 16),
                "PasswordMax": ("DWord", 100),
                "PasswordValidity": ("DWord", 10),
            },
        ),
        ({"passwords": {"enforce": True, "use_single": False, "length": 8, "max": 5, "validity": 60}}, {}),
        ({"hash_algorithm": "SHA256"}, {"HashAlgorithm": ("String", "SHA256")}),
        ({"hash_algorithm": "default"}, {}),
        (
            {"ca_capabilities": {"add": ["SHA-256", "AES"]}},
            {"CACapabilitiesAlgorithms": ("MultiString", ("SHA-256", "AES"))},
        ),
        ({"ca_capabilities": {"remove": ["AES"]}}, {}),
        ({"ca_capabilities": {"set": []}}, {}),
        ({}, {}),
        ({"state": "absent"}, {}),
    ],
)
def test_what_is_written_where_ndes_is_as_it_was_configured(given_options: t.Any, expected: t.Any) -> None:
    plan = planned(state(), **given_options)
    assert written(plan) == expected
    assert plan.reasons == ((mscep.RESTART_OF_POOL,) if expected else ())


CAPABILITIES = mscep.VALUES["ca_capabilities"]


@pytest.mark.parametrize(
    "current, edit, expected",
    [
        (["AES", "SHA-1"], {"add": ["sha-256"]}, ("AES", "SHA-1", "sha-256")),
        (["AES", "SHA-1"], {"add": ["aes"]}, "same"),
        (["AES", "SHA-1"], {"remove": ["sha-1"]}, ("AES",)),
        (["AES"], {"remove": ["AES"]}, None),
        (["AES", "SHA-1"], {"set": ["SHA-256", "AES"]}, ("AES", "SHA-256")),
        (["AES", "SHA-1"], {"set": ["SHA-1", "AES"]}, "same"),
        (["AES"], {"set": [], "add": ["SHA-256"]}, ("SHA-256",)),
        (["AES"], {"set": []}, None),
        ([], {"set": []}, None),
    ],
)
def test_edits_of_the_capabilities(current: list[str], edit: dict[str, list[str]], expected: t.Any) -> None:
    server = state(configured(**{CAPABILITIES.path: {CAPABILITIES.name: ("MultiString", current)}}))
    plan = planned(server, ca_capabilities=edit)
    if expected == "same":
        assert plan.changes == ()
    else:
        assert written(plan) == {CAPABILITIES.name: expected and ("MultiString", expected)}
        assert plan.after["ca_capabilities"] == (None if expected is None else list(expected))


@pytest.mark.requirement("TRBL-049")
def test_the_thumbprint_of_the_policy_module() -> None:
    plan = planned(state(with_policy_module()), policy_module_thumbprint=THUMBPRINT.upper())
    assert written(plan) == {"NDESCertThumbprint": ("String", THUMBPRINT)}
    assert plan.reasons == (mscep.RESTART_OF_POOL,)


def test_a_thumbprint_in_capitals_is_written_anew() -> None:
    plan = planned(state(with_policy_module(THUMBPRINT.upper())), policy_module_thumbprint=THUMBPRINT)
    assert written(plan) == {"NDESCertThumbprint": ("String", THUMBPRINT)}
    assert planned(state(with_policy_module(THUMBPRINT)), policy_module_thumbprint=THUMBPRINT).changes == ()


PASSWORD_MAX = mscep.VALUES["password_max"]


@pytest.mark.requirement("SCEP-068")
@pytest.mark.parametrize(
    "path, name, found, option, shown",
    [
        (LIMITS, "MaxFieldLength", ("String", "65534"), {"http": {"max_field_length": 65534}}, "REG_SZ 65534"),
        (LIMITS, "MaxFieldLength", ("QWord", 65534), {"http": {"max_field_length": 65534}}, "REG_QWORD 65534"),
        (LIMITS, "MaxFieldLength", ("DWord", -2), {"http": {"max_field_length": 65534}}, 4294967294),
        (LIMITS, "MaxFieldLength", ("Binary", [254, 255]), {"http": {"max_field_length": 65534}}, "REG_BINARY feff"),
        (LIMITS, "MaxFieldLength", ("Unknown", None), {"http": {"max_field_length": 65534}}, "a value of an unknown"),
    ],
)
def test_a_value_of_another_type_is_shown_and_replaced(
    path: str, name: str, found: tuple[str, t.Any], option: t.Any, shown: t.Any
) -> None:
    plan = planned(state(configured(**{path: {name: found}})), **option)
    assert written(plan) == {name: ("DWord", 65534)}
    before = plan.before["http"]["max_field_length"]
    assert before == shown if isinstance(shown, int) else before.startswith(shown)


@pytest.mark.parametrize(
    "name, found, option, shown",
    [
        ("signature_template", ("DWord", 5), "templates.signature", "REG_DWORD 5"),
        ("signature_template", ("MultiString", ["A", "B"]), "templates.signature", "REG_MULTI_SZ A, B"),
        ("enforce_password", ("DWord", 7), "passwords.enforce", "REG_DWORD 7"),
        ("enforce_password", ("String", "1"), "passwords.enforce", "REG_SZ 1"),
        ("hash_algorithm", ("None", []), "hash_algorithm", "REG_NONE"),
        ("ca_capabilities", ("String", "AES"), "ca_capabilities", "REG_SZ AES"),
    ],
)
def test_what_means_nothing_is_shown_and_left_alone(name: str, found: t.Any, option: str, shown: str) -> None:
    place = mscep.VALUES[name]
    plan = planned(state(configured(**{place.path: {place.name: found}})))
    assert plan.changes == ()
    told: t.Any = plan.after
    for part in option.split("."):
        told = told[part]
    assert told == shown


def test_a_list_where_a_text_stands_is_begun_anew() -> None:
    server = state(configured(**{CAPABILITIES.path: {CAPABILITIES.name: ("String", "SHA-1")}}))
    assert written(planned(server, ca_capabilities={"add": ["AES"]})) == {CAPABILITIES.name: ("MultiString", ("AES",))}


def test_absent_takes_back_what_the_module_sets() -> None:
    registry = with_policy_module(THUMBPRINT)
    plan = planned(state(registry), {"general_purpose": "IntuneSCEP"}, http=HTTP, passwords=PASSWORDS,
                   hash_algorithm="SHA256", ca_capabilities={"add": ["AES"]})  # fmt: skip
    plan = planned(after(state(registry), plan), state="absent")
    defaults = {place.name: (place.kind, place.default) for place in mscep.VALUES.values()}
    assert written(plan) == {
        "GeneralPurposeTemplate": defaults["GeneralPurposeTemplate"],
        **{name: defaults[name] for name in ("EnforcePassword", "UseSinglePassword", "PasswordLength", "PasswordMax")},
        "PasswordValidity": defaults["PasswordValidity"],
        **dict.fromkeys(["HashAlgorithm", "CACapabilitiesAlgorithms", "MaxFieldLength", "MaxRequestBytes"]),
    }
    assert set(plan.reasons) == {mscep.REBOOT_FOR_HTTP, mscep.RESTART_OF_POOL}
    assert plan.after["policy_module_thumbprint"] == THUMBPRINT


def test_absent_brings_a_value_back_that_ndes_does_not_start_without() -> None:
    registry = configured()
    del registry[mscep.VALUES["enforce_password"].path]
    assert written(planned(state(registry), state="absent")) == {"EnforcePassword": ("DWord", 1)}


def test_absent_where_ndes_is_not_configured_leaves_what_it_would_read() -> None:
    registry: servers.Registry = {
        LIMITS: {"MaxFieldLength": ("DWord", 65534)},
        mscep.MSCEP: {"SignatureTemplate": ("String", "Left")},
    }
    plan = planned(state(registry), state="absent")
    assert (written(plan), plan.reasons) == ({"MaxFieldLength": None}, (mscep.REBOOT_FOR_HTTP,))


@pytest.mark.parametrize(
    "given_options, option",
    [
        ({"names": {"general_purpose": "IntuneSCEP"}}, "templates.general_purpose"),
        ({"passwords": {"max": 6}}, "passwords.max"),
        ({"hash_algorithm": "SHA256"}, "hash_algorithm"),
        ({"hash_algorithm": "default"}, "hash_algorithm"),
        ({"ca_capabilities": {"add": ["AES"]}}, "ca_capabilities"),
    ],
)
@pytest.mark.parametrize("status", [None, ("DWord", 1), ("String", "2")])
def test_what_ndes_reads_is_refused_before_it_is_configured(given_options: t.Any, option: str, status: t.Any) -> None:
    registry: servers.Registry = {} if status is None else {mscep.ROLE: {mscep.CONFIGURATION_STATUS: status}}
    with pytest.raises(OptionError, match=f"^{option}: NDES is not configured on this server"):
        planned(state(registry), **given_options)


def test_a_rehearsal_predicts_all_of_it_on_a_blank_server() -> None:
    plan = planned(state({}), {"general_purpose": "IntuneSCEP"}, rehearsed=True, http=HTTP, passwords={"max": 6},
                   hash_algorithm="SHA256", ca_capabilities={"add": ["AES"]},
                   policy_module_thumbprint=THUMBPRINT)  # fmt: skip
    assert plan.before == planned(state({})).after
    assert plan.before["templates"] == {"signature": None, "encryption": None, "general_purpose": None}
    assert plan.after["templates"] == {"signature": None, "encryption": None, "general_purpose": "IntuneSCEP"}
    assert plan.after["http"] == HTTP
    assert plan.reasons == (mscep.REBOOT_FOR_HTTP,)
    [warning] = plan.warnings
    assert warning.startswith("policy_module_thumbprint: there is no policy module on this server")
    assert warning.endswith("Outside check mode this is refused.")


def test_limits_of_http_need_no_ndes() -> None:
    assert set(written(planned(state({}), http=HTTP))) == {"MaxFieldLength", "MaxRequestBytes"}


def test_a_thumbprint_without_a_policy_module_is_refused() -> None:
    with pytest.raises(OptionError, match=r"^policy_module_thumbprint: there is no policy module on this server"):
        planned(state(), policy_module_thumbprint=THUMBPRINT)


@pytest.mark.parametrize("registry", [configured(), {}], ids=["configured", "blank"])
def test_all_three_may_not_be_the_default(registry: servers.Registry) -> None:
    names = {"general_purpose": DEFAULT}
    with pytest.raises(OptionError, match=f"^templates.general_purpose: all three would name '{DEFAULT}'"):
        planned(state(registry), names, rehearsed=True)


def test_the_default_beside_another_one() -> None:
    server = state(configured(**{mscep.MSCEP: {"SignatureTemplate": ("String", "Sign")}}))
    assert planned(server, {"general_purpose": DEFAULT}).changes == ()


@pytest.mark.parametrize(
    "given_options, warning",
    [
        ({"passwords": {"enforce": False}}, "passwords.enforce: without a password"),
        ({"passwords": {"enforce": True}}, None),
        ({"passwords": {"use_single": True}}, "passwords.use_single: one password for all requests"),
        ({"passwords": {"use_single": False}}, None),
        ({"http": {"max_field_length": 65534}}, "http: HTTP.sys takes no field of 65534 octets while .* 16384"),
        ({"http": {"max_field_length": 65534, "max_request_bytes": 32768}}, "http: .* 65534 octets while .* 32768"),
        ({"http": {"max_request_bytes": 1024}}, "http: .* 16384 octets while .* 1024"),
        ({"http": HTTP}, None),
        ({"hash_algorithm": "SHA256"}, None),
    ],
)
def test_warnings(given_options: t.Any, warning: str | None) -> None:
    plan = planned(state(), **given_options)
    assert len(plan.warnings) == (warning is not None)
    if warning is not None:
        assert re.match(warning, plan.warnings[0])


REBOOT, RESTART, RIGHTS = mscep.REBOOT_FOR_HTTP, mscep.RESTART_OF_POOL, mscep.REBOOT_FOR_RIGHTS


@pytest.mark.requirement("SCEP-071", "TRBL-056")
@pytest.mark.parametrize(
    "notes, reboot, restart",
    [
        ({}, False, False),
        ({REBOOT: AFTER_BOOT}, True, False),
        ({REBOOT: BEFORE_BOOT}, False, False),
        ({RIGHTS: AFTER_BOOT}, True, False),
        ({RIGHTS: "2026-11-20T07:00:00Z"}, True, False),
        ({RIGHTS: "2026-11-20T07:00:00"}, True, False),
        ({RIGHTS: "2026-11-20T06:00:00"}, False, False),
        ({RESTART: AFTER_BOOT}, False, True),
        ({RESTART: BEFORE_BOOT}, False, False),
        ({REBOOT: BEFORE_BOOT, RIGHTS: AFTER_BOOT, RESTART: AFTER_BOOT}, True, True),
        ({"something:else": AFTER_BOOT}, False, False),
    ],
)
def test_what_still_waits(notes: dict[str, str], reboot: bool, restart: bool) -> None:
    server = state(notes=notes)
    found = plans.waiting(server, planned(server), server.now)
    assert (plans.needs_reboot(found), plans.needs_restart(found)) == (reboot, restart)


def test_what_this_run_notes_waits_once_with_its_own_time() -> None:
    server = state(notes={REBOOT: AFTER_BOOT, RIGHTS: AFTER_BOOT})
    found = plans.waiting(server, planned(server, http=HTTP), server.now)
    assert [note.reason for note in found] == [REBOOT, RIGHTS]
    assert found[0].since == server.now


@pytest.mark.parametrize("when", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_note_without_a_time_is_told_and_decides_nothing(when: str) -> None:
    server = state(notes={REBOOT: when})
    plan = planned(server)
    assert not plans.needs_reboot(plans.waiting(server, plan, server.now))
    assert "tells no time" in plan.warnings[0]
    assert planned(server, http=HTTP).forgotten == ()


def test_notes_of_before_the_boot_go_with_the_next_change() -> None:
    server = state(notes={RIGHTS: BEFORE_BOOT, RESTART: AFTER_BOOT, REBOOT: BEFORE_BOOT})
    assert planned(server).forgotten == ()
    assert planned(server, hash_algorithm="SHA256").forgotten == (RIGHTS, REBOOT)
    assert planned(server, http=HTTP).forgotten == (RIGHTS,)


def after(server: State, plan: plans.Plan) -> State:
    """The server once a plan was carried out."""
    registry: servers.Registry = {
        key.path: {
            name: (value.kind, list(value.data) if isinstance(value.data, tuple | bytes) else value.data)
            for name, value in key.values.items()
        }
        for key in server.keys
    }
    folded = {path.casefold(): path for path in registry}
    for change in plan.changes:
        path = long_form(change.place.path)
        values = registry.setdefault(folded.get(path.casefold(), path), {})
        values.pop(change.place.name, None)
        if change.after is not None:
            data = change.after.data
            values[change.place.name] = (change.after.kind, list(data) if isinstance(data, tuple) else data)
    return state(registry)


DATA = st.one_of(
    st.tuples(st.just("String"), st.sampled_from(["", "5", DEFAULT, "IntuneSCEP", "SHA256", THUMBPRINT])),
    st.tuples(st.just("DWord"), st.integers(-(2**31), 2**31 - 1) | st.integers(0, 70)),
    st.tuples(st.just("MultiString"), st.lists(st.sampled_from(["AES", "SHA-1", "SHA-256"]), max_size=3)),
    st.tuples(st.just("Binary"), st.lists(st.integers(0, 255), max_size=4)),
    st.tuples(st.just("Unknown"), st.none()),
)
OWN = [(value.path, value.name) for value in mscep.VALUES.values()]
PLACES = [*OWN, *((LIMITS, name) for name in mscep.HTTP_LIMITS), (mscep.POLICY_MODULE, mscep.POLICY_THUMBPRINT)]


@st.composite
def registries(draw: st.DrawFn) -> servers.Registry:
    """A configured server with anything in the places of the options."""
    registry = with_policy_module()
    for path, name in draw(st.lists(st.sampled_from(PLACES), unique=True)):
        value = draw(st.none() | DATA)
        registry.setdefault(path, {}).pop(name, None)
        if value is not None:
            registry[path][name] = value
    return registry


CHOICE = st.none() | st.lists(st.sampled_from(["AES", "aes", "SHA-256", "SHA-512"]), max_size=3)
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "passwords": st.fixed_dictionaries(
            {}, optional={"enforce": st.booleans(), "use_single": st.booleans(), "max": st.integers(1, 9)}
        ),
        "hash_algorithm": st.sampled_from(["default", "SHA256"]),
        "policy_module_thumbprint": st.just(THUMBPRINT),
        "ca_capabilities": st.fixed_dictionaries({}, optional={"add": CHOICE, "set": CHOICE}),
        "http": st.fixed_dictionaries(
            {}, optional={"max_field_length": st.integers(64, 65534), "max_request_bytes": st.integers(256, 99999)}
        ),
        "names": st.dictionaries(
            st.sampled_from(["signature", "encryption", "general_purpose"]), st.just("IntuneSCEP"), min_size=1
        ),
    },
) | st.just({"state": "absent"})


@given(registries(), WISHES)
def test_a_plan_brings_what_is_wished_and_nothing_else(registry: servers.Registry, given_options: t.Any) -> None:
    server = state(registry)
    plan = planned(server, **given_options)
    then = after(server, plan)
    assert planned(then).after == plan.after, "what is told is what is there"
    again = planned(then, **given_options)
    assert (again.changes, again.reasons, again.forgotten) == ((), (), ())
    touched = {(change.place.path, change.place.name) for change in plan.changes}
    for path, name in {(path, name) for path, values in registry.items() for name in values} - touched:
        assert then.keys.value(path, name) == server.keys.value(path, name)
    assert (REBOOT in plan.reasons) == any(path == LIMITS for path, _name in touched)
    assert (RESTART in plan.reasons) == any(path != LIMITS for path, _name in touched)


@given(registries(), WISHES, st.data())
def test_a_run_that_ends_in_the_middle_is_finished_by_the_next(
    registry: servers.Registry, given_options: t.Any, data: st.DataObject
) -> None:
    server = state(registry)
    plan = planned(server, **given_options)
    done = data.draw(st.integers(0, len(plan.changes)))
    half = after(server, dataclasses.replace(plan, changes=plan.changes[:done]))
    rest = planned(half, **given_options)
    assert rest.changes == plan.changes[done:]
    assert rest.after == plan.after

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies for options, made from the argument specification so that no option is forgotten."""

from __future__ import annotations

import typing as t

from ansible_collections.certops.intune.plugins.module_utils.adcs.argument_spec import TABS
from ansible_collections.certops.intune.plugins.module_utils.adcs.flags import (
    EnrollmentFlag,
    GeneralFlag,
    NameFlag,
    PrivateKeyFlag,
)
from hypothesis import strategies as st

Options: t.TypeAlias = dict[str, t.Any]

_POLICIES = ["Client Authentication", "secure email", "1.3.6.1.4.1.311.10.3.4", "1.2.3.4.5", "Sealing Wax"]
_ISSUANCE = ["All issuance policies", "High Assurance", "1.2.3.4.5"]
_periods = st.sampled_from(["1 year", "2 years", "6 weeks", "36 hours", "0 days", "1000 years", "17 ticks"])


def _words(*words: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), unique=True, max_size=3)


def _flags(kind: t.Iterable[t.Any]) -> st.SearchStrategy[list[str]]:
    return _words(*(flag.name for flag in kind), "0x4", "0x80000000")


#: What the specification leaves open, by path.
_OPEN: dict[str, st.SearchStrategy[t.Any]] = {
    "general.validity_period": _periods,
    "general.renewal_period": _periods,
    "cryptography.minimum_key_size": st.integers(0, 65536),
    "cryptography.providers": _words("Microsoft Enhanced Cryptographic Provider v1.0", "Ours, Inc.", "9,nine"),
    "request_handling.key_permissions": st.sampled_from(["", "D:P(A;;GA;;;BA)", "D:P(A;;GA;;;BA)(A;;GR;;;SY)"]),
    "issuance_requirements.authorized_signatures": st.integers(0, 0x7FFFFFFF),
    "issuance_requirements.application_policies": _words(*_POLICIES),
    "issuance_requirements.issuance_policies": _words(*_ISSUANCE),
    "extensions.application_policies": _words(*_POLICIES),
    "extensions.issuance_policies": _words(*_ISSUANCE),
    "extensions.critical": _words("key_usage", "subject_alternative_name", "2.5.29.7", "1.2.3.4.5"),
    "superseded_templates": _words("User", "webserver", "Machine"),
    "advanced.general_flags": _flags(GeneralFlag),
    "advanced.name_flags": _flags(NameFlag),
    "advanced.enrollment_flags": _flags(EnrollmentFlag),
    "advanced.private_key_flags": _flags(PrivateKeyFlag),
    "advanced.maximum_issuing_depth": st.integers(-1, 0x7FFFFFFF),
    "advanced.ra_application_policies": st.sampled_from(
        [[], ["1.2.3.4.5"], ["msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`2`"]]
    ),
}


def _edits(words: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Options]:
    """{add, remove, set} that do not exclude each other."""

    def disjoint(add: list[str], remove: list[str]) -> Options:
        return {"add": add, "remove": [word for word in remove if word not in add]}

    return st.one_of(
        st.builds(lambda value: {"set": value}, words),
        st.builds(lambda value: {"add": value}, words),
        st.builds(lambda value, more: {"set": value, "add": more}, words, words),
        st.builds(disjoint, words, words),
    )


def _value(path: str, spec: t.Mapping[str, t.Any]) -> st.SearchStrategy[t.Any]:
    kind = spec["type"]
    if kind == "dict":
        return _edits(_OPEN[path])
    if path in _OPEN:
        return _OPEN[path]
    if kind == "bool":
        return st.booleans()
    if kind == "list":
        return st.lists(st.sampled_from(spec["choices"]), unique=True)
    return st.sampled_from(spec["choices"])


def _paths() -> t.Iterator[tuple[str, t.Mapping[str, t.Any]]]:
    for tab, spec in TABS.items():
        if tab == "superseded_templates":
            yield tab, spec
        else:
            for option, inner in spec["options"].items():
                yield f"{tab}.{option}", inner


#: A strategy for the value of each option.
VALUES: dict[str, st.SearchStrategy[t.Any]] = {path: _value(path, spec) for path, spec in _paths()}


def nested(flat: t.Mapping[str, t.Any]) -> Options:
    """Options as a module receives them, from path to value."""
    options: Options = {}
    for path, value in flat.items():
        tab, dot, option = path.partition(".")
        if dot:
            options.setdefault(tab, {})[option] = value
        else:
            options[tab] = value
    return options


def options(*, most: int, without: t.Container[str] = ()) -> st.SearchStrategy[Options]:
    """Up to `most` options with values each of which is possible by itself."""
    paths = [path for path in VALUES if path not in without]
    return (
        st.lists(st.sampled_from(paths), unique=True, max_size=most)
        .flatmap(lambda chosen: st.fixed_dictionaries({path: VALUES[path] for path in chosen}))
        .map(nested)
    )

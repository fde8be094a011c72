# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the upstream modules (tests/cases/*.yml): what is done with each, and what must come of it.

A file has `module`, its `steps`, and if it wants them `prepare` (modules that are run before), `identity` (`release`,
`language`, `edition` of the host), `files` (paths on the host, and the files in tests/cases/files that are there before
everything else) and `controller: true` where an action plugin does a part of the work, so that only
a run of ansible-playbook shows anything.

A step has `name`, `shows` (one of SHOWS), `arguments`, and if it wants them `check_mode`, `diff`, `module` (another
one than the file's), `expect` (a part of the result; a text that begins with ~ is a regular expression, null is
absence), `unchanged: true` and `state` (JSON Pointers into the host's state after the step; null is absence).

What a step shows says more than its author wrote: SHOWS has the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lab.windows.evidence import DOCUMENTATION, SHOWS, read_yaml
from lab.windows.serving.keeper import at
from tools.tree import TOP
from tools.upstream_docs import returned

FOLDER = TOP / "tests" / "cases"

#: What any result may have besides what its module documents.
GENERIC = frozenset(
    "changed deprecations diff exception failed invocation msg skipped warnings"
    # What ansible-core adds: to a task that ran a program, and to a failure.
    " stdout_lines stderr_lines failed_when_result"
    # What the action plugins add that reboot.
    " unreachable".split()
)
ALWAYS = ("always", "success")


#: What a step of `prepare` shows: nothing, but it must not fail.
PREPARES = "prepare"


@dataclass(frozen=True)
class Step:
    name: str
    shows: str
    module: str
    arguments: Mapping[str, Any]
    check_mode: bool = False
    diff: bool = False
    expect: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    module: str
    prepare: Sequence[Step]
    steps: Sequence[Step]
    controller: bool = False
    identity: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """A step that was run: its result, and the host's exported state on both sides of it."""

    step: Step
    result: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def read(path: Path) -> Case:
    """A file of cases. Raises ValueError for what it may not have."""
    content = read_yaml(path)
    module = content.pop("module")
    if path.name != f"{module}.yml":
        raise ValueError(f"{path.name} is about {module}")
    prepare = [_step(path, module, {"name": "prepare", **step}, PREPARES) for step in content.pop("prepare", [])]
    steps = [_step(path, module, step) for step in content.pop("steps")]
    controller, identity = content.pop("controller", False), content.pop("identity", {})
    files = {there: path.parent / "files" / name for there, name in content.pop("files", {}).items()}
    if content:
        raise ValueError(f"{path.name}: unknown keys {sorted(content)}")
    return Case(module, prepare, steps, controller, identity, files)


def _step(path: Path, module: str, content: dict[str, Any], shows: str | None = None) -> Step:
    try:
        step = Step(**{"module": module, "arguments": {}, **({"shows": shows} if shows else {}), **content})
    except TypeError as error:
        raise ValueError(f"{path.name}: {content.get('name')}: {error}") from None
    if step.shows not in SHOWS and shows is None:
        raise ValueError(f"{path.name}: {step.name}: shows {step.shows}, which is none of {', '.join(SHOWS)}")
    return step


def matches(expected: Any, actual: Any) -> bool:
    """Whether a value is as expected: tables may have more keys, lists may not have more items."""
    if isinstance(expected, str) and expected.startswith("~"):
        return re.search(expected[1:], str(actual)) is not None
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(matches(value, actual.get(key)) for key, value in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(matches(left, right) for left, right in zip(expected, actual, strict=True))
        )
    return isinstance(expected, bool) == isinstance(actual, bool) and bool(expected == actual)


def problems(played: Played, secrets: bool = True) -> list[str]:
    """Everything that is not as the step says, one line each.

    Args:
        played: The step that was run.
        secrets: Whether the states have the keys named `secret`, which `bin/lab state` leaves out.
    """
    step, result = played.step, played.result
    if step.shows == PREPARES:
        return [f"{step.name}: {result.get('msg')}"] if result.get("failed") else []
    changed = [part for part in played.before if played.before[part] != played.after.get(part)]
    found = [
        f"{key} is {result.get(key)!r}, not {value!r}"
        for key, value in step.expect.items()
        if not matches(value, result.get(key))
    ]
    # A failure that says itself that it changed something is upstream's own way.
    still = step.shows in UNCHANGED and not (step.shows == "error" and result.get("changed"))
    if changed and (step.unchanged or still or step.check_mode):
        found.append(f"the host changed: {', '.join(changed)}")
    if changed and not result.get("changed") and (step.module, step.shows) not in SILENT:
        found.append(f"the host changed and the result does not say so: {', '.join(changed)}")
    found += [message for wrong, message in _RULES.get(step.shows, ()) if wrong(step, result)]
    if str(result.get("msg", "")).startswith(NOTHING_SHOWN) and "model" not in str(step.expect.get("msg", "")):
        found.append(f"nothing is shown by: {result['msg']}")
    for pointer, expected in step.state.items():
        if not secrets and "/secret" in pointer:
            continue
        actual = _at(played.after, pointer)
        if not matches(expected, actual):
            found.append(f"{pointer} is {actual!r}, not {expected!r}")
    found += undocumented(played)
    if result.get("failed") and step.shows not in FAILING and "failed" not in step.expect:
        found.append(f"it failed: {result.get('msg')}")
    return [f"{step.name}: {line}" for line in found]


def _at(state: Any, pointer: str) -> Any:
    try:
        return at(state, pointer)
    except KeyError:
        return None


#: How results begin that are the lab's own and not the module's. A case may show such a limit if it says so.
NOTHING_SHOWN = ("The lab does not model", "unhandled exception in the lab")

#: Steps after which the real module does not say that it changed something: why.
SILENT: Mapping[tuple[str, str], str] = {
    ("ansible.windows.async_status", "remove"): "cleanup removes a file and leaves changed at false",
}

#: What shows that nothing was done, and what shows a failure.
UNCHANGED = ("refused", "idempotence", "error", "read")
FAILING = ("refused", "error")

Rule = tuple[Callable[[Step, Mapping[str, Any]], bool], str]

#: What must hold of a step for what it shows.
_RULES: Mapping[str, Sequence[Rule]] = {
    "refused": [(lambda _step, result: not result.get("failed"), "it was not refused")],
    "error": [(lambda _step, result: not result.get("failed"), "it did not fail")],
    "check_mode": [(lambda step, _result: not step.check_mode, "it is not run in check mode")],
    "act": [(lambda _step, result: not result.get("changed"), "it changed nothing")],
    "remove": [
        (
            lambda step, result: not result.get("changed") and (step.module, step.shows) not in SILENT,
            "it changed nothing",
        )
    ],
    "idempotence": [(lambda _step, result: bool(result.get("changed")), "it changed something")],
    "read": [(lambda _step, result: bool(result.get("changed")), "it changed something")],
    "diff": [(lambda step, result: not (step.diff and result.get("diff")), "there is no diff")],
}


def undocumented(played: Played) -> list[str]:
    """Returned keys that are not documented, and documented ones that are not returned."""
    result = played.result
    if result.get("failed") or result.get("skipped"):
        return []
    module = played.step.module
    try:
        documented = returned(module)
    except FileNotFoundError:
        return []
    allowed = WRONG_DOCUMENTATION.get(module, {})
    extra = [key for key in _extra(result, documented, "") if not _allowed(key, allowed)]
    found = [f"{key} is returned and not documented" for key in extra]
    if not played.step.check_mode:
        missing = [key for key, entry in documented.items() if _always(entry) and key not in result]
        found += [f"{key} is documented and not returned" for key in missing if not _allowed(key, allowed)]
    return found


def _allowed(key: str, patterns: Mapping[str, str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _always(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("returned", "")).strip().lower().rstrip(".") in ALWAYS


def _extra(result: Mapping[str, Any], documented: Mapping[str, Any], path: str) -> list[str]:
    """Names of keys that are not documented, those of inner tables as outer/inner."""
    found = []
    for key, value in result.items():
        place = f"{path}{key}"
        if key not in documented:
            if path or key not in GENERIC:
                found.append(place)
            continue
        inner = documented[key].get("contains")
        if inner:
            tables = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, Mapping)]
            found += [name for table in tables for name in _extra(table, inner, f"{place}/")]
    return list(dict.fromkeys(found))


#: Where the documentation of a module's result is wrong, by module and key (with * as in names of files): why.
WRONG_DOCUMENTATION: Mapping[str, Mapping[str, str]] = read_yaml(DOCUMENTATION)

#: Modules that only read.
READERS = frozenset(
    (
        *("ansible.windows.async_status", "ansible.windows.setup", "ansible.windows.slurp"),
        *("ansible.windows.win_certificate_info", "ansible.windows.win_feature_info", "ansible.windows.win_find"),
        *("ansible.windows.win_ping", "ansible.windows.win_product_facts", "ansible.windows.win_reboot_info"),
        *("ansible.windows.win_reg_stat", "ansible.windows.win_service_info", "ansible.windows.win_stat"),
        *("ansible.windows.win_whoami", "community.windows.win_scheduled_task_stat"),
        *("microsoft.iis.virtual_directory_info", "microsoft.iis.web_app_pool_info"),
        *("microsoft.iis.web_application_info", "microsoft.iis.website_info"),
    )
)

#: Modules that give a diff.
DIFFS = frozenset(
    (
        *("ansible.windows.win_acl_inheritance", "ansible.windows.win_copy", "ansible.windows.win_environment"),
        "ansible.windows.win_group",
        *("ansible.windows.win_regedit", "ansible.windows.win_service", "ansible.windows.win_user"),
        *("ansible.windows.win_user_right", "community.windows.win_firewall_rule"),
        *("community.windows.win_scheduled_task", "microsoft.iis.authentication"),
    )
)

#: What a module cannot show, and why.
CANNOT_SHOW: Mapping[tuple[str, str], str] = {
    ("microsoft.ad.membership", "act"): "the lab models only that a member stays one",
    ("microsoft.ad.membership", "check_mode"): "the lab models only that a member stays one",
    ("ansible.windows.win_tempfile", "idempotence"): "it makes another one each time",
    ("ansible.windows.win_tempfile", "error"): "nothing that it takes fails but what is refused",
}


def required(module: str) -> set[str]:
    """What the cases of a module must show."""
    if module in READERS:
        return {"read", "refused"}
    wanted = {"refused", "check_mode", "act", "idempotence", "error"} | ({"diff"} if module in DIFFS else set())
    return {shows for shows in wanted if (module, shows) not in CANNOT_SHOW}

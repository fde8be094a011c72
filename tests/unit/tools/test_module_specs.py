# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read out of the upstream modules, against the modules, their documentation, and PowerShell's own parser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from tools import module_specs
from tools.literals import Expression, Literals, parse
from tools.tree import TOP
from tools.upstream_docs import options

#: The same, read by PowerShell's own parser out of the releases before.
OTHER = TOP.parent / "shared" / "data" / "ansible" / "windows_module_specs.json"

#: Where documentation says something else than the module does, or more: (module, option, what) and why.
DOCUMENTED_OTHERWISE: Mapping[tuple[str, str, str], str] = {
    **{
        (module, option, "undocumented"): "for the module's own action plugin"
        for module, names in {
            "ansible.windows.async_status": ("_async_dir",),
            "ansible.windows.win_copy": ("_copy_mode", "_original_basename", "directories", "files"),
            "ansible.windows.win_file": ("_diff_peek", "_original_basename"),
        }.items()
        for option in names
    },
    **{
        ("ansible.windows.win_copy", option, "only documented"): "read by the action plugin, never by the module"
        for option in ("content", "decrypt", "local_follow", "remote_src")
    },
    **{
        ("community.windows.win_firewall_rule", option, "undocumented"): "no longer documented, still read"
        for option in ("edge", "interfacetypes", "security")
    },
    **{
        (module, option, "elements"): "Get-AnsibleParam converts no elements"
        for module, option in (
            ("ansible.windows.win_eventlog", "sources"),
            ("ansible.windows.win_group_membership", "members"),
            ("community.windows.win_firewall_rule", "icmp_type_code"),
            ("community.windows.win_firewall_rule", "profiles"),
            ("community.windows.win_scheduled_task", "actions"),
            ("community.windows.win_scheduled_task", "triggers"),
        )
    },
    **{
        (module, option, "choices"): "the module's own code checks them, or nothing does"
        for module, option in (
            ("ansible.windows.win_acl", "inherit"),
            ("community.windows.win_scheduled_task", "compatibility"),
            ("community.windows.win_scheduled_task", "multiple_instances"),
            ("community.windows.win_xml", "state"),
        )
    },
    ("community.windows.win_scheduled_task", "logon_type", "choices"): "token_or_password is documented under a name"
    " that the module refuses",
    ("ansible.windows.win_acl", "follow", "default"): "the text false, which becomes false",
    **{
        ("ansible.windows.win_audit_rule", option, "default"): "documented as the text that a playbook may write"
        for option in ("audit_flags", "inheritance_flags")
    },
    ("ansible.windows.win_hotfix", "state", "type"): "a slip: state is no type and converts nothing",
    ("ansible.windows.win_reg_stat", "name", "aliases"): "property is documented and not read",
    **{
        ("ansible.windows.win_service", option, "type"): "converted by the module's own code to UInt32"
        for option in ("failure_actions/delay_ms", "failure_reset_period_sec", "pre_shutdown_timeout_ms")
    },
}

#: Where PowerShell's parser gave something else for the same version or the one before, and why.
OTHERWISE_READ: Mapping[tuple[str, str], str] = {
    **{
        ("ansible.windows.async_status", name): "calls with arguments by position were not read"
        for name in ("_async_dir", "jid", "mode")
    },
    **{
        ("community.windows.win_xml", name): "calls with arguments by position were not read"
        for name in (
            *("attribute", "backup", "content", "count", "fragment", "path", "preserve_whitespace", "state", "type"),
            "xpath",
        )
    },
    **{
        ("ansible.windows.win_package", name): "the shared options of web requests were not joined"
        for name in (
            *("client_cert", "client_cert_password", "follow_redirects", "force_basic_auth", "headers", "http_agent"),
            *("maximum_redirection", "proxy_password", "proxy_url", "proxy_use_default_credential", "proxy_username"),
            *("url_method", "url_password", "url_timeout", "url_username", "use_default_credential", "use_proxy"),
            "validate_certs",
        )
    },
    ("ansible.windows.win_package", "provider"): "the keys of a variable were not read",
    ("ansible.windows.win_copy", "src"): "the condition under which it is required was not read",
    ("ansible.windows.win_file", "_diff_peek"): "not read there",
    ("community.windows.win_firewall_rule", "security"): "a variable's content was not read",
    ("community.windows.win_scheduled_task", "logon_type"): "a variable's content was not read",
}

Difference = tuple[str, str, str]


@cache
def specs() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(module_specs.TARGET.read_text(encoding="utf-8"))["modules"]
    return content


def test_file_is_up_to_date() -> None:
    assert module_specs.TARGET.read_text(encoding="utf-8") == module_specs.text()


def documented_differences(
    module: str, spec: Mapping[str, Any], docs: Mapping[str, Any], path: str = ""
) -> set[Difference]:
    found = set()
    for name in spec.keys() | docs.keys():
        place = f"{path}{name}"
        if name not in docs:
            found.add((module, place, "undocumented"))
            continue
        if name not in spec:
            found.add((module, place, "only documented"))
            continue
        own, documented = spec[name], docs[name]
        pairs = {
            "type": (own.get("type", "str"), documented.get("type", "str")),
            "elements": (own.get("elements"), documented.get("elements")),
            "choices": (own.get("choices", []), documented.get("choices", [])),
            "aliases": (own.get("aliases", []), documented.get("aliases", [])),
            "required": (own.get("required", False), documented.get("required", False)),
            "default": (own.get("default"), documented.get("default")),
        }
        for what, (left, right) in pairs.items():
            lists = isinstance(left, list) and isinstance(right, list)
            if (sorted(map(str, left)) != sorted(map(str, right))) if lists else (left != right):
                found.add((module, place, what))
        if "options" in own:
            found |= documented_differences(module, own["options"], documented.get("suboptions", {}), f"{place}/")
    return found


def test_documentation_agrees() -> None:
    found: set[Difference] = set()
    for module, spec in specs().items():
        found |= documented_differences(module, spec.get("options", {}), options(module))
    assert found == set(DOCUMENTED_OTHERWISE)


def test_the_lab_knows_what_is_specified() -> None:
    """Nothing is read out of a module that the lab's own check would pass over."""
    known = {"style", "open", "supports_check_mode", "options", "type", "elements", "choices", "aliases", "default"}
    known |= {"required", "required_when", "no_log", "apply_defaults", "removed_in_version", "removed_from_collection"}
    known |= {"mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by"}

    def keys(table: Mapping[str, Any]) -> set[str]:
        return set(table) | {key for option in table.get("options", {}).values() for key in keys(option)}

    assert {key for spec in specs().values() for key in keys(spec)} <= known


@pytest.mark.skipif(not OTHER.exists(), reason="the specifications read by PowerShell do not lie beside the checkout")
def test_powershell_read_the_same() -> None:
    other = json.loads(OTHER.read_text(encoding="utf-8"))["modules"]
    found = set()
    for module in specs().keys() & other.keys():
        own, read = alike(specs()[module]), alike(other[module])
        for name in own["options"].keys() | read["options"].keys():
            if own["options"].get(name) != read["options"].get(name):
                found.add((module, name))
        constraints = {key: value for key, value in own.items() if key not in {"options", "open"}}
        assert constraints == {key: value for key, value in read.items() if key != "options"}, module
    assert found == set(OTHERWISE_READ)


def alike(table: Mapping[str, Any]) -> dict[str, Any]:
    """A specification in one spelling: single values as lists, no internal options, converters without their kind."""
    found: dict[str, Any] = {"options": {}}
    for key, value in table.items():
        if key == "options":
            names = [name for name in value if not name.startswith("_ansible_")]
            found[key] = {name: {**alike(value[name])} for name in names}
        elif key in {"aliases", "choices"}:
            found[key] = value if isinstance(value, list) else [value]
        elif key == "required_by":
            found[key] = {name: [needs] if isinstance(needs, str) else needs for name, needs in value.items()}
        elif key != "type" or value != "raw":
            found[key] = "custom" if key == "type" and value.startswith("custom:") else value
    if "style" not in table and not found["options"]:
        del found["options"]
    return found


@pytest.mark.parametrize(
    "text, value",
    [
        ("'it''s'", "it's"),
        ('"plain"', "plain"),
        ('"with $x"', Expression('"with $x"')),
        ("$true", True),
        ("-1", -1),
        ("0x10", 16),
        ("'a', 'b'", ["a", "b"]),
        (", 'a'", ["a"]),
        ("@('a')", ["a"]),
        ("@()", []),
        ("@('a'\n'b')", ["a", "b"]),
        ("@(@('a', 'b'))", ["a", "b"]),
        ("@(@('a'), @('b'))", [["a"], ["b"]]),
        ("@(, @('a', 'b'))", [["a", "b"]]),
        ("@{ a = 1; 'b' = @{ c = $null } }", {"a": 1, "b": {"c": None}}),
        ("$list + 'c'", ["a", "b", "c"]),
        ("$table.Keys + 'auto'", ["x", "auto"]),
        ("$unknown", Expression("$unknown")),
        ("$env:TMP", Expression("$env:TMP")),
    ],
)
def test_literal(text: str, value: object) -> None:
    root = parse(f"$list = 'a', 'b'\n$table = [Ordered]@{{ x = @{{}} }}\n$result = {text}")
    literals = Literals(root)
    assert literals.value(literals.variables["result"]) == value


@pytest.mark.parametrize(
    "table", ["@{ options = @{ a = @{ type = $unknown } } }", "@{ options = @{ a = @{ choices = Get-Choice } } }"]
)
def test_what_is_not_literal_is_refused(table: str) -> None:
    root = parse(f"$spec = {table}\n$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)")
    with pytest.raises(module_specs.Unreadable):
        module_specs.basic(root, Literals(root), "ansible.windows")

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read out of the upstream PowerShell modules which arguments they take, for the modules that the lab answers.

usage: python -m tools.module_specs [--write]

Writes lab/windows/data/module_specs.json, or says whether the file is what the installed collections give. The modules
are parsed, not run. Those of Ansible.Basic state a table; the older ones call Get-AnsibleParam for each option.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tree_sitter import Node

from tools.literals import Expression, Literals, parse, source, walk
from tools.tree import COLLECTIONS, TOP
from tools.upstream import installed_version

TARGET = TOP / "lab" / "windows" / "data" / "module_specs.json"

#: What the lab answers, by collection.
MODULES: Mapping[str, str] = {
    "ansible.windows": "async_status setup slurp win_acl win_acl_inheritance win_audit_policy_system win_audit_rule"
    " win_certificate_info win_certificate_store win_command win_copy win_environment win_eventlog win_feature"
    " win_feature_info win_file win_find win_group win_group_membership win_hotfix win_owner win_package win_ping"
    " win_powershell win_product_facts win_reboot_info win_reg_stat win_regedit win_service win_service_info win_shell"
    " win_stat win_tempfile win_user win_user_right win_whoami",
    "community.windows": "win_firewall_rule win_scheduled_task win_scheduled_task_stat win_xml",
    "microsoft.ad": "membership",
    "microsoft.iis": "authentication virtual_directory virtual_directory_info web_app_pool web_app_pool_info"
    " web_application web_application_info website website_info",
}

WHAT = (
    "Argument specifications of the upstream modules that the lab answers, read out of the modules' own text."
    " style basic: checked by Ansible.Basic, unknown options are refused. style legacy: Get-AnsibleParam, unknown"
    " options are ignored. Made by: python -m tools.module_specs --write"
)

#: Parameters of Get-AnsibleParam in their order, as it states them.
PARAMETERS = (
    *("obj", "name", "default", "resultobj", "failifempty"),
    *("emptyattributefailmessage", "validateset", "validateseterrormessage", "type", "aliases"),
)
#: Metadata that Ansible.Basic takes as a list, and lets a single value stand for.
LISTS = ("aliases", "choices")
CONSTRAINTS = ("mutually_exclusive", "required_together", "required_one_of", "required_if")

#: Enumerations of .NET whose members are choices, in the order of their values (GetEnumValues).
ENUMERATIONS: Mapping[str, list[str]] = {
    "System.Security.Cryptography.X509Certificates.StoreLocation": ["CurrentUser", "LocalMachine"],
}

_ENUMERATION = re.compile(r"\(\[([\w.]+)\]\)\.GetEnumValues\(\) \| ForEach-Object \{ \$_\.ToString\(\) \}$")
_CONVERTER = re.compile(r"\{ \[(\w+)\]\$args\[0\] \}")
_CONDITION = re.compile(r"^\$(\w+) (?:-in|-eq) (.+)$", re.DOTALL)


class Unreadable(ValueError):  # noqa: N818  # a module may be as it likes
    """A module says its arguments in a way that this cannot read."""


def folder(collection: str) -> Path:
    return COLLECTIONS / "ansible_collections" / Path(*collection.split(".")) / "plugins"


def specification(collection: str, name: str) -> dict[str, Any]:
    """The arguments of one module. Raises Unreadable."""
    path = folder(collection) / "modules" / f"{name}.ps1"
    text = path.read_text(encoding="utf-8-sig")
    root = parse(text)
    literals = Literals(root)
    if "::Create($args" in text:
        found = basic(root, literals, collection)
    elif "Parse-Args" in text:
        found = legacy(root, literals)
    else:
        raise Unreadable(f"{path}: neither Ansible.Basic nor Parse-Args")
    return {"style": "legacy" if "Parse-Args" in text else "basic", **found}


def basic(root: Node, literals: Literals, collection: str) -> dict[str, Any]:
    """The table that is handed to AnsibleModule::Create, with the fragments beside it."""
    create = next(
        node
        for node in walk(root)
        if node.type == "invokation_expression" and "AnsibleModule]::Create($args" in source(node)
    )
    given = [node for node in walk(create) if node.type == "argument_expression"]
    table = literals.value(literals.variables[source(given[1]).removeprefix("$").lower()])
    for node in walk(given[2]) if len(given) > 2 else ():
        if node.type == "command_name":
            merge(table, fragment(collection, source(node)))
    found = normalise(table)
    # setup makes an option of everything that it is given, for gather_facts to send what it likes.
    if any(node.type == "assignment_expression" and source(node).startswith("$spec.options.") for node in walk(root)):
        found["open"] = True
    return found


def fragment(collection: str, function: str) -> dict[str, Any]:
    """The table that a function of the collection's module_utils returns."""
    for path in sorted((folder(collection) / "module_utils").glob("*.psm1")):
        root = parse(path.read_text(encoding="utf-8-sig"))
        for node in walk(root):
            if node.type == "function_statement" and function in source(node).partition("{")[0]:
                table = next(inner for inner in walk(node) if inner.type == "hash_literal_expression")
                found = Literals(root).value(table)
                if isinstance(found, dict):
                    return found
    raise Unreadable(f"{collection}: no function {function} that returns a table")


def merge(table: dict[str, Any], other: Mapping[str, Any]) -> None:
    """What Ansible.Basic does with a fragment: tables and lists are joined, else the module's own value counts."""
    for key, value in other.items():
        if key not in table:
            table[key] = value
        elif isinstance(value, dict):
            merge(table[key], value)
        elif isinstance(value, list):
            table[key] = [*table[key], *value]


def normalise(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table with every list a list and every key literal."""
    found: dict[str, Any] = {}
    for key, value in sorted(table.items(), key=lambda entry: (entry[0] == "options", entry[0])):
        if key == "options":
            found[key] = {name: normalise(value[name]) for name in value}
        elif key == "type" and isinstance(value, Expression):
            converter = _CONVERTER.search(value.text)
            if converter is None:
                raise Unreadable(f"a type that is no name: {value.text}")
            found[key] = f"custom:{converter[1].lower()}"
        elif key == "choices" and isinstance(value, Expression):
            names = _ENUMERATION.search(value.text)
            if names is None:
                raise Unreadable(f"choices that are not literal: {value.text}")
            found[key] = ENUMERATIONS[names[1]]
        elif key in LISTS:
            found[key] = value if isinstance(value, list) else [value]
        elif key in CONSTRAINTS:
            found[key] = value if value and isinstance(value[0], list) else [value] if value else []
        elif key == "required_by":
            found[key] = {name: needs if isinstance(needs, list) else [needs] for name, needs in value.items()}
        else:
            found[key] = value
    no_expressions(found)
    return found


def no_expressions(value: Any) -> None:
    """Raise Unreadable where something is not literal."""
    if isinstance(value, Expression):
        raise Unreadable(f"not literal: {value.text}")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        no_expressions(inner)


def legacy(root: Node, literals: Literals) -> dict[str, Any]:
    """The calls of Get-AnsibleParam, in their order."""
    check_mode = False
    options: dict[str, Any] = {}
    variables: dict[str, str] = {}
    for node in walk(root):
        if node.type != "command":
            continue
        name = source(node.named_children[0]).lower()
        if name == "parse-args":
            check_mode = "-supports_check_mode $true" in source(node)
        if name not in {"get-ansibleparam", "get-attr"}:
            continue
        given = parameters(node, literals)
        if not isinstance(given["name"], str) or given["name"].startswith("_ansible_"):
            continue
        options[given["name"]] = legacy_option(given, variables)
        target = node.parent.parent.parent if node.parent and node.parent.parent else None
        if target is not None and target.type == "assignment_expression":
            variables[source(target.named_children[0]).removeprefix("$").lower()] = given["name"]
    return {"supports_check_mode": check_mode, "options": options}


def parameters(command: Node, literals: Literals) -> dict[str, Any]:
    """The arguments of a call of Get-AnsibleParam by the parameter's name in lower case."""
    found: dict[str, Any] = {}
    elements = [child for child in command.named_children[1].named_children if child.type != "command_argument_sep"]
    waiting = None
    for element in elements:
        if element.type == "command_parameter":
            waiting = source(element).removeprefix("-").lower()
            continue
        free = waiting or next(name for name in PARAMETERS if name not in found)
        found[free] = literals.value(element)
        waiting = None
    return found


def legacy_option(given: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """One call as an option."""
    option: dict[str, Any] = {}
    if "type" in given:
        option["type"] = given["type"]
    if "validateset" in given:
        option["choices"] = given["validateset"]
    if "aliases" in given:
        option["aliases"] = given["aliases"] if isinstance(given["aliases"], list) else [given["aliases"]]
    default = given.get("default")
    if isinstance(default, Expression) and default.text.lower().startswith("$env:"):
        option["default"] = {"environment": default.text.partition(":")[2]}
    elif default is not None:
        option["default"] = default
    required = given.get("failifempty", False)
    if isinstance(required, Expression):
        condition = _CONDITION.match(required.text)
        if condition is None:
            raise Unreadable(f"a condition that is not known: {required.text}")
        values = Literals(parse("")).value(parse(condition[2]))
        values = values if isinstance(values, list) else [values]
        option["required_when"] = {"option": variables[condition[1].lower()], "is": values}
    elif required:
        option["required"] = True
    no_expressions(option)
    return option


def build() -> dict[str, Any]:
    """The content of the file."""
    modules = {f"{collection}.{name}": specification(collection, name) for collection, name in _names()}
    versions = {collection: installed_version(COLLECTIONS, collection) for collection in MODULES}
    return {"head": {"what": WHAT, "versions": versions}, "modules": modules}


def _names() -> list[tuple[str, str]]:
    return [(collection, name) for collection, names in MODULES.items() for name in names.split()]


def text() -> str:
    """The file as it should be: one line a module, for reviews to show what changed."""
    content = build()
    lines = [f"  {json.dumps(name)}: {json.dumps(spec)}" for name, spec in content["modules"].items()]
    head = json.dumps(content["head"], indent=1)
    return f'{{\n"head": {head},\n"modules": {{\n' + ",\n".join(lines) + "\n}\n}\n"


def main(arguments: list[str]) -> int:
    """Write the file or compare it. Return the exit status."""
    made = text()
    if "--write" in arguments:
        TARGET.write_text(made, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") != made:
        print(f"{TARGET} is not what the installed collections say: python -m tools.module_specs --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

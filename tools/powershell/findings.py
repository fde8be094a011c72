# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a script, and the checks of its form, its parameters and its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .reference import Reference
from .script import Script, core, line, literal, parent_of, text, walk, within

#: Lines of code that an own script has at least and at most.
SHORTEST, LONGEST = 5, 40

LONGEST_LINE = 120

#: What only PowerShell 7 has, in code without strings and comments.
ONLY_SEVEN = (
    (re.compile(r"\?\?=?"), "?? is PowerShell 7 only"),
    (re.compile(r"(?<=[\w)\]}$])\?[.\[]"), "?. and ?[] are PowerShell 7 only"),
    (re.compile(r"&&|\|\|"), "&& and || are PowerShell 7 only"),
    (re.compile(r"(?<=[\w)\]}\s])(?<!\|)(?<!\| )\?\s[^\n]*:"), "the ternary operator is PowerShell 7 only"),
    (re.compile(r"(?i)(?<!\w)-parallel\b"), "-Parallel is PowerShell 7 only"),
    (re.compile(r"(?i)^\s*clean\s*\{", re.MULTILINE), "a clean block is PowerShell 7 only"),
)

#: Statements that make a script more than one operation.
REFUSED_STATEMENTS = {
    "function_statement": "a function",
    "class_statement": "a class",
    "enum_statement": "an enumeration",
    "trap_statement": "a trap",
    "data_statement": "a data section",
    "inlinescript_statement": "a workflow",
    "parallel_statement": "a workflow",
    "sequence_statement": "a workflow",
    "named_block_list": "a begin, process or end block",
}

#: What a literal that something is compared with may look like: identifiers, numbers, paths, SIDs, OIDs.
IDENTIFIER = re.compile(r"[\w.:\\/*{}$%+-]*")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong, at a line that counts from 1."""

    line: int
    message: str


def check_text(script: Script) -> Iterator[Finding]:
    """Encoding, line ends, length."""
    if b"\r" in script.content or not script.content.endswith(b"\n") or script.content.endswith(b"\n\n"):
        yield Finding(1, "lines end with LF, the last one too, and no empty line follows it")
    for number, row in enumerate(script.text.splitlines(), 1):
        if not row.isascii():
            yield Finding(number, "not ASCII, which Windows PowerShell 5.1 reads by the system's code page")
        if "\t" in row or row != row.rstrip():
            yield Finding(number, "a tab or white space at the end")
        if len(row) > LONGEST_LINE:
            yield Finding(number, f"longer than {LONGEST_LINE} characters")
    if not SHORTEST <= script.code_lines <= LONGEST:
        yield Finding(1, f"{script.code_lines} lines of code, and not {SHORTEST} to {LONGEST}")


def check_syntax(script: Script) -> Iterator[Finding]:
    """What the grammar does not know: Windows PowerShell 5.1 would not either, or the house dialect avoids it."""
    for number, row in enumerate(script.bare.splitlines(), 1):
        yield from (Finding(number, message) for pattern, message in ONLY_SEVEN if pattern.search(row))
    for node in walk(script.root):
        if node.is_missing:
            yield Finding(line(node), f"does not parse: '{node.type}' is missing")
        elif node.is_error:
            shown = text(node).split("\n")[0][:60]
            yield Finding(line(node), f"does not parse near: {shown}")
        elif node.type in REFUSED_STATEMENTS:
            yield Finding(line(node), f"{REFUSED_STATEMENTS[node.type]}: one script is one operation")
        elif node.type in ("expandable_here_string_literal", "verbatim_here_string_characters"):
            yield Finding(line(node), "a here-string: no long texts in scripts")
        elif node.type == "redirection":
            yield Finding(line(node), "a redirection: objects go out, errors are thrown")


def reads_only(script: Script) -> bool:
    """Whether the script declares SupportsShouldProcess, so that win_powershell runs it in check mode."""
    blocks = script.of("param_block")
    return any(text(name) == "SupportsShouldProcess" for block in blocks for name in within(block, "simple_name"))


def check_parameters(script: Script, reference: Reference) -> Iterator[Finding]:
    """The param block: there, literal, typed, and secrets as secrets."""
    blocks = [node for node in script.root.children if node.type == "param_block"]
    if not blocks:
        yield Finding(1, "no param block")
        return
    block = blocks[0]
    heads = [node for node in block.children if node.type == "attribute_list"]
    written = "".join(text(head) for head in heads)
    if re.sub(r"\s", "", written) not in ("[CmdletBinding()]", "[CmdletBinding(SupportsShouldProcess)]"):
        yield Finding(line(block), "begins with neither [CmdletBinding()] nor [CmdletBinding(SupportsShouldProcess)]")
    for parameter in within(block, "script_parameter"):
        yield from _check_parameter(parameter, reference)


def _check_parameter(parameter: Node, reference: Reference) -> Iterator[Finding]:
    rules = reference.rules
    name = next(text(node) for node in parameter.children if node.type == "variable")
    types = [
        text(node)[1:-1] for head in parameter.children if head.type == "attribute_list"
        for node in head.named_children for node in node.named_children if node.type == "type_literal"
    ]  # fmt: skip
    if len(types) != 1:
        yield Finding(line(parameter), f"{name} has {len(types)} types, and not one")
    if rules.secret_names.search(name[1:]) and not {kind.casefold() for kind in types} & rules.secret_types:
        yield Finding(line(parameter), f"{name} is a secret and neither a securestring nor a pscredential")
    for default in (node for node in parameter.children if node.type == "script_parameter_default"):
        names = {text(node).casefold() for node in within(default, "variable")}
        computed = any(within(default, "command", "invokation_expression", "member_access", "script_block_expression"))
        if computed or names - {"$true", "$false", "$null"}:
            yield Finding(line(default), f"the default of {name} is no literal")


def check_types(script: Script, reference: Reference) -> Iterator[Finding]:
    """.NET: types, attributes, static members and methods, all from lists."""
    rules = reference.rules
    for node in script.of("type_literal"):
        name = re.sub(r"\s", "", text(node))[1:-1]
        if name.casefold() not in rules.types:
            yield Finding(line(node), f"the type [{name}] is not in rules.yml")
    for node in script.of("attribute_name"):
        if text(node).casefold() not in rules.attributes:
            yield Finding(line(node), f"the attribute [{text(node)}] is not in rules.yml")
    for node in script.of("member_access", "invokation_expression"):
        yield from _check_member(node, reference)


def _check_member(node: Node, reference: Reference) -> Iterator[Finding]:
    member = next((child for child in node.children if child.type == "member_name"), None)
    if member is None:
        return
    name = text(member)
    if [child.type for child in member.named_children] != ["simple_name"]:
        yield Finding(line(node), f"the member {name} is named by a value")
    elif any(text(child) == "::" for child in node.children):
        called = f"{text(node.children[0])}::{name}"
        if called.casefold() not in reference.rules.statics:
            yield Finding(line(node), f"the static member {called} is not in rules.yml")
    elif node.type == "invokation_expression" and name.casefold() not in reference.rules.methods:
        yield Finding(line(node), f"the method {name} is not in rules.yml")


def check_language(script: Script, reference: Reference) -> Iterator[Finding]:
    """Decisions by text for people, errors that vanish, variables of other scopes."""
    for node in script.of("comparison_expression", "switch_condition", "switch_clause_condition"):
        if node.type != "comparison_expression" or any(child.type == "comparison_operator" for child in node.children):
            yield from _check_comparison(node, reference)
    for node in script.of("catch_clause"):
        used = any(text(inner) == "$_" for inner in within(node, "variable"))
        thrown = any(text(inner).casefold().startswith("throw") for inner in within(node, "flow_control_statement"))
        if not used and not thrown:
            yield Finding(line(node), "a catch block that neither uses $_ nor throws")
    for node in script.of("variable"):
        name = text(node)
        if "{" in name or (":" in name and not name.casefold().startswith("$env:")):
            yield Finding(line(node), f"the variable {name} is not one of the script")


def _check_comparison(node: Node, reference: Reference) -> Iterator[Finding]:
    for inner in within(node, "string_literal"):
        value = literal(inner)
        if value is not None and not IDENTIFIER.fullmatch(value) and parent_of(inner, "command") is None:
            yield Finding(line(inner), f"a decision by the text '{value}', which is no identifier")
    for inner in within(node, "member_name"):
        if text(inner).casefold() in reference.rules.display_properties:
            yield Finding(line(inner), f"a decision by {text(inner)}, which is text in the system's language")


def check_blocks(script: Script) -> Iterator[Finding]:
    """Script blocks stand as arguments of a cmdlet and nowhere else."""
    for node in script.of("script_block_expression"):
        holder = parent_of(node, "command_elements", "assignment_expression", "hash_entry", "command_name_expr")
        if holder is None or holder.type != "command_elements" or core_of_argument(node, holder) is None:
            yield Finding(line(node), "a script block that is no argument of a cmdlet")


def core_of_argument(node: Node, elements: Node) -> Node | None:
    """The element of a command that is O(node) and nothing more."""
    return next((child for child in elements.named_children if core(child).id == node.id), None)

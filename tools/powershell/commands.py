# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of what a script calls: cmdlets, parameters, values, programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .findings import Finding, reads_only
from .reference import Cmdlet, Parameter, Reference
from .script import Script, core, line, literal, literals, text, within

#: Parameters whose text is compared on the server: WQL, XPath and the like.
FILTERS = frozenset({"filter", "query", "filterxpath", "filterxml"})


def check_commands(script: Script, reference: Reference) -> Iterator[Finding]:
    """Every call in a script."""
    reader = reads_only(script)
    for command in script.of("command"):
        name = next((node for node in command.children if node.type == "command_name"), None)
        if any(node.type == "command_invokation_operator" for node in command.children) or name is None:
            yield Finding(line(command), f"'{text(command)[:40]}': code is called by its own name only")
            continue
        yield from _check_call(script, command, text(name), reference, reader)


def _check_call(script: Script, command: Node, name: str, reference: Reference, reader: bool) -> Iterator[Finding]:
    rules = reference.rules
    if name.casefold() in rules.refused:
        yield Finding(line(command), f"{name} {rules.refused[name.casefold()]}")
        return
    if name in rules.programs:
        yield from _check_program(command, name)
        if reader and not rules.programs[name]["reads"]:
            yield Finding(line(command), f"{name} changes something, and check mode runs this script")
        return
    cmdlet = reference.cmdlet(name)
    if cmdlet is None:
        yield Finding(line(command), f"{name} is no cmdlet of the extract (aliases are not used; see tools/cmdlets.py)")
        return
    if cmdlet.name != name:
        yield Finding(line(command), f"{name} is spelled {cmdlet.name}")
    missing = [release for release in rules.releases if release not in cmdlet.releases]
    if missing:
        yield Finding(line(command), f"{cmdlet.name} is not documented for {', '.join(missing)}")
    accepted = rules.reading_verbs | set(rules.own_traces.get(script.name, ()))
    if reader and not {cmdlet.name, cmdlet.name.split("-")[0]} & accepted:
        yield Finding(line(command), f"{cmdlet.name} changes something, and check mode runs this script")
    yield from _check_arguments(script, command, cmdlet, reference)


def _elements(command: Node) -> list[Node]:
    return [node for elements in command.children if elements.type == "command_elements" for node in elements.children]


def _check_program(command: Node, name: str) -> Iterator[Finding]:
    for element in _elements(command):
        if element.type not in ("command_argument_sep", "command_parameter") and literal(element) is None:
            yield Finding(line(element), f"{name} gets {text(element)}, which is no literal text")


def _check_arguments(script: Script, command: Node, cmdlet: Cmdlet, reference: Reference) -> Iterator[Finding]:
    waiting: Parameter | str | None = None  # the parameter that the next value belongs to
    last: Parameter | str | None = None  # the parameter before a colon
    for element in _elements(command):
        if element.type == "command_argument_sep":
            if ":" in text(element):
                waiting = last
        elif element.type == "command_parameter":
            if waiting is not None:
                yield Finding(line(element), f"{cmdlet.name} {_name(waiting)} has no value")
            last = waiting = None
            parameter, findings = _find(element, text(element)[1:], cmdlet, reference)
            yield from findings
            last = parameter if parameter is not None else text(element)[1:]
            waiting = None if isinstance(parameter, Parameter) and parameter.is_switch else last
        elif waiting is not None:
            yield from _check_value(element, waiting, cmdlet, reference)
            waiting = last = None
        elif text(core(element)).startswith("@") and core(element).type == "variable":
            yield from _check_splat(script, element, cmdlet, reference)
        else:
            yield Finding(line(element), f"{cmdlet.name} gets {text(element)[:40]} by position, and not by a parameter")
    if waiting is not None:
        yield Finding(line(command), f"{cmdlet.name} {_name(waiting)} has no value")


def _name(parameter: Parameter | str) -> str:
    return f"-{parameter if isinstance(parameter, str) else parameter.name}"


def _find(node: Node, name: str, cmdlet: Cmdlet, reference: Reference) -> tuple[Parameter | None, list[Finding]]:
    """The parameter of a name, and what is wrong with that; None for a common one or one that is not there."""
    rules = reference.rules
    parameter = cmdlet.parameter(name)
    if parameter is None:
        if name in rules.common_parameters:
            return None, []
        return None, [Finding(line(node), f"{cmdlet.name} has no parameter -{name}")]
    findings = []
    if parameter.name != name:
        findings.append(Finding(line(node), f"-{name} is spelled -{parameter.name}"))
    if missing := parameter.missing_in(rules.releases):
        findings.append(
            Finding(line(node), f"{cmdlet.name} -{parameter.name} is not documented for {', '.join(missing)}")
        )
    return parameter, findings


def _check_value(node: Node, parameter: Parameter | str, cmdlet: Cmdlet, reference: Reference) -> Iterator[Finding]:
    rules = reference.rules
    name, found = _name(parameter), literals(node)
    if isinstance(parameter, str):
        accepted = rules.common_parameters.get(parameter)
        if accepted is not None and (not found or any(value not in accepted for value in found)):
            yield Finding(line(node), f"{cmdlet.name} {name} is {', '.join(accepted)} or not given")
        return
    for value in found:
        if refusing := parameter.refusing(value, rules.releases):
            yield Finding(line(node), f"{cmdlet.name} {name} does not accept '{value}' on {', '.join(refusing)}")
    if cmdlet.name == "New-Object" and parameter.name == "ComObject":
        yield Finding(line(node), "New-Object -ComObject: a COM object, which no test can stand in for")
    if cmdlet.name == "New-Object" and parameter.name == "TypeName":
        wrong = [value for value in found if value.casefold() not in rules.types]
        if wrong or not found:
            yield Finding(line(node), f"the type {', '.join(wrong) or text(node)} is not in rules.yml")
    yield from _check_language(node, parameter, found, cmdlet, reference)


def _check_language(
    node: Node, parameter: Parameter, found: list[str], cmdlet: Cmdlet, reference: Reference
) -> Iterator[Finding]:
    """Filters, and the properties that Where-Object compares, are decisions too."""
    if parameter.name.casefold() in FILTERS:
        words = {word.casefold() for value in literals(node) for word in re.findall(r"\w+", value)}
        words |= {text(inner).casefold() for inner in within(node, "member_name")}
        if core(node).type == "string_literal" and not found:
            yield Finding(line(node), f"{cmdlet.name} -{parameter.name} is built out of values")
    elif cmdlet.name == "Where-Object" and parameter.name == "Property":
        words = {value.casefold() for value in found}
    else:
        return
    shown = sorted(words & reference.rules.display_properties)
    if shown:
        yield Finding(line(node), f"a decision by {', '.join(shown)}, which is text in the system's language")


def _check_splat(script: Script, node: Node, cmdlet: Cmdlet, reference: Reference) -> Iterator[Finding]:
    """A table of parameters: made in the script, with literal names that the cmdlet has."""
    name = "$" + text(core(node))[1:]
    keys: list[str] = []
    for assignment in script.of("assignment_expression"):
        target = core(assignment.named_children[0])
        if text(target).casefold() == name.casefold():
            tables = list(within(assignment, "hash_literal_expression"))
            if not tables or text(core(assignment.named_children[-1])) != text(tables[0]):
                yield Finding(line(assignment), f"{name} is splatted and no literal table")
            keys += [text(key).strip("'\"") for table in tables[:1] for key in within(table, "key_expression")]
        elif target.type in ("member_access", "element_access") and text(target.children[0]) == name:
            keys.append(re.sub(r"^\[?['\"]?|['\"]?\]?$", "", text(target)[len(name) :].lstrip(".")))
    if not keys:
        yield Finding(line(node), f"{text(core(node))} is not made in the script")
    for key in keys:
        parameter, findings = _find(node, key, cmdlet, reference)
        yield from findings
        if parameter is None and key in reference.rules.common_parameters:
            yield Finding(line(node), f"-{key} is not given in a table")

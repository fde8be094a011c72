# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What literal PowerShell says, without running it: tables, lists, texts, numbers, and the variables that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_powershell.language()))
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Expression:
    """What is no literal: the text of it."""

    text: str


def parse(text: str) -> Node:
    return _PARSER.parse(text.encode()).root_node


def source(node: Node) -> str:
    return (node.text or b"").decode()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, in the order of the text."""
    yield node
    for child in node.named_children:
        yield from walk(child)


def assignments(root: Node) -> dict[str, Node]:
    """The right sides of the first assignment of each variable, by lower-case name without the dollar sign."""
    found: dict[str, Node] = {}
    for node in walk(root):
        if node.type == "assignment_expression":
            left, right = source(node.named_children[0]), node.named_children[-1]
            found.setdefault(left.removeprefix("$").lower(), right)
    return found


class Literals:
    """Reads values out of one script."""

    def __init__(self, root: Node) -> None:
        self.variables = assignments(root)

    def value(self, node: Node) -> Any:
        """The value of an expression: dict, list, str, int, bool, None; Expression for what is not literal."""
        reader = getattr(self, f"_{node.type}", None)
        if reader is not None:
            return reader(node)
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) == 1 and source(inner[0]).strip() == source(node).strip():
            return self.value(inner[0])
        return Expression(source(node))

    def _variable(self, node: Node) -> Any:
        name = source(node).removeprefix("$").lower()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name not in self.variables or name == "args":
            return Expression(source(node))
        found = self.value(self.variables[name])
        return Expression(f"{source(node)} = {found.text}") if isinstance(found, Expression) else found

    def _string_literal(self, node: Node) -> Any:
        text = source(node)
        if text.startswith("'"):
            return text[1:-1].replace("''", "'")
        if text.startswith('"') and "$" not in text and "`" not in text:
            return text[1:-1]
        return Expression(text)

    def _integer_literal(self, node: Node) -> int:
        return int(source(node), 0)

    def _array_literal_expression(self, node: Node) -> Any:
        items = [self.value(child) for child in node.named_children if child.type != "comment"]
        return items[0] if len(items) == 1 else items

    def _expression_with_unary_operator(self, node: Node) -> Any:
        inner = self.value(node.named_children[-1])
        match node.children[0].type:
            case ",":
                return [inner]
            case "-" if isinstance(inner, int):
                return -inner
            case _:
                return inner if node.named_children[0].type == "cast_expression" else Expression(source(node))

    def _cast_expression(self, node: Node) -> Any:
        if source(node.named_children[0]).lower() == "[ordered]":
            return self.value(node.named_children[1])
        return Expression(source(node))

    def _parenthesized_expression(self, node: Node) -> Any:
        return self.value(node.named_children[0])

    def _array_expression(self, node: Node) -> list[Any]:
        # What each statement puts out goes into the array one by one: @(@("a", "b")) is @("a", "b").
        items: list[Any] = []
        for block in node.named_children:
            for statement in block.named_children:
                if statement.type != "comment":
                    found = self.value(statement)
                    items.extend(found if isinstance(found, list) else [found])
        return items

    def _hash_literal_expression(self, node: Node) -> dict[str, Any]:
        entries = [entry for entry in walk_entries(node) if entry.type == "hash_entry"]
        return {_key(entry.named_children[0]): self.value(entry.named_children[-1]) for entry in entries}

    def _additive_expression(self, node: Node) -> Any:
        if len(node.named_children) != 2 or node.children[1].type != "+":
            return self.value(node.named_children[0]) if len(node.named_children) == 1 else Expression(source(node))
        left, right = (self.value(child) for child in node.named_children)
        if isinstance(left, list):
            return [*left, *(right if isinstance(right, list) else [right])]
        return Expression(source(node))

    def _member_access(self, node: Node) -> Any:
        owner, member = self.value(node.named_children[0]), source(node.named_children[-1])
        return list(owner) if isinstance(owner, dict) and member == "Keys" else Expression(source(node))


def walk_entries(table: Node) -> Iterator[Node]:
    """The entries of a table, not those of the tables in it."""
    for body in table.named_children:
        yield from body.named_children


def _key(node: Node) -> str:
    return source(node).strip("'\"")

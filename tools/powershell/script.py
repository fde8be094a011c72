# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script as tree-sitter-powershell parses it, and small questions to its nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_powershell
from tree_sitter import Node

from tools.tree import TOP

#: Where the project's own scripts lie.
OWN = TOP / "plugins" / "plugin_utils" / "scripts"

LANGUAGE = tree_sitter.Language(tree_sitter_powershell.language())

#: Nodes that stand for a value in a call or an expression and hold one thing only, the value itself.
_SHELLS = frozenset(
    """logical_expression bitwise_expression comparison_expression additive_expression multiplicative_expression
    format_expression range_expression array_literal_expression unary_expression pipeline pipeline_chain
    logical_argument_expression bitwise_argument_expression comparison_argument_expression
    additive_argument_expression multiplicative_argument_expression format_argument_expression
    range_argument_expression argument_expression left_assignment_expression statement_list
    array_expression parenthesized_expression""".split()
)

#: Comments, strings in single quotes and strings in double quotes, in the order in which the first one begins.
_NO_CODE = re.compile(r"""<\#.*?\#>|(?<![\w$`])\#[^\n]*|'(?:[^']|'')*'|"(?:[^"`]|""|`.)*\"""", re.DOTALL)


class Script:
    """A script's text and tree."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.root = tree_sitter.Parser(LANGUAGE).parse(content).root_node

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def bare(self) -> str:
        """The text with every comment and string blanked, line for line."""
        return _NO_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)

    @property
    def code_lines(self) -> int:
        """How many lines are neither empty nor comment alone."""
        return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in self.text.splitlines())

    def of(self, *types: str) -> Iterator[Node]:
        """All nodes of the given types, in the order of the text."""
        return (node for node in walk(self.root) if node.type in types)


def own_scripts() -> list[Path]:
    return sorted(OWN.glob("*.ps1"))


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text; without recursion, since inputs may be deep."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def line(node: Node) -> int:
    return node.start_point[0] + 1


def within(node: Node, *types: str) -> Iterator[Node]:
    """All nodes of the given types below a node, itself among them."""
    return (inner for inner in walk(node) if inner.type in types)


def parent_of(node: Node, *types: str) -> Node | None:
    """The nearest node of the given types around a node."""
    current = node.parent
    while current is not None and current.type not in types:
        current = current.parent
    return current


def core(node: Node) -> Node:
    """What a value is, without the nodes of the grammar that hold it alone."""
    while node.type in _SHELLS and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def literal(node: Node) -> str | None:
    """The text of a literal string or bare word; None for everything else."""
    inner = core(node)
    if inner.type == "generic_token":
        return text(inner)
    if inner.type != "string_literal" or any(within(inner, "variable", "sub_expression")):
        return None
    whole = text(inner)
    if whole.startswith("'"):
        return whole[1:-1].replace("''", "'")
    return whole[1:-1] if whole.startswith('"') and "`" not in whole and '""' not in whole[1:-1] else None


def literals(node: Node) -> list[str]:
    """The literal texts of a value: one, or those of an array."""
    one = literal(node)
    if one is not None:
        return [one]
    found = (literal(inner) for inner in within(node, "string_literal"))
    return [value for value in found if value is not None]

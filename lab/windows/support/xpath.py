# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XPath 1.0 over the DOM of the standard library, as much as configuration files need.

Known: paths with the axes child, descendant, descendant-or-self, parent, self, attribute, ancestor, ancestor-or-self,
following-sibling and preceding-sibling in both notations; predicates; `or`, `and`, comparisons; unions; strings and
numbers; the functions of FUNCTIONS. Everything else is refused (XPathError), arithmetic and variables among it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.dom import Node as Kind

Nodes = list[Any]
Value = Nodes | str | float | bool
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][\w.\-]*(?::(?!:)(?:[A-Za-z_][\w.\-]*|\*))?)|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>//|/|\.\.|\.|::|!=|<=|>=|[@\[\]()|=<>,*]))"
)
_AXES = (
    "child descendant descendant-or-self parent self attribute ancestor ancestor-or-self following-sibling "
    "preceding-sibling"
).split()
_TESTS = {"text": (Kind.TEXT_NODE, Kind.CDATA_SECTION_NODE), "comment": (Kind.COMMENT_NODE,), "node": ()}
_XMLNS = "http://www.w3.org/2000/xmlns/"


class XPathError(ValueError):
    """An expression that is wrong, or has something in it that is not known here."""


@dataclass
class _Context:
    node: Any
    position: int = 1
    size: int = 1


def select(document: Any, expression: str, prefixes: dict[str, str]) -> Nodes:
    """The nodes that an expression selects from a document, in document order.

    Raises:
        XPathError: The expression is none, gives no nodes, or has an unknown prefix.
    """
    parser = _Parser(expression, prefixes)
    found = parser.union()(_Context(document))
    if parser.peek() is not None:
        raise XPathError(f"'{expression}' has an invalid token.")
    if not isinstance(found, list):
        raise XPathError("Expression must evaluate to a node-set.")
    return _ordered(document, found)


def text_of(node: Any) -> str:
    """The string-value of a node, which .NET calls InnerText."""
    if node.nodeType == Kind.ATTRIBUTE_NODE:
        return str(node.value)
    if node.nodeType in (Kind.ELEMENT_NODE, Kind.DOCUMENT_NODE):
        return "".join(text_of(child) for child in node.childNodes if child.nodeType != Kind.COMMENT_NODE)
    return str(node.data) if node.nodeType != Kind.PROCESSING_INSTRUCTION_NODE else ""


Step = Callable[[_Context], Value]


class _Parser:
    def __init__(self, expression: str, prefixes: dict[str, str]) -> None:
        self.expression, self.prefixes = expression, prefixes
        self.tokens: list[tuple[str, str]] = []
        place, end = 0, len(expression.rstrip())
        while place < end:
            found = _TOKEN.match(expression, place)
            if not found:
                raise XPathError(f"'{expression}' has an invalid token.")
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            place = found.end()

    def peek(self, ahead: int = 0) -> str | None:
        return self.tokens[ahead][1] if len(self.tokens) > ahead else None

    def take(self, *wanted: str) -> str | None:
        if self.tokens and self.tokens[0][1] in wanted and self.tokens[0][0] != "text":
            return self.tokens.pop(0)[1]
        return None

    def need(self, wanted: str) -> None:
        if self.take(wanted) is None:
            raise XPathError(f"'{self.expression}' has an invalid token.")

    def either(self) -> Step:
        left = self.both()
        while self.take("or"):
            left = _logical(left, self.both(), any)
        return left

    def both(self) -> Step:
        left = self.comparison()
        while self.take("and"):
            left = _logical(left, self.comparison(), all)
        return left

    def comparison(self) -> Step:
        left = self.union()
        while sign := self.take("=", "!=", "<", "<=", ">", ">="):
            left = _comparison(left, self.union(), sign)
        return left

    def union(self) -> Step:
        left = self.path()
        while self.take("|"):
            left = _united(left, self.path())
        return left

    def path(self) -> Step:
        kind, token = self.tokens[0] if self.tokens else ("", "")
        if kind == "number":
            self.tokens.pop(0)
            return lambda _context: float(token)
        if kind == "text":
            self.tokens.pop(0)
            return lambda _context: token[1:-1]
        if token == "(":
            self.need("(")
            inner = self.either()
            self.need(")")
            return _filtered(inner, self.predicates())
        if kind == "name" and self.peek(1) == "(" and token not in _TESTS:
            return self.call()
        return self.location()

    def call(self) -> Step:
        name = self.tokens.pop(0)[1]
        self.need("(")
        arguments: list[Step] = []
        while not self.take(")"):
            if arguments:
                self.need(",")
            arguments.append(self.either())
        if name not in FUNCTIONS:
            raise XPathError(f"the function {name}() is not modelled")
        function = FUNCTIONS[name]
        return lambda context: function(context, *(argument(context) for argument in arguments))

    def location(self) -> Step:
        steps: list[Callable[[Any], Nodes]] = []
        root = False
        if self.peek() == "/":
            self.need("/")
            root = True
            if self.peek() is None or self.peek() in ("|", ")", "]", "=", "!="):
                return lambda context: [_root(context.node)]
        elif self.peek() == "//":
            root = True
        first = True
        while first or self.peek() in ("/", "//"):
            if self.take("//"):
                steps.append(_or_below)
            elif not first:
                self.need("/")
            steps.append(self.step())
            first = False

        def run(context: _Context) -> Nodes:
            nodes: Nodes = [_root(context.node)] if root else [context.node]
            for step in steps:
                nodes = _unique(found for node in nodes for found in step(node))
            return nodes

        return run

    def step(self) -> Callable[[Any], Nodes]:
        if self.take("."):
            return lambda node: [node]
        axis = "child"
        if self.take(".."):
            return lambda node: list(_axis("parent", node))
        if self.take("@"):
            axis = "attribute"
        elif self.peek(1) == "::":
            axis = self.tokens.pop(0)[1]
            self.need("::")
            if axis not in _AXES:
                raise XPathError(f"the axis {axis} is not modelled")
        test = self.test(axis)
        predicates = self.predicates()
        return lambda node: _chosen([each for each in _axis(axis, node) if test(each)], predicates)

    def predicates(self) -> list[Step]:
        found: list[Step] = []
        while self.take("["):
            found.append(self.either())
            self.need("]")
        return found

    def test(self, axis: str) -> Callable[[Any], bool]:
        wanted = Kind.ATTRIBUTE_NODE if axis == "attribute" else Kind.ELEMENT_NODE
        if self.take("*"):
            return lambda node: bool(node.nodeType == wanted)
        kind, name = self.tokens.pop(0) if self.tokens else ("", "")
        if kind != "name":
            raise XPathError(f"'{self.expression}' has an invalid token.")
        if name in _TESTS and self.take("("):
            self.need(")")
            kinds = _TESTS[name]
            return lambda node: not kinds or node.nodeType in kinds
        prefix, _, local = name.rpartition(":")
        if prefix and prefix not in self.prefixes:
            raise XPathError(f"Namespace prefix '{prefix}' is not defined.")
        space = self.prefixes.get(prefix) if prefix else None
        return lambda node: bool(
            node.nodeType == wanted and local in ("*", node.localName or node.nodeName) and _space(node) == space
        )


def _space(node: Any) -> str | None:
    return node.namespaceURI or None


def _axis(axis: str, node: Any) -> Iterator[Any]:
    above = node.ownerElement if node.nodeType == Kind.ATTRIBUTE_NODE else node.parentNode
    below = [] if node.nodeType == Kind.ATTRIBUTE_NODE else node.childNodes
    if axis in ("self", "descendant-or-self", "ancestor-or-self"):
        yield node
    if axis == "child":
        yield from below
    elif axis in ("descendant", "descendant-or-self"):
        for child in below:
            yield from _axis("descendant-or-self", child)
    elif axis == "parent":
        yield from [above] if above is not None else []
    elif axis in ("ancestor", "ancestor-or-self") and above is not None:
        yield from _axis("ancestor-or-self", above)
    elif axis == "attribute" and node.nodeType == Kind.ELEMENT_NODE:
        for place in range(node.attributes.length):
            attribute = node.attributes.item(place)
            if attribute.namespaceURI != _XMLNS:
                yield attribute
    elif axis.endswith("-sibling") and node.nodeType != Kind.ATTRIBUTE_NODE:
        step = "nextSibling" if axis.startswith("following") else "previousSibling"
        while (node := getattr(node, step)) is not None:
            yield node


def _or_below(node: Any) -> Nodes:
    return list(_axis("descendant-or-self", node))


def _root(node: Any) -> Any:
    return node if node.nodeType == Kind.DOCUMENT_NODE else node.ownerDocument


def _unique(nodes: Iterator[Any]) -> Nodes:
    return list({id(node): node for node in nodes}.values())


def _ordered(document: Any, nodes: Nodes) -> Nodes:
    order: dict[int, int] = {}
    for node in _or_below(document):
        order[id(node)] = len(order)
        for attribute in _axis("attribute", node):
            order[id(attribute)] = len(order)
    return sorted(_unique(iter(nodes)), key=lambda node: order[id(node)])


def _chosen(nodes: Nodes, predicates: list[Step]) -> Nodes:
    """The nodes, in the order of their axis, for which all predicates hold, one predicate after the other."""
    for predicate in predicates:
        contexts = [_Context(each, place, len(nodes)) for place, each in enumerate(nodes, 1)]
        nodes = [context.node for context in contexts if _holds(predicate(context), context)]
    return nodes


def _filtered(inner: Step, predicates: list[Step]) -> Step:
    def run(context: _Context) -> Value:
        value = inner(context)
        if not predicates:
            return value
        if not isinstance(value, list):
            raise XPathError("Expression must evaluate to a node-set.")
        return _chosen(_ordered(_root(context.node), value), predicates)

    return run


def _logical(left: Step, right: Step, way: Callable[[Iterator[bool]], bool]) -> Step:
    return lambda context: way(_boolean(side(context)) for side in (left, right))


def _united(left: Step, right: Step) -> Step:
    def run(context: _Context) -> Value:
        first, second = left(context), right(context)
        if not isinstance(first, list) or not isinstance(second, list):
            raise XPathError("Expression must evaluate to a node-set.")
        return first + second

    return run


def _comparison(left: Step, right: Step, sign: str) -> Step:
    return lambda context: any(
        _compare(first, second, sign) for first in _each(left(context)) for second in _each(right(context))
    )


def _each(value: Value) -> list[str | float | bool]:
    return [text_of(node) for node in value] if isinstance(value, list) else [value]


def _compare(left: str | float | bool, right: str | float | bool, sign: str) -> bool:
    if sign in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            same = _boolean(left) == _boolean(right)
        elif isinstance(left, float) or isinstance(right, float):
            same = _number(left) == _number(right)
        else:
            same = left == right
        return same == (sign == "=")
    first, second = _number(left), _number(right)
    return {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[sign]


def _holds(value: Value, context: _Context) -> bool:
    if isinstance(value, float) and not isinstance(value, bool):
        return value == context.position
    return _boolean(value)


def _boolean(value: Value) -> bool:
    return bool(value) and value == value  # noqa: PLR0124  # NaN is false


def _number(value: Value) -> float:
    try:
        return float(_string(value).strip()) if not isinstance(value, bool | float) else float(value)
    except ValueError:
        return float("nan")


def _string(value: Value) -> str:
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else str(value)
    return value


def _of(context: _Context, value: Value | None) -> str:
    return text_of(context.node) if value is None else _string(value)


def _first(context: _Context, value: Value | None) -> Any:
    nodes = [context.node] if value is None else value
    return nodes[0] if isinstance(nodes, list) and nodes else None


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "boolean": lambda _context, value: _boolean(value),
    "concat": lambda _context, *values: "".join(map(_string, values)),
    "contains": lambda _context, text, part: _string(part) in _string(text),
    "count": lambda _context, nodes: float(len(nodes)),
    "false": lambda _context: False,
    "last": lambda context: float(context.size),
    "local-name": lambda context, value=None: getattr(_first(context, value), "localName", None) or "",
    "name": lambda context, value=None: getattr(_first(context, value), "nodeName", None) or "",
    "namespace-uri": lambda context, value=None: getattr(_first(context, value), "namespaceURI", None) or "",
    "normalize-space": lambda context, value=None: " ".join(_of(context, value).split()),
    "not": lambda _context, value: not _boolean(value),
    "number": lambda context, value=None: _number(_of(context, value)),
    "position": lambda context: float(context.position),
    "starts-with": lambda _context, text, part: _string(text).startswith(_string(part)),
    "string": lambda context, value=None: _of(context, value),
    "string-length": lambda context, value=None: float(len(_of(context, value))),
    "true": lambda _context: True,
}

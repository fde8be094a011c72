# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of columns of boxes with lines from left to right: where everything goes. Nothing is drawn here.

The template macros/flow.svg.j2 draws what `lay_out` returns.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

_MARGIN = 12
_HEADING = 34
#: How far from its middle the lines of a box may begin, as a share of its height, and how far from each other.
_SPREAD = 0.72
_APART = 7.0
#: How much a line pulls its ends together, by its rank.
_PULL = (1, 6, 36)
#: Rounds of ordering each column by the other; it settles in a few.
_ROUNDS = 4


@dataclass(frozen=True)
class Node:
    """One box.

    Attributes:
        key: names it among all boxes of the picture.
        column: from the left, 0 first.
        tone: the class that colours it; the mark beside the text says the same without colour.
        mark: symbol at its left.
        href: where it leads; it is a link, so that it can be reached with the keyboard.
        spoken: the whole of it in words, for those who hear or hover.
        group: boxes of a low group stand above those of a high one.
    """

    key: str
    column: int
    title: str
    subtitle: str
    tone: str
    mark: str
    href: str
    spoken: str
    group: int = 0


@dataclass(frozen=True)
class Edge:
    """A line from one box to one of a column further to the right.

    Attributes:
        tone: the class that colours it, and sets its thickness and dashes.
        rank: those of high rank are drawn over others.
    """

    source: str
    target: str
    tone: str
    rank: int = 0


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        height: of a box. In a low one title and subtitle stand beside each other.
        gap: between two boxes.
    """

    heading: str
    width: float
    height: float = 46
    gap: float = 10

    @property
    def step(self) -> float:
        return self.height + self.gap


@dataclass(frozen=True)
class Box:
    node: Node
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def low(self) -> bool:
        return self.height < 40


@dataclass(frozen=True)
class Curve:
    edge: Edge
    path: str


@dataclass(frozen=True)
class Flow:
    """The picture: its size, its boxes by column from top to bottom, its lines in the order of drawing."""

    width: float
    height: float
    headings: tuple[tuple[float, str], ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...] = field(default=())


Pulls: t.TypeAlias = t.Mapping[str, t.Sequence[tuple[str, int]]]


def lay_out(
    columns: t.Sequence[Column], nodes: t.Sequence[Node], edges: t.Sequence[Edge], *, fixed: int, between: float = 167
) -> Flow:
    """Place the boxes and lines.

    Args:
        columns: from left to right.
        nodes: in any order.
        edges: lines whose ends are not among O(nodes) are left out.
        fixed: the column whose boxes stand close below each other. Boxes of the others are moved to where their lines
            go.
        between: room for the lines between two columns.
    """
    known = {node.key for node in nodes}
    edges = [edge for edge in edges if edge.source in known and edge.target in known]
    pulls: dict[str, list[tuple[str, int]]] = {node.key: [] for node in nodes}
    for edge in edges:
        pulls[edge.source].append((edge.target, _PULL[edge.rank]))
        pulls[edge.target].append((edge.source, _PULL[edge.rank]))
    tops = _tops(columns, nodes, pulls, fixed)
    lefts = [_MARGIN + sum(before.width + between for before in columns[:number]) for number in range(len(columns))]
    boxes = tuple(
        Box(node, lefts[node.column], tops[node.key], columns[node.column].width, columns[node.column].height)
        for node in sorted(nodes, key=lambda node: (node.column, tops[node.key]))
    )
    height = max((box.y + box.height for box in boxes), default=_HEADING) + _MARGIN
    headings = tuple((left, column.heading) for left, column in zip(lefts, columns, strict=True))
    return Flow(lefts[-1] + columns[-1].width + _MARGIN, height, headings, boxes, _curves(boxes, edges))


def _tops(columns: t.Sequence[Column], nodes: t.Sequence[Node], pulls: Pulls, fixed: int) -> dict[str, float]:
    """The upper ends of the boxes: the fixed column is ordered by the others, and they by it, a few times."""
    by_column = [[node for node in nodes if node.column == number] for number in range(len(columns))]
    places = {node.key: float(row) for column in by_column for row, node in enumerate(column)}
    rows = by_column[fixed]
    tops: dict[str, float] = {}
    for _round in range(_ROUNDS):
        # Only by the columns on the left: those on the right are few, and would tear apart what belongs together.
        before = {node.key for node in nodes if node.column < fixed}
        near = {key: [pull for pull in pulls[key] if pull[0] in before] for key in pulls}
        rows = sorted(rows, key=lambda node: (node.group, _centre(node.key, near, places, places[node.key])))
        tops = {node.key: _HEADING + columns[fixed].step * row for row, node in enumerate(rows)}
        end = max(tops.values(), default=_HEADING) + columns[fixed].height
        middles = {key: top + columns[fixed].height / 2 for key, top in tops.items()}
        for number, column in enumerate(columns):
            if number != fixed:
                tops.update(_placed(by_column[number], column, pulls, middles, end))
        places.update(tops)
    return tops


def _centre(key: str, pulls: Pulls, places: t.Mapping[str, float], otherwise: float) -> float:
    """The mean of the places that O(key) is pulled to."""
    known = [(places[other], pull) for other, pull in pulls[key] if other in places]
    return sum(place * pull for place, pull in known) / sum(pull for _place, pull in known) if known else otherwise


def _placed(
    nodes: t.Sequence[Node], column: Column, pulls: Pulls, middles: t.Mapping[str, float], end: float
) -> dict[str, float]:
    """Each of O(nodes) as near to where it is pulled as the others let it, none over another, none below O(end)."""
    wanted = {node.key: _centre(node.key, pulls, middles, end) - column.height / 2 for node in nodes}
    order = sorted(nodes, key=lambda node: (wanted[node.key], node.key))
    placed: list[float] = []
    for node in order:
        placed.append(max(wanted[node.key], placed[-1] + column.step if placed else _HEADING))
    # What was pushed below the end goes up again as far as there is room.
    limit = max(end - column.height, _HEADING + column.step * (len(order) - 1))
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - column.step
    return {node.key: top for node, top in zip(order, placed, strict=True)}


def _curves(boxes: t.Sequence[Box], edges: t.Sequence[Edge]) -> tuple[Curve, ...]:
    at = {box.node.key: box for box in boxes}
    leaving: dict[str, list[Edge]] = {}
    arriving: dict[str, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(edge.source, []).append(edge)
        arriving.setdefault(edge.target, []).append(edge)
    begins: dict[Edge, float] = {}
    ends: dict[Edge, float] = {}
    for ports, sides, other in (
        (begins, leaving, lambda edge: at[edge.target].middle),
        (ends, arriving, lambda edge: at[edge.source].middle),
    ):
        for key, some in sides.items():
            for port, edge in zip(_ports(at[key], len(some)), sorted(some, key=other), strict=True):
                ports[edge] = port
    curves = []
    for edge in sorted(edges, key=lambda one: one.rank):
        source, target = at[edge.source], at[edge.target]
        x1, x2, y1, y2 = source.x + source.width, target.x, begins[edge], ends[edge]
        bend = (x2 - x1) * 0.5
        path = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        curves.append(Curve(edge, path))
    return tuple(curves)


def _ports(box: Box, count: int) -> list[float]:
    """Where O(count) lines touch a side of the box, evenly spread over the most of its height."""
    room = min(box.height * _SPREAD, _APART * (count - 1))
    return [box.middle + room * (number / (count - 1) - 0.5) for number in range(count)] if count > 1 else [box.middle]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the boxes and lines of a picture go."""

from __future__ import annotations

import itertools
import re

import pytest
from ansible_collections.certops.intune.plugins.plugin_utils.report.flow import Box, Column, Edge, Flow, Node, lay_out
from hypothesis import given
from hypothesis import strategies as st

COLUMNS = (Column("Left", 100), Column("Middle", 120, height=27, gap=5), Column("Right", 90))


def node(key: str, column: int, group: int = 0) -> Node:
    return Node(key, column, key, "", "tone", "mark", "#", key, group)


def picture(counts: tuple[int, int, int], pairs: list[tuple[int, int, int]]) -> Flow:
    """A picture of so many boxes a column, and lines between columns: the first of two, and a box of each."""
    nodes = [node(f"{column}.{row}", column, row % 3) for column, count in enumerate(counts) for row in range(count)]
    edges = {
        (f"{column}.{a % counts[column]}", f"{column + 1}.{b % counts[column + 1]}")
        for column, a, b in pairs
        if counts[column] and counts[column + 1]
    }
    lines = [Edge(source, target, "plain", number % 3) for number, (source, target) in enumerate(sorted(edges))]
    return lay_out(COLUMNS, nodes, lines, fixed=1)


PICTURES = st.builds(
    picture,
    st.tuples(*[st.integers(0, 12)] * 3),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 50), st.integers(0, 50)), max_size=40),
)


@given(PICTURES)
def test_no_box_lies_over_another_or_outside(flow: Flow) -> None:
    for column, boxes in itertools.groupby(flow.boxes, key=lambda box: box.node.column):
        for above, below in itertools.pairwise(boxes):
            assert below.y >= above.y + above.height + COLUMNS[column].gap - 1e-6
    for box in flow.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= flow.width
        assert box.y + box.height <= flow.height


@given(PICTURES)
def test_lines_begin_and_end_at_their_boxes(flow: Flow) -> None:
    boxes = {box.node.key: box for box in flow.boxes}
    for curve in flow.curves:
        numbers = [float(number) for number in re.findall(r"[\d.]+", curve.path)]
        source, target = boxes[curve.edge.source], boxes[curve.edge.target]
        assert touches(numbers[:2], source, source.x + source.width)
        assert touches(numbers[-2:], target, target.x)


def touches(point: list[float], box: Box, side: float) -> bool:
    return abs(point[0] - side) < 0.06 and box.y - 0.06 <= point[1] <= box.y + box.height + 0.06


@given(PICTURES)
def test_groups_stand_in_their_order_and_ranks_are_drawn_last(flow: Flow) -> None:
    middle = [box.node.group for box in flow.boxes if box.node.column == 1]
    assert middle == sorted(middle)
    ranks = [curve.edge.rank for curve in flow.curves]
    assert ranks == sorted(ranks)


def test_a_line_without_an_end_is_left_out() -> None:
    assert lay_out(COLUMNS, [node("a", 0)], [Edge("a", "b", "plain")], fixed=1).curves == ()


def test_lines_that_would_cross_do_not() -> None:
    """Two people with a template each, given in the wrong order."""
    nodes = [node("a", 0), node("b", 0), node("of b", 1), node("of a", 1)]
    flow = lay_out(COLUMNS, nodes, [Edge("a", "of a", "plain"), Edge("b", "of b", "plain")], fixed=1)
    tops = {box.node.key: box.y for box in flow.boxes}
    assert (tops["a"] < tops["b"]) == (tops["of a"] < tops["of b"])


def test_a_dangerous_line_pulls_more_than_many_others() -> None:
    nodes = [node("who", 0), *(node(f"t{number:02}", 1, number) for number in range(20))]
    plain = [Edge("who", f"t{number:02}", "plain") for number in range(1, 20)]
    far = lay_out(COLUMNS, nodes, [*plain, Edge("who", "t00", "plain")], fixed=1).boxes[0].y
    near = lay_out(COLUMNS, nodes, [*plain, Edge("who", "t00", "dangerous", 2)], fixed=1).boxes[0].y
    assert near < far


@pytest.mark.parametrize("fixed", [0, 1, 2])
def test_nothing_at_all_is_a_picture_too(fixed: int) -> None:
    flow = lay_out(COLUMNS, [], [], fixed=fixed)
    assert (flow.boxes, flow.curves) == ((), ())
    assert flow.height > 0

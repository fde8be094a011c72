# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of an audit: who may enroll for which template, and which authority issues it.

Administrators are left out; nearly every line would be theirs. Of many templates without a hazard, those with the same
lines are drawn as one box.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...module_utils.audit.verdict import DANGEROUS, NO_HAZARD, STATES
from .audit_view import REACHES, STATE_WORDS, mark_of, reach_of
from .flow import Column, Edge, Flow, Node, lay_out
from .text import shortened, width

Document: t.TypeAlias = dict[str, t.Any]

_PEOPLE, _TEMPLATES, _AUTHORITIES = (
    Column("Who may enroll", 280),
    Column("for which template", 304),
    Column("issued by", 256),
)
_LOW = Column("for which template", 304, height=27, gap=5)
#: Above this many templates those without a hazard are bundled, and boxes are low.
_MANY = 24
#: Above this many even the picture of all templates is bundled.
_TOO_MANY = 300
#: So many of a bundle are named.
_NAMED = 12
#: Above this many bundles they are bundled by reach alone.
_MANY_BUNDLES = 12
#: Ems of text that fit into the box of each column: in bold letters, in the smaller ones below, beside it in a low box.
_TITLE_EMS = {0: 14.2, 1: 15.7, 2: 12.7}
_SUBTITLE_EMS = {0: 18.2, 1: 20.1, 2: 16.2}
_LOW_SUBTITLE_EMS = 9.0
_RANKS = {"plain": 0, "watch": 1, "dangerous": 2}


@dataclass(frozen=True)
class Picture:
    """One choice of templates, drawn.

    Attributes:
        key: names it in the page.
        label: of the button that shows it.
        count: of templates in it.
        note: what is not in it, as a sentence; empty for nothing.
    """

    key: str
    label: str
    count: int
    flow: Flow
    note: str


def pictures(shown: Document) -> list[Picture]:
    """The pictures of a view, the one that is shown first at the front; none without templates."""
    templates = shown["templates"]
    issued = [one for one in templates if one["published_on"]]
    hazardous = [one for one in templates if one["state"] != NO_HAZARD]
    choices = [
        ("issued", "Issued", issued, True),
        ("hazards", "With hazards", hazardous, False),
        ("all", "All", templates, False),
    ]
    return [_picture(key, label, chosen, shown, bundle) for key, label, chosen, bundle in choices if chosen]


def _picture(key: str, label: str, templates: t.Sequence[Document], shown: Document, bundle: bool) -> Picture:
    many = len(templates) > (_MANY if bundle else _TOO_MANY)
    groups = _bundled(templates) if many else [[one] for one in templates]
    low = len(groups) > _MANY
    nodes: list[Node] = []
    edges: list[Edge] = []
    used: dict[str, int] = {}
    for group in groups:
        nodes.append(_template(group, low))
        for who in shown["principals"]:
            lines = [line for line in (_line(who, one) for one in group) if line is not None]
            if lines:
                worst = max(lines, key=_RANKS.__getitem__)
                used[who["key"]] = used.get(who["key"], 0) + len(lines)
                edges.append(Edge(who["key"], group[0]["key"], worst, _RANKS[worst]))
        tone = "dangerous" if group[0]["state"] == DANGEROUS else "plain"
        issuers = {name for one in group for name in one["published_on"]}
        edges += [
            Edge(group[0]["key"], ca["key"], tone, _RANKS[tone]) for ca in shown["authorities"] if ca["name"] in issuers
        ]
    people = [_principal(who, used[who["key"]]) for who in shown["principals"] if who["key"] in used]
    authorities = [_authority(ca) for ca in shown["authorities"]]
    columns = (_PEOPLE, _LOW if low else _TEMPLATES, _AUTHORITIES)
    flow = lay_out(columns, [*people, *nodes, *authorities], edges, fixed=1)
    return Picture(key, label, len(templates), flow, _note(templates, shown))


def _bundled(templates: t.Sequence[Document]) -> list[list[Document]]:
    """The templates, those without a hazard together: by who may enroll and who issues, or by the reach of who may."""
    found = _grouped(templates, lambda one: tuple(sorted(who["sid"] for who in _ordinary(one))))
    if sum(group[0]["state"] == NO_HAZARD for group in found) <= _MANY_BUNDLES:
        return found
    return _grouped(templates, _widest)


def _grouped(templates: t.Sequence[Document], alike: t.Callable[[Document], t.Hashable]) -> list[list[Document]]:
    groups: dict[t.Hashable, list[Document]] = {}
    for one in templates:
        same = (alike(one), tuple(sorted(one["published_on"])))
        groups.setdefault(same if one["state"] == NO_HAZARD else one["key"], []).append(one)
    return list(groups.values())


def _ordinary(template: Document) -> list[Document]:
    return [who for who in template["enrollment"] if who["reach"] != "privileged"]


def _widest(template: Document) -> str:
    return min((who["reach"] for who in template["enrollment"]), key=REACHES.index, default=REACHES[-1])


def _line(who: Document, template: Document) -> str | None:
    """The tone of the line from a principal to a template; None without a line."""
    hazards = who["hazards"].get(template["key"], [])
    if any(hazard["refused"] and hazard["active"] for hazard in hazards):
        return "dangerous"
    if hazards:
        return "watch"
    if who["reach"] == "privileged" or not any(one is template for one in who["templates"]):
        return None
    return "plain"


def _template(group: t.Sequence[Document], low: bool) -> Node:
    first = group[0]
    place = STATES.index(first["state"])
    if len(group) > 1:
        names = ", ".join(one["name"] for one in group[:_NAMED])
        names += f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        title = f"{len(group)} templates" if low else f"{len(group)} templates without a hazard"
        spoken = f"{len(group)} templates without a hazard: {names}"
        said = "no hazard" if low else names
        return _node(first["key"], 1, title, said, NO_HAZARD, NO_HAZARD, "#templates", spoken, place, low)
    name, words, ids = (
        first["display_name"] or first["name"],
        STATE_WORDS[first["state"]],
        ", ".join(first["hazard_ids"]),
    )
    said = f"{words}: {ids}" if ids else words
    if first["state"] == NO_HAZARD and not _ordinary(first):
        said = "Administrators only"
    spoken = f"Template {name}. {said}."
    state = first["state"]
    return _node(first["key"], 1, name, ids if low else said, state, state, f"#{first['key']}", spoken, place, low)


def _principal(who: Document, count: int) -> Node:
    words = reach_of(who)
    tone = "everyone" if who["reach"] == "broad" else "somebody"
    number = f"{count} template{'' if count == 1 else 's'}"
    spoken = f"{who['name']}. {words}. {number} in this picture."
    return _node(who["key"], 0, who["name"], words, tone, mark_of(who), f"#{who['key']}", spoken)


def _authority(ca: Document) -> Node:
    spoken = f"Authority {ca['name']} on {ca['host']}."
    return _node(ca["key"], 2, ca["name"], ca["host"], "authority", "authority", f"#{ca['key']}", spoken)


def _node(
    key: str,
    column: int,
    title: str,
    subtitle: str,
    tone: str,
    mark: str,
    href: str,
    spoken: str,
    group: int = 0,
    low: bool = False,
) -> Node:
    subtitle = shortened(subtitle, _LOW_SUBTITLE_EMS if low else _SUBTITLE_EMS[column])
    taken = width(subtitle) * 0.85 + 0.8 if low and subtitle else 0
    title = shortened(title, _TITLE_EMS[column] - taken)
    return Node(key, column, title, subtitle, tone, mark, href, spoken, group)


def _note(templates: t.Sequence[Document], shown: Document) -> str:
    keys = {one["key"] for one in templates}
    left_out = [
        who["name"]
        for who in shown["principals"]
        if who["reach"] == "privileged" and any(one["key"] in keys for one in who["templates"])
    ]
    if not left_out:
        return ""
    some = ", ".join(left_out[:4]) + (f" and {len(left_out) - 4} more" if len(left_out) > 4 else "")
    return f"Left out: administrators, who may enroll anyway ({some})."

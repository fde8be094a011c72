# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as the page shows it: words for states and reaches, rows, who may enroll for what.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from ...module_utils.audit.verdict import (
    DANGEROUS,
    DANGEROUS_IF_ISSUED,
    NO_HAZARD,
    STATES,
    UNREADABLE,
    WATCH,
    WATCH_IF_ISSUED,
    state,
)

Document: t.TypeAlias = dict[str, t.Any]

#: What a state is called.
STATE_WORDS: dict[str, str] = {
    DANGEROUS: "Dangerous",
    DANGEROUS_IF_ISSUED: "Dangerous if issued",
    WATCH: "Watch",
    WATCH_IF_ISSUED: "Watch if issued",
    UNREADABLE: "Unreadable",
    NO_HAZARD: "No hazard",
}
REACHES: tuple[str, ...] = ("broad", "people", "service", "account", "privileged")
#: What a reach is called, and the symbol beside it.
REACH_WORDS: dict[str, str] = {
    "broad": "Practically everyone",
    "people": "Group with people",
    "service": "Servers and services only",
    "account": "Single account",
    "privileged": "Administrators",
}
REACH_MARKS: dict[str, str] = {
    "broad": "everyone",
    "people": "people",
    "service": "server",
    "account": "person",
    "privileged": "shield",
}


def view(document: Document) -> Document:
    """The document with what the templates of the page need beside it. O(document) is not changed."""
    templates = [
        {**one, "state": state(one), "key": f"t{number}", "hazard_ids": _ids(one["hazards"])}
        for number, one in enumerate(document["templates"])
    ]
    templates.sort(key=lambda one: (STATES.index(one["state"]), _folded(one["name"])))
    authorities = [{**one, "key": f"a{number}"} for number, one in enumerate(document["authorities"])]
    return {
        **document,
        "templates": templates,
        "authorities": authorities,
        "principals": principals(templates),
        "kinds": kinds(templates, document["forest_hazards"]),
        "read_at_words": when(document["read_at"]),
        "counts": {key: sum(one["state"] == key for one in templates) for key in STATES},
        "issued": sum(bool(one["published_on"]) for one in templates),
    }


def principals(templates: t.Sequence[Document]) -> list[Document]:
    """Who may enroll at all, those nearest to everyone first, each with the templates and those that are hazards."""
    found: dict[str, Document] = {}
    for one in templates:
        for who in one["enrollment"]:
            entry = found.setdefault(who["sid"], {**who, "templates": [], "hazards": {}})
            entry["templates"].append(one)
        for hazard in one["hazards"]:
            for who in hazard["principals"]:
                # Who may write to a template may not enroll for it as yet, and is shown all the same.
                entry = found.setdefault(who["sid"], {**who, "templates": [], "hazards": {}})
                entry["hazards"].setdefault(one["key"], []).append(hazard)
    order = sorted(found.values(), key=lambda who: (REACHES.index(who["reach"]), _folded(who["name"]), who["sid"]))
    return [{**who, "key": f"p{number}"} for number, who in enumerate(order)]


def kinds(templates: t.Sequence[Document], forest: t.Sequence[Document]) -> list[Document]:
    """The hazards by their id: what each is, and where it was found, the dangerous ones first."""
    found: dict[str, Document] = {}
    for one in templates:
        for hazard in one["hazards"]:
            entry = found.setdefault(hazard["id"], _kind(hazard))
            entry["refused"] |= hazard["refused"] and hazard["active"]
            entry["templates"].append({**one, "refused": hazard["refused"], "active": hazard["active"]})
    for hazard in forest:
        entry = found.setdefault(hazard["id"], _kind(hazard))
        entry["refused"] |= hazard["refused"]
        entry["objects"].append(hazard)
    return sorted(found.values(), key=lambda kind: (not kind["refused"], _number(kind["id"])))


def _kind(hazard: Document) -> Document:
    return {"id": hazard["id"], "title": hazard["title"], "refused": False, "templates": [], "objects": []}


def mark_of(who: Document) -> str:
    """The symbol of a principal."""
    return "server" if _is_machine(who) else REACH_MARKS[who["reach"]]


def _is_machine(who: Document) -> bool:
    # The names of computers and managed service accounts end so, and no others do by themselves.
    return bool(who["reach"] == "account" and who["name"].endswith("$"))


def reach_of(who: Document) -> str:
    """A reach in words, with the number of members where it is known."""
    if _is_machine(who):
        return "Single computer or service"
    words, members = REACH_WORDS[who["reach"]], who["members"]
    if members is None:
        return words
    return f"{words}, {members} member{'' if members == 1 else 's'}"


def sentence(text: str) -> str:
    """A clause as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def days(period: str) -> int:
    """The length of a period such as C(2 years), in days, to sort by; 0 for what is none."""
    number, _space, unit = period.partition(" ")
    length = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}.get(unit.rstrip("s"), 0)
    return round(int(number) * length) if number.isascii() and number.isdigit() and len(number) < 7 else 0


def when(text: str) -> str:
    """A time of the document for people; the text itself when it is no time."""
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return text
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _ids(hazards: t.Sequence[Document]) -> list[str]:
    return sorted({hazard["id"] for hazard in hazards}, key=_number)


def _folded(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _number(identity: str) -> tuple[int, str]:
    digits = "".join(character for character in identity if character in "0123456789")
    return int(digits or 0), identity

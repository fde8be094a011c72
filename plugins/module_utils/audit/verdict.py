# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit comes to, in plain words: the state of each template, and the verdict on the forest.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

Document: t.TypeAlias = t.Mapping[str, t.Any]

#: States of a template, the worst first.
DANGEROUS, DANGEROUS_IF_ISSUED, WATCH, WATCH_IF_ISSUED, UNREADABLE, NO_HAZARD = (
    "dangerous",
    "dangerous_if_issued",
    "watch",
    "watch_if_issued",
    "unreadable",
    "no_hazard",
)
STATES: tuple[str, ...] = (DANGEROUS, DANGEROUS_IF_ISSUED, WATCH, WATCH_IF_ISSUED, UNREADABLE, NO_HAZARD)

#: Hazards with which an account makes itself the administrator of the forest; the others abuse certificates.
_TAKES_OVER = frozenset({"ESC1", "ESC2", "ESC3", "ESC4", "ESC5", "ESC13", "ESC15"})
_NONE = "no"


def state(template: Document) -> str:
    """The state of a template by its hazards.

    C(dangerous): one that is refused, and an authority issues the template. C(watch): one that is reported only,
    because few may use it.
    """
    if template["unreadable"] is not None:
        return UNREADABLE
    hazards = template["hazards"]
    if any(hazard["refused"] for hazard in hazards):
        return DANGEROUS if any(hazard["refused"] and hazard["active"] for hazard in hazards) else DANGEROUS_IF_ISSUED
    if hazards:
        return WATCH if any(hazard["active"] for hazard in hazards) else WATCH_IF_ISSUED
    return NO_HAZARD


def judge(document: Document) -> dict[str, t.Any]:
    """The verdict: C(level) (danger, warning, good or unknown), C(headline), and C(details), a list of sentences."""
    templates, forest = document["templates"], document["forest_hazards"]
    names = {key: [one["name"] for one in templates if state(one) == key] for key in STATES}
    acute = [hazard["id"] for one in templates for hazard in one["hazards"] if hazard["refused"] and hazard["active"]]
    acute += [hazard["id"] for hazard in forest if hazard["refused"]]
    details = _details(document, names)
    quiet = not any(names[key] for key in STATES[:4]) and not forest
    if any(identity in _TAKES_OVER for identity in acute):
        level, headline = "danger", "People without special rights can take over this forest."
    elif acute:
        level, headline = "danger", "People without special rights can abuse certificates of this forest."
    elif names[DANGEROUS_IF_ISSUED]:
        level = "warning"
        headline = "Nothing that is issued is dangerous. A template that is not issued would be."
    elif not quiet:
        level, headline = (
            "warning",
            "Nobody without special rights can take over this forest. Some findings need a look.",
        )
    elif document["not_read"] or names[UNREADABLE]:
        level, headline = "unknown", "No hazard was found in what could be read. Not everything could be."
    elif not templates:
        level, headline = "good", "This forest has no certificate templates."
    else:
        level, headline = "good", "No known hazard was found."
    return {"level": level, "headline": headline, "details": details}


def _details(document: Document, names: t.Mapping[str, list[str]]) -> list[str]:
    issued = sum(bool(one["published_on"]) for one in document["templates"])
    total, authorities = len(document["templates"]), len(document["authorities"])
    said = [
        f"{_count(total, 'certificate template')}, {issued or _NONE} of them issued by "
        f"{_count(authorities, 'authority', 'authorities')}."
        if authorities
        else f"{_count(total, 'certificate template')} and no enterprise authority that could issue them."
    ]
    sentences = {
        DANGEROUS: ("template is issued and dangerous", "templates are issued and dangerous"),
        DANGEROUS_IF_ISSUED: ("template would be dangerous if issued", "templates would be dangerous if issued"),
        WATCH: ("issued template has to be watched", "issued templates have to be watched"),
        WATCH_IF_ISSUED: (
            "template would have to be watched if issued",
            "templates would have to be watched if issued",
        ),
    }
    said += [f"{_count(len(names[key]), *words)}." for key, words in sentences.items() if names[key]]
    unknown = sum(len(one["unknown"]) for one in document["authorities"])
    refused = sum(hazard["refused"] for hazard in document["forest_hazards"])
    counted = (
        (refused, "object of the PKI is", "objects of the PKI are", "in the wrong hands"),
        (
            len(document["forest_hazards"]) - refused,
            "object of the PKI has",
            "objects of the PKI have",
            "to be watched",
        ),
        (
            len(document["duplicate_service_principal_names"]),
            "service principal name is",
            "service principal names are",
            "held twice, so that Kerberos fails for it",
        ),
        (unknown, "published name is", "published names are", "of no template"),
        (len(document["not_read"]) + len(names[UNREADABLE]), "thing", "things", "could not be read"),
    )
    said += [f"{_count(number, one, many)} {rest}." for number, one, many, rest in counted if number]
    return said


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number or 'No'} {one if number == 1 else many or one + 's'}"

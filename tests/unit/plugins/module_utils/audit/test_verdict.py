# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on an audit, and the states of templates."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.audit import verdict

Document: t.TypeAlias = dict[str, t.Any]


def hazard(identity: str = "ESC1", *, refused: bool = True, active: bool = True) -> Document:
    return {"id": identity, "refused": refused, "active": active}


def template(*hazards: Document, unreadable: str | None = None) -> Document:
    issued = ["CA"] if any(one["active"] for one in hazards) else []
    return {"name": "T", "hazards": list(hazards), "unreadable": unreadable, "published_on": issued}


def document(*templates: Document, **others: t.Any) -> Document:
    return {
        "templates": list(templates),
        "authorities": [{"unknown": []}],
        "forest_hazards": [],
        "duplicate_service_principal_names": [],
        "not_read": [],
        **others,
    }


@pytest.mark.parametrize(
    "hazards, expected",
    [
        ([], verdict.NO_HAZARD),
        ([hazard()], verdict.DANGEROUS),
        ([hazard(active=False)], verdict.DANGEROUS_IF_ISSUED),
        ([hazard(refused=False)], verdict.WATCH),
        ([hazard(refused=False, active=False)], verdict.WATCH_IF_ISSUED),
        ([hazard("ESC4", refused=False), hazard()], verdict.DANGEROUS),
    ],
)
def test_the_state_is_that_of_the_worst_hazard(hazards: list[Document], expected: str) -> None:
    assert verdict.state(template(*hazards)) == expected


def test_what_cannot_be_read_is_neither_good_nor_bad() -> None:
    assert verdict.state(template(unreadable="broken")) == verdict.UNREADABLE


@pytest.mark.parametrize(
    "audited, level, headline",
    [
        (document(), "good", "This forest has no certificate templates."),
        (document(template()), "good", "No known hazard was found."),
        (document(template(hazard())), "danger", "People without special rights can take over this forest."),
        (
            document(template(hazard("ESC17"))),
            "danger",
            "People without special rights can abuse certificates of this forest.",
        ),
        (
            document(template(), forest_hazards=[hazard("ESC5")]),
            "danger",
            "People without special rights can take over this forest.",
        ),
        (
            document(template(hazard(active=False))),
            "warning",
            "Nothing that is issued is dangerous. A template that is not issued would be.",
        ),
        (
            document(template(hazard(refused=False))),
            "warning",
            "Nobody without special rights can take over this forest. Some findings need a look.",
        ),
        (
            document(template(), not_read=[{}]),
            "unknown",
            "No hazard was found in what could be read. Not everything could be.",
        ),
        (
            document(template(), template(unreadable="broken")),
            "unknown",
            "No hazard was found in what could be read. Not everything could be.",
        ),
    ],
)
def test_verdicts(audited: Document, level: str, headline: str) -> None:
    judged = verdict.judge(audited)
    assert (judged["level"], judged["headline"]) == (level, headline)


def test_what_was_counted_is_told() -> None:
    audited = document(
        template(hazard()),
        template(hazard(refused=False)),
        template(hazard(refused=False)),
        template(unreadable="broken"),
        authorities=[{"unknown": ["Old"]}, {"unknown": []}],
        forest_hazards=[hazard("ESC5"), hazard("ESC5"), hazard("ESC5", refused=False)],
        duplicate_service_principal_names=[{}],
    )
    assert verdict.judge(audited)["details"] == [
        "4 certificate templates, 3 of them issued by 2 authorities.",
        "1 template is issued and dangerous.",
        "2 issued templates have to be watched.",
        "2 objects of the PKI are in the wrong hands.",
        "1 object of the PKI has to be watched.",
        "1 service principal name is held twice, so that Kerberos fails for it.",
        "1 published name is of no template.",
        "1 thing could not be read.",
    ]


def test_a_forest_without_an_authority_says_so() -> None:
    assert verdict.judge(document(template(), authorities=[]))["details"] == [
        "1 certificate template and no enterprise authority that could issue them."
    ]


def test_more_hazards_never_make_a_better_verdict() -> None:
    """In every combination of findings, one more is never judged better."""
    order = ("danger", "warning", "unknown", "good")
    findings = [
        template(hazard()),
        template(hazard(active=False)),
        template(hazard(refused=False)),
        template(hazard(refused=False, active=False)),
        template(unreadable="broken"),
    ]
    for some in itertools.chain.from_iterable(itertools.combinations(findings, size) for size in range(len(findings))):
        before = order.index(verdict.judge(document(template(), *some))["level"])
        for more in findings:
            assert order.index(verdict.judge(document(template(), *some, more))["level"]) <= before

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an audit.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from .audit_picture import pictures
from .audit_view import STATE_WORDS, days, mark_of, reach_of, sentence, view, when
from .page import render
from .text import all_visible

#: The version of the document that the page shows.
SCHEMA_VERSION = 1


def audit_page(document: t.Any) -> str:
    """The HTML of RV(certops.intune.pki_audit_info#module:audit). Raises ValueError for another document."""
    if not isinstance(document, t.Mapping) or "schema_version" not in document:
        raise ValueError("what is given is no audit: it has no schema_version")
    if document["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"the audit has schema version {document['schema_version']}, the page shows {SCHEMA_VERSION}")
    try:
        # Before anything is shortened or measured.
        shown = view(all_visible(dict(document)))
        drawn = pictures(shown)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"what is given is no audit: {type(exc).__name__} {exc}") from exc
    words = {"state_words": STATE_WORDS, "mark_of": mark_of, "reach_of": reach_of}
    words |= {"days": days, "when": when, "sentence": sentence}
    return render("audit.html.j2", {"audit": shown, "pictures": drawn, **words})

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that make a template again, under another name or in another forest.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.sid import Sid
from .creation import Origin, create, subject_type
from .fields import Vocabulary
from .options import parse_options
from .rights_export import export_rights
from .tabs import BY_PATH, FIELDS
from .tabs.advanced import EXACT
from .tabs.advanced import TAB as ADVANCED
from .template import Template


def export_options(template: Template, vocabulary: Vocabulary, names: t.Mapping[Sid, str]) -> dict[str, t.Any]:
    """Options of the module certificate_template that give an equal object, except for name, OID, revisions and
    creator.

    Args:
        names: what to call each principal of the security; one without a name is written as its SID.

    The tabs come first; C(advanced) holds only what the tabs alone would not bring about.
    """
    options: dict[str, t.Any] = {"name": template.name, "display_name": template.display_name or template.name}
    kind = subject_type(template)
    if kind is not None:
        options["subject_type"] = kind
    for field in FIELDS:
        if field.tab == ADVANCED or not field.exported(template):
            continue
        value = field.get(template)
        if value is None:
            continue
        shown = field.show(value, vocabulary)
        section = options.setdefault(field.tab, {}) if field.tab else options
        section[field.option] = {"set": shown} if field.editable else shown
    options[ADVANCED] = {"schema_version": template.schema_version}
    if template.schema_version < 3:
        # Versions 1 and 2 know one category only.
        options["cryptography"].pop("provider_category")
    options[ADVANCED].update(_residue(template, options, vocabulary))
    if template.security is not None and template.security.dacl is not None:
        options["rights"] = {"set": export_rights(template.security.dacl.aces, names)}
    return options


def _residue(template: Template, options: t.Mapping[str, t.Any], vocabulary: Vocabulary) -> dict[str, t.Any]:
    """The exact attributes in which a template made of O(options) would still differ."""
    origin = Origin(source=None, subject_type=options.get("subject_type"), creator=None, root_domain=None)
    known = Vocabulary(
        vocabulary.application_policies,
        vocabulary.issuance_policies,
        {name.casefold(): name for name in template.superseded_templates},
    )
    # Not strict: what contradicts the options is what remains to be said exactly.
    made = create(template.name, template.display_name, origin, parse_options(options, known), known, strict=False)
    exact: dict[str, t.Any] = {}
    for attribute, option in EXACT.items():
        value = getattr(template, attribute)
        if getattr(made, attribute) != value:
            exact[option] = BY_PATH[f"{ADVANCED}.{option}"].show(value, vocabulary)
    return exact

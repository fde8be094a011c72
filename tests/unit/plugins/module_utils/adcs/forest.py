# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in templates of the lab's forest without a directory, and the shortest way to plan with them.

Attributes are compared in the form in which `ldifde` would show them: one line of text, values sorted and joined by a
bar, octets in hexadecimal.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.certops.intune.plugins.module_utils.adcs import plan
from ansible_collections.certops.intune.plugins.module_utils.adcs.creation import Origin
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import Vocabulary
from ansible_collections.certops.intune.plugins.module_utils.adcs.options import parse_options
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_options import parse_rights, principals_of
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import (
    SECURITY,
    Template,
    changed_attributes,
    decode,
    encode,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

from lab.forest import catalogue

DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
CREATOR = DOMAIN.child(1105)
OID_ROOT = "1.3.6.1.4.1.311.21.8.13218431.14779392.10764427.12370424.10671376.174"

#: Principals by the words that tests use for them.
SIDS: dict[str, Sid] = {
    "AU": Sid.parse("S-1-5-11"),
    "DA": DOMAIN.child(512),
    "DU": DOMAIN.child(513),
    "EA": DOMAIN.child(519),
    "NDES": DOMAIN.child(1106),
    "INTUNE": DOMAIN.child(1107),
    "CONN1$": DOMAIN.child(1108),
}

_OCTETS = ("pKIKeyUsage", "pKIExpirationPeriod", "pKIOverlapPeriod")


@functools.cache
def built_in_attributes() -> dict[str, dict[str, list[bytes]]]:
    """cn to the attributes of each of the 33 templates, security included."""
    data = catalogue.load()
    found: dict[str, dict[str, list[bytes]]] = {}
    for row in data["templates"]:
        attributes = catalogue.attributes(row, data["common"], OID_ROOT)
        attributes[SECURITY] = [from_sddl(catalogue.template_security(row), DOMAIN, DOMAIN).to_bytes()]
        found[row["cn"]] = attributes
    return found


BUILT_IN_NAMES: tuple[str, ...] = tuple(built_in_attributes())
VOCABULARY = Vocabulary(
    application_policies={"Sealing Wax": f"{OID_ROOT}.7.1"},
    issuance_policies={"High Assurance": f"{OID_ROOT}.1.402"},
    template_names={name.casefold(): name for name in BUILT_IN_NAMES},
    display_names={"domain controller authentication": "DomainControllerAuthentication"},
)


def built_in(name: str) -> Template:
    return decode(built_in_attributes()[name])


def wish(options: t.Mapping[str, t.Any], vocabulary: Vocabulary = VOCABULARY) -> plan.Wish:
    """The wish that the options of certificate_template stand for; principals are those of SIDS, or SIDs."""
    rights = options.get("rights")
    sids = {name: SIDS.get(name) or Sid.parse(name) for name in principals_of(rights)}
    owner = options.get("owner")
    return plan.Wish(
        name=options.get("name", "Wanted"),
        display_name=options.get("display_name"),
        wanted=parse_options(options, vocabulary),
        rights=parse_rights(rights, sids),
        owner=SIDS[owner] if owner else None,
        inherit_rights=options.get("inherit_rights"),
        minimum_revision=options.get("minimum_revision"),
    )


def create(
    options: t.Mapping[str, t.Any], duplicate_of: str | Template | None = None, vocabulary: Vocabulary = VOCABULARY
) -> Template:
    """The template that plan_new makes of the options."""
    source = built_in(duplicate_of) if isinstance(duplicate_of, str) else duplicate_of
    origin = Origin(source, options.get("subject_type"), CREATOR, DOMAIN)
    return plan.plan_new(wish(options, vocabulary), origin, vocabulary)


def change(template: Template, options: t.Mapping[str, t.Any], vocabulary: Vocabulary = VOCABULARY) -> Template:
    """The template that plan_change makes of `template` and the options."""
    return plan.plan_change(template, wish(options, vocabulary), vocabulary)


def lines(attributes: t.Mapping[str, t.Sequence[bytes]]) -> dict[str, str]:
    """The values of each attribute as one line; an attribute that is removed is an empty one."""
    return {
        name: "|".join(sorted(value.hex() if name in _OCTETS else value.decode() for value in values))
        for name, values in attributes.items()
    }


def attributes_of(template: Template) -> dict[str, str]:
    return lines(encode(template))


def changes(before: Template, after: Template) -> dict[str, str]:
    """What differs in meaning, without the minor revision that every change raises."""
    changed = lines(changed_attributes(before, after))
    changed.pop("msPKI-Template-Minor-Revision", None)
    return changed

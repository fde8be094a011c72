# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of an audit, made of what was read. Its form is docs/audit-schema.json.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass

from ..accounts.spn_search import Duplicate
from ..adcs.authority import Authority, thumbprint
from ..adcs.creation import subject_type
from ..adcs.flags import EnrollmentFlag
from ..adcs.hazards import Case, Hazard, assess
from ..adcs.hazards.access import ENROLL, access_list, extended_right
from ..adcs.hazards.assessment import describe as describe_principals
from ..adcs.hazards.assessment import holders
from ..adcs.hazards.reading import Known
from ..adcs.hazards.rules import Links
from ..adcs.hazards.templates import links_of
from ..adcs.plan import is_built_in
from ..adcs.publication import config_string
from ..adcs.rights import ALLOW, AUTOENROLL, DENY, WORDS, AnyAce, granted
from ..adcs.rights_export import export_inherited, export_rights
from ..adcs.store import Snapshot, StoredAuthority, StoredTemplate
from ..adcs.tabs import BY_PATH
from ..adcs.template import Template
from ..directory.descriptor import Ace
from ..directory.entry import Entry
from ..directory.sid import Sid
from .verdict import judge

Document: t.TypeAlias = dict[str, t.Any]

#: The version of the form: raised when a key is renamed, removed or means something else, not when one is added.
SCHEMA_VERSION = 1
ENROLLMENT = (ENROLL, extended_right("autoenroll", AUTOENROLL))
PRIVILEGED = "privileged"

#: What a reader asks first, and the option of certificate_template that says it: what the certificate is for, who says
#: whose it is, and who approves it.
_SETTINGS: t.Mapping[str, str] = {
    "purposes": "extensions.application_policies",
    "subject": "subject_name.source",
    "manager_approval": "issuance_requirements.manager_approval",
    "authorized_signatures": "issuance_requirements.authorized_signatures",
    "validity_period": "general.validity_period",
    "renewal_period": "general.renewal_period",
    "minimum_key_size": "cryptography.minimum_key_size",
    "private_key_export": "request_handling.allow_private_key_export",
    "key_archival": "request_handling.archive_private_key",
}


class NotRead(t.NamedTuple):
    """What was asked for in vain: what it is, of which object, and why."""

    what: str
    object: str
    reason: str


@dataclass(frozen=True)
class Found:
    """All that was read.

    Attributes:
        account: the name of the account that read; None when the domain does not know it.
        authorities: those of the snapshot with their certificates; empty when these could not be read.
        known: who is behind the principals that may enroll or write.
        names: what to call everybody in a list of rights.
    """

    forest: str
    read_at: dt.datetime
    server: str
    account: str | None
    snapshot: Snapshot
    authorities: tuple[Authority, ...]
    known: Known
    names: t.Mapping[Sid, str]
    forest_hazards: tuple[Hazard, ...]
    duplicates: tuple[Duplicate, ...]
    missed: tuple[NotRead, ...]


def compose(found: Found) -> Document:
    """The document, with the verdict on it."""
    snapshot = found.snapshot
    links = links_of(snapshot)
    templates = [
        *(_template(stored, found, links) for stored in snapshot.templates),
        *(_unreadable(entry, reason, snapshot) for entry, reason in snapshot.unreadable),
    ]
    missed = [*found.missed, *_hidden(snapshot)]
    document: Document = {
        "schema_version": SCHEMA_VERSION,
        "forest": found.forest,
        "read_at": found.read_at.isoformat(timespec="seconds"),
        "server": found.server,
        "account": found.account,
        "authorities": _authorities(found),
        "templates": sorted(templates, key=lambda one: (one["name"].casefold(), one["name"])),
        "forest_hazards": [hazard.as_facts() for hazard in found.forest_hazards],
        "duplicate_service_principal_names": [
            {"service_principal_name": one.service_principal_name, "holders": list(one.holders)}
            for one in found.duplicates
        ],
        "not_read": [missing._asdict() for missing in missed],
    }
    return {**document, "verdict": judge(document)}


def _hidden(snapshot: Snapshot) -> t.Iterator[NotRead]:
    for stored in snapshot.templates:
        if stored.template.security is None:
            yield NotRead("rights of a template", stored.dn, "these credentials may not read them: no hazard is judged")


def _template(stored: StoredTemplate, found: Found, links: Links) -> Document:
    template, snapshot, known = stored.template, found.snapshot, found.known
    publishers = snapshot.publishers(template.name)
    hazards = assess(Case(template, bool(publishers)), links, known.membership, known.name)
    owner = template.security.owner if template.security is not None else None
    return {
        "name": template.name,
        "display_name": template.display_name,
        "distinguished_name": stored.dn,
        "oid": template.oid or None,
        "revision": f"{template.revision}.{template.minor_revision}",
        "schema_version": template.schema_version,
        "subject_type": subject_type(template),
        "built_in": is_built_in(template),
        "owner": None if owner is None else found.names.get(owner, str(owner)),
        "published_on": [ca.name for ca in publishers],
        "settings": _settings(template, snapshot),
        "rights": _rights(template, found.names),
        "enrollment": _enrollment(template, known),
        "hazards": [hazard.as_facts() for hazard in hazards],
        "unreadable": None,
    }


def _unreadable(entry: Entry, reason: str, snapshot: Snapshot) -> Document:
    name = entry.text("cn") or ""
    return {
        "name": name,
        "display_name": entry.text("displayName") or name,
        "distinguished_name": entry.dn,
        "oid": None,
        "revision": None,
        "schema_version": None,
        "subject_type": None,
        "built_in": None,
        "owner": None,
        "published_on": [ca.name for ca in snapshot.publishers(name)],
        "settings": None,
        "rights": [],
        "enrollment": [],
        "hazards": [],
        "unreadable": reason,
    }


def _settings(template: Template, snapshot: Snapshot) -> Document:
    shown: Document = {}
    for key, path in _SETTINGS.items():
        value = BY_PATH[path].get(template)
        shown[key] = None if value is None else BY_PATH[path].show(value, snapshot.vocabulary)
    shown["purposes"] = shown["purposes"] or []
    shown["security_extension"] = not template.enrollment_flags & EnrollmentFlag.NO_SECURITY_EXTENSION
    return shown


def _aces(template: Template) -> tuple[AnyAce, ...]:
    security = template.security
    return security.dacl.aces if security is not None and security.dacl is not None else ()


def _rights(template: Template, names: t.Mapping[Sid, str]) -> list[Document]:
    """What each principal has by entries of its own, on one line, and what of it comes from the container."""
    aces = _aces(template)
    return [
        *_lines(export_rights(aces, names), inherited=False),
        *_lines(export_inherited(aces, names), inherited=True),
    ]


def _lines(entries: t.Iterable[Document], *, inherited: bool) -> list[Document]:
    said: dict[str, list[str]] = {}
    for entry in entries:
        words = [entry["ace"]] if "ace" in entry else entry["rights"]
        said.setdefault(entry["principal"], []).extend(
            f"deny {word}" if entry.get("type") == DENY else word for word in words
        )
    return [
        {"principal": principal, "rights": ", ".join(sorted(dict.fromkeys(words), key=_rank)), "inherited": inherited}
        for principal, words in sorted(said.items())
    ]


def _rank(word: str) -> tuple[int, str]:
    return (WORDS.index(word) if word in WORDS else len(WORDS), word)


def _enrollment(template: Template, known: Known) -> list[Document]:
    """Who may enroll: those without administrative rights as the server would decide, then the administrators by
    their entries.
    """
    if template.security is None:
        return []
    membership = known.membership
    access = access_list(template.security, membership.is_privileged)
    ordinary = holders(access, ENROLLMENT[:1], membership)
    automatic = {holder.sid for holder in holders(access, ENROLLMENT[1:], membership)}
    shown = [
        {**who.as_facts(), "rights": ["enroll", *(["autoenroll"] if holder.sid in automatic else [])]}
        for who, holder in zip(describe_principals(ordinary, membership, known.name), ordinary, strict=True)
    ]
    return [*shown, *_administrators(template, known)]


def _administrators(template: Template, known: Known) -> list[Document]:
    aces = _aces(template)
    sids = {ace.sid for ace in aces if isinstance(ace, Ace) and known.membership.is_privileged(ace.sid)}
    found: list[Document] = []
    for sid in sorted(sids):
        words = granted(aces, sid, ALLOW).extended - granted(aces, sid, DENY).extended
        if "enroll" in words:
            found.append(
                {
                    "name": known.name(sid),
                    "sid": str(sid),
                    "reach": PRIVILEGED,
                    "members": None,
                    "via": [],
                    "rights": [word for word in ("enroll", "autoenroll") if word in words],
                }
            )
    return found


def _authorities(found: Found) -> list[Document]:
    details = {ca.stored.dn: ca for ca in found.authorities}
    stored = sorted(found.snapshot.authorities, key=lambda ca: (ca.name.casefold(), ca.name))
    names = {one.template.name.casefold() for one in found.snapshot.templates}
    names |= {(entry.text("cn") or "").casefold() for entry, _reason in found.snapshot.unreadable}
    return [_authority(ca, details.get(ca.dn), names, found.read_at) for ca in stored]


def _authority(ca: StoredAuthority, details: Authority | None, names: t.Container[str], now: dt.datetime) -> Document:
    published = sorted(ca.published, key=lambda name: (name.casefold(), name))
    certificate = details.certificate if details is not None else None
    valid = certificate and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return {
        "name": ca.name,
        "display_name": details.display_name if details is not None else ca.name,
        "host": ca.host,
        "config": config_string(ca),
        "distinguished_name": ca.dn,
        "issues_by_templates": details.issues_by_templates if details is not None else None,
        "thumbprint": thumbprint(certificate) if certificate else None,
        "not_valid_after": certificate.not_valid_after_utc.isoformat() if certificate else None,
        "expired": not valid if certificate else None,
        "in_ntauth": details.trusted_for_logon if certificate and details else None,
        "published": published,
        "unknown": [name for name in published if name.casefold() not in names],
    }

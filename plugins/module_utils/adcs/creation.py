# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new template begins with: from nothing, or as the console's duplicate of another one.

Sources: about 55 console-made templates in public dumps for the duplicate; MS-CRTD 2.27 for versions and compatibility.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..directory.access import GENERIC_READ, MANAGE
from ..directory.descriptor import Ace, AceType, Control, SecurityDescriptor, canonical_order
from ..directory.sid import Sid
from . import keystore
from .fields import OptionError, Vocabulary
from .flags import CLIENT_VERSION_SHIFT, SERVER_VERSION_SHIFT, GeneralFlag, NameFlag, PrivateKeyFlag
from .names import KEY_USAGE_EXTENSION
from .options import Wanted, apply_options
from .period import parse_period
from .rights import AnyAce
from .tabs import BY_PATH, compatibility, cryptography
from .template import Template

AUTHENTICATED_USERS = Sid.parse("S-1-5-11")
DOMAIN_ADMINS_RID, ENTERPRISE_ADMINS_RID = 512, 519

FIRST_REVISION = 100

#: The bits of flags that say whose certificates a template makes.
SUBJECT_TYPES: dict[str, int] = {
    "user": 0,
    "computer": GeneralFlag.MACHINE_TYPE,
    "ca": GeneralFlag.IS_CA,
    "computer_ca": GeneralFlag.IS_CA | GeneralFlag.MACHINE_TYPE,
    "cross_ca": GeneralFlag.IS_CROSS_CA,
}
_SUBJECT_MASK = GeneralFlag.MACHINE_TYPE | GeneralFlag.IS_CA | GeneralFlag.IS_CROSS_CA

#: Options that a template cannot be made without when there is nothing to duplicate: without them its subject would be
#: empty, or
#: its certificates good for every purpose.
_REQUIRED = ("subject_name.source", "extensions.application_policies")
#: Fields that choose_version decides.
_DECIDED = (
    "compatibility.certification_authority",
    "compatibility.certificate_recipient",
    "cryptography.provider_category",
    "advanced.schema_version",
)
_V2, _V3, _V4 = 2, 3, 4


@dataclass(frozen=True)
class Origin:
    """Where a new template comes from.

    Attributes:
        source: the template that it duplicates, or None.
        subject_type: a key of SUBJECT_TYPES for one that is made from nothing.
        creator: the SID of who makes it; a duplicate gives this account full control, as the console does.
        root_domain: the SID of the forest's root domain, whose administrators manage templates.
    """

    source: Template | None
    subject_type: str | None
    creator: Sid | None
    root_domain: Sid | None


def subject_type(template: Template) -> str | None:
    bits = template.general_flags & _SUBJECT_MASK
    return next((word for word, mask in SUBJECT_TYPES.items() if mask == bits), None)


def create(
    name: str, display_name: str, origin: Origin, wanted: Wanted, vocabulary: Vocabulary, *, strict: bool = True
) -> Template:
    """The new template, without an OID and with the security it starts with.

    Raises OptionError; for options that contradict each other only when O(strict).
    """
    if origin.source is None:
        for path in _REQUIRED:
            if not wanted.given(BY_PATH[path]):
                raise OptionError(path, "is required for a template that duplicates no other one (duplicate_of)")
        base = _blank(name, origin.subject_type or "user")
    else:
        base = _duplicate(name, origin.source)
    base = replace(choose_version(base, wanted, scratch=origin.source is None), display_name=display_name)
    created = apply_options(base, wanted, vocabulary, skip=_DECIDED[2:], strict=strict)
    if origin.source is not None and _edited_key_usage(base, created, wanted):
        # The console writes one octet as soon as the extension is edited.
        created = replace(created, key_usage=created.key_usage.rstrip(b"\0") or b"\0")
    return replace(created, security=_security(origin))


def choose_version(template: Template, wanted: Wanted, *, scratch: bool) -> Template:
    """O(template) with the schema version, compatibility and provider category that a new one gets.

    A recipient and an authority of 2012 or later give version 4, a key storage provider version 3, everything else
    version 2.
    """
    server_field, client_field, category_field, version_field = (BY_PATH[path] for path in _DECIDED)
    category = (
        wanted.value(category_field, template) if wanted.given(category_field) else cryptography.category(template)
    )
    explicit = wanted.value(version_field, template) if wanted.given(version_field) else None
    server = _release(template, wanted, server_field.path, SERVER_VERSION_SHIFT, explicit)
    client = _release(template, wanted, client_field.path, CLIENT_VERSION_SHIFT, explicit)
    key_storage = category == cryptography.KEY_STORAGE
    if explicit is None and key_storage and min(server, client) < compatibility.NUMBERS["2008"]:
        raise OptionError(
            category_field.path,
            f"{category} needs compatibility.certification_authority and certificate_recipient of 2008 or later",
        )
    modern = min(server, client) >= compatibility.NUMBERS["2012"]
    version = explicit or (_V4 if modern else _V3 if key_storage else _V2)
    if version < _V3 and key_storage:
        raise OptionError(category_field.path, f"{category} does not exist in schema version {version}")
    if version == _V3 and not key_storage and wanted.given(category_field):
        raise OptionError(category_field.path, f"{category} does not exist in schema version {version}")
    flags = template.private_key_flags & ~PrivateKeyFlag.USE_LEGACY_PROVIDER
    if version >= _V4 and not key_storage:
        flags |= PrivateKeyFlag.USE_LEGACY_PROVIDER
    policies = keystore.get_policies(template)
    chosen = replace(template, schema_version=version, private_key_flags=flags)
    if version > 1:
        chosen = compatibility.with_nibble(chosen, SERVER_VERSION_SHIFT, server)
        chosen = compatibility.with_nibble(chosen, CLIENT_VERSION_SHIFT, client)
    # What version 1 says with the extended key usage alone, later ones say in both lists.
    issued = template.application_policies if template.schema_version > 1 else template.extended_key_usage
    chosen = replace(chosen, application_policies=issued if version > 1 else ())
    if not chosen.legacy_provider and (template.legacy_provider or scratch):
        chosen = keystore.put_policies(keystore.with_defaults(replace(chosen, ra_application_policies=())), policies)
    elif chosen.legacy_provider and not template.legacy_provider:
        chosen = keystore.put_policies(chosen, policies)
    return chosen


def _release(template: Template, wanted: Wanted, path: str, shift: int, explicit: int | None) -> int:
    """The number of a compatibility nibble.

    With an explicit schema version it is what the template has, 0 for a new one, as the built-ins have it.
    """
    field = BY_PATH[path]
    if wanted.given(field):
        if explicit is not None and explicit < _V2:
            raise OptionError(path, "a template of schema version 1 has no compatibility settings")
        return compatibility.NUMBERS[wanted.value(field, template)]
    found = compatibility.nibble(template, shift)
    if explicit is not None:
        return found
    return found or compatibility.NUMBERS[{_V3: "2008", _V4: "2012"}.get(template.schema_version, "2003")]


def _blank(name: str, kind: str) -> Template:
    return Template(
        name=name,
        general_flags=GeneralFlag.IS_MODIFIED | SUBJECT_TYPES[kind],
        revision=FIRST_REVISION,
        minor_revision=1,
        schema_version=_V2,
        name_flags=NameFlag.ENROLLEE_SUPPLIES_SUBJECT,
        minimum_key_size=2048,
        key_usage=b"\xa0\x00",
        key_spec=cryptography.AT_KEYEXCHANGE,
        critical_extensions=(KEY_USAGE_EXTENSION,),
        validity_period=parse_period("1 year"),
        renewal_period=parse_period("6 weeks"),
    )


def _duplicate(name: str, source: Template) -> Template:
    return replace(
        source,
        name=name,
        oid="",
        general_flags=source.general_flags & ~GeneralFlag.IS_DEFAULT | GeneralFlag.IS_MODIFIED,
        revision=FIRST_REVISION,
        minor_revision=source.minor_revision + 1,
    )


def _edited_key_usage(base: Template, created: Template, wanted: Wanted) -> bool:
    asked = any(
        wanted.given(BY_PATH[path]) for path in ("extensions.key_usage", "extensions.signature_is_proof_of_origin")
    )
    return asked and base.key_usage.rstrip(b"\0") != created.key_usage.rstrip(b"\0")


def _security(origin: Origin) -> SecurityDescriptor:
    """A protected list: the source's entries and the creator, or what the built-in templates grant
    without their enrolment.
    """
    if origin.source is not None:
        aces: tuple[AnyAce, ...] = tuple(ace for ace in _entries(origin.source) if not ace.inherited)
        if origin.creator is not None:
            mine = Ace(AceType.ACCESS_ALLOWED, 0, MANAGE, origin.creator)
            aces = aces if mine in aces else (*aces, mine)
    else:
        aces = (Ace(AceType.ACCESS_ALLOWED, 0, GENERIC_READ, AUTHENTICATED_USERS),)
        if origin.root_domain is not None:
            administrators = (origin.root_domain.child(rid) for rid in (DOMAIN_ADMINS_RID, ENTERPRISE_ADMINS_RID))
            aces = (*aces, *(Ace(AceType.ACCESS_ALLOWED, 0, MANAGE, sid) for sid in administrators))
    control = Control.SELF_RELATIVE | Control.DACL_PRESENT | Control.DACL_PROTECTED | Control.DACL_AUTO_INHERITED
    return SecurityDescriptor(control=control, owner=None, group=None, dacl=None, sacl=None).with_dacl(
        canonical_order(aces)
    )


def _entries(source: Template) -> tuple[AnyAce, ...]:
    """The access control list that a duplicate begins with. Raises OptionError when there is none to be read."""
    if source.security is None:
        raise OptionError("duplicate_of", f"the security of '{source.name}' cannot be read with these credentials")
    if source.security.dacl is None:
        raise OptionError(
            "duplicate_of",
            f"'{source.name}' has no access control list at all: everyone has full control, which is not duplicated",
        )
    return source.security.dacl.aces

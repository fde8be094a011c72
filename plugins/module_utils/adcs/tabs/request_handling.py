# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Request Handling: what the keys are for, and what the client does with them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from dataclasses import replace

from ...directory.sddl import from_sddl
from ...directory.sid import Sid
from .. import keystore, triplets
from ..fields import Field, OptionError, Vocabulary, bit, with_bits
from ..flags import EnrollmentFlag, PrivateKeyFlag
from ..template import Template
from .cryptography import AT_KEYEXCHANGE, AT_SIGNATURE, USAGE_ALL, USAGE_SIGN, category
from .extensions import KEY_USAGE_BITS

TAB = "request_handling"

SIGNATURE = "signature"
ENCRYPTION = "encryption"
SIGNATURE_AND_ENCRYPTION = "signature_and_encryption"
SMART_CARD = "signature_and_smartcard_logon"

#: Which value under HKLM\\SOFTWARE\\Microsoft\\Cryptography\\MSCEP names the template of a purpose (SCEP-062 to 064).
MSCEP_SLOTS: dict[str, str] = {
    SIGNATURE: "SignatureTemplate",
    SMART_CARD: "SignatureTemplate",
    ENCRYPTION: "EncryptionTemplate",
    SIGNATURE_AND_ENCRYPTION: "GeneralPurposeTemplate",
}

_SIGN = KEY_USAGE_BITS["digital_signature"]
_ENCIPHER = KEY_USAGE_BITS["key_encipherment"]
_SIGNING = (
    _SIGN | KEY_USAGE_BITS["proof_of_origin"] | KEY_USAGE_BITS["certificate_signing"] | KEY_USAGE_BITS["crl_signing"]
)
_NOT_SIGNATURE = (
    _ENCIPHER
    | KEY_USAGE_BITS["data_encipherment"]
    | KEY_USAGE_BITS["key_agreement"]
    | KEY_USAGE_BITS["certificate_signing"]
    | KEY_USAGE_BITS["crl_signing"]
)
_ENCIPHERING = _ENCIPHER | KEY_USAGE_BITS["data_encipherment"] | KEY_USAGE_BITS["key_agreement"]


def purpose(template: Template) -> str:
    """The purpose that the console shows.

    The template does not hold it; the rules are those by which PSPKI infers it.
    """
    usage = template.key_usage[0] if template.key_usage else 0
    enrollment, private_key = template.enrollment_flags, template.private_key_flags
    if not usage & _SIGNING and not enrollment & EnrollmentFlag.REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE:
        return ENCRYPTION
    if (
        not usage & _NOT_SIGNATURE
        and template.key_spec == AT_SIGNATURE
        and not enrollment & EnrollmentFlag.INCLUDE_SYMMETRIC_ALGORITHMS
        and not private_key & PrivateKeyFlag.REQUIRE_PRIVATE_KEY_ARCHIVAL
    ):
        return SIGNATURE
    if (
        usage == _SIGN
        and template.key_spec == AT_KEYEXCHANGE
        and (
            enrollment & EnrollmentFlag.USER_INTERACTION_REQUIRED
            or private_key & PrivateKeyFlag.STRONG_KEY_PROTECTION_REQUIRED
        )
    ):
        return SMART_CARD
    return SIGNATURE_AND_ENCRYPTION


def _put_purpose(template: Template, word: str) -> Template:
    usage = template.key_usage[0] if template.key_usage else 0
    tail = template.key_usage[1:]
    enrollment, private_key, key_spec = template.enrollment_flags, template.private_key_flags, AT_KEYEXCHANGE
    if word == SIGNATURE:
        usage, key_spec = usage & ~_NOT_SIGNATURE | _SIGN, AT_SIGNATURE
        enrollment &= ~EnrollmentFlag.INCLUDE_SYMMETRIC_ALGORITHMS
        private_key &= ~PrivateKeyFlag.REQUIRE_PRIVATE_KEY_ARCHIVAL
    elif word == SMART_CARD:
        usage = _SIGN
        enrollment |= EnrollmentFlag.USER_INTERACTION_REQUIRED
    elif word == ENCRYPTION:
        usage &= ~_SIGNING
        usage |= 0 if usage & _ENCIPHERING else _ENCIPHER
        enrollment &= ~EnrollmentFlag.REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE
    else:
        usage |= _SIGN | (0 if usage & _ENCIPHERING else _ENCIPHER)
    changed = replace(
        template,
        key_usage=bytes([usage]) + tail,
        key_spec=key_spec,
        enrollment_flags=enrollment,
        private_key_flags=private_key,
    )
    if keystore.get(template, triplets.KEY_USAGE) is not None:
        changed = keystore.put(
            changed, triplets.KEY_USAGE, USAGE_SIGN if word in (SIGNATURE, SMART_CARD) else USAGE_ALL
        )
    return changed


_ANY_DOMAIN = Sid(5, (21, 0, 0, 0))
_PROMPT = EnrollmentFlag.USER_INTERACTION_REQUIRED
_PROTECT = PrivateKeyFlag.STRONG_KEY_PROTECTION_REQUIRED


def _get_interaction(template: Template) -> str:
    if template.private_key_flags & _PROTECT:
        return "prompt_when_key_is_used"
    return "prompt" if template.enrollment_flags & _PROMPT else "none"


def _put_interaction(template: Template, word: str) -> Template:
    return replace(
        template,
        enrollment_flags=with_bits(template.enrollment_flags, _PROMPT, word != "none"),
        private_key_flags=with_bits(template.private_key_flags, _PROTECT, word == "prompt_when_key_is_used"),
    )


def _parse_key_permissions(sddl: str, _vocabulary: Vocabulary) -> str:
    problem = _sddl_problem(sddl)
    if problem:
        raise OptionError(f"{TAB}.key_permissions", problem)
    return sddl


def _sddl_problem(sddl: str) -> str:
    try:
        # Only its form is looked at, so any domain will do for the aliases of a domain's groups.
        from_sddl(sddl, _ANY_DOMAIN, _ANY_DOMAIN)
    except ValueError as exc:
        return str(exc)
    return ""


def _key_permissions_exported(template: Template) -> bool:
    """Whether there are some that could be given again; others are kept by the whole attribute."""
    sddl = keystore.get(template, triplets.KEY_SECURITY_DESCRIPTOR)
    return sddl is not None and not _sddl_problem(sddl)


def _put_key_permissions(template: Template, sddl: str) -> Template:
    if template.legacy_provider:
        raise OptionError(
            f"{TAB}.key_permissions", f"needs a key storage provider; the provider category is {category(template)}"
        )
    return keystore.put(template, triplets.KEY_SECURITY_DESCRIPTOR, sddl or None)


FIELDS: tuple[Field, ...] = (
    Field(TAB, "purpose", purpose, _put_purpose),
    bit(
        TAB,
        "delete_revoked_or_expired_certificates",
        "enrollment_flags",
        EnrollmentFlag.REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE,
    ),
    bit(TAB, "include_symmetric_algorithms", "enrollment_flags", EnrollmentFlag.INCLUDE_SYMMETRIC_ALGORITHMS),
    bit(TAB, "archive_private_key", "private_key_flags", PrivateKeyFlag.REQUIRE_PRIVATE_KEY_ARCHIVAL),
    bit(TAB, "allow_private_key_export", "private_key_flags", PrivateKeyFlag.EXPORTABLE_KEY),
    bit(TAB, "renew_with_same_key", "private_key_flags", PrivateKeyFlag.REQUIRE_SAME_KEY_RENEWAL),
    bit(
        TAB,
        "reuse_key_when_card_is_full",
        "enrollment_flags",
        EnrollmentFlag.ENABLE_KEY_REUSE_ON_NT_TOKEN_KEYSET_STORAGE_FULL,
    ),
    Field(TAB, "user_interaction", _get_interaction, _put_interaction),
    Field(
        TAB,
        "key_permissions",
        lambda template: (
            "" if template.legacy_provider else keystore.get(template, triplets.KEY_SECURITY_DESCRIPTOR) or ""
        ),
        _put_key_permissions,
        parse=_parse_key_permissions,
        exported=_key_permissions_exported,
    ),
)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Extensions, with the tab Superseded Templates: what the certificate says about its use.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..fields import Field, OptionError, Vocabulary, bit, unique
from ..flags import EnrollmentFlag
from ..names import EXTENSIONS
from ..oids import is_oid
from ..template import Template
from .policies import (
    parse_application_policies,
    parse_issuance_policies,
    show_application_policies,
    show_issuance_policies,
)

TAB = "extensions"

#: Bits of pKIKeyUsage: the first octet of the KeyUsage BIT STRING, and the ninth bit in the second one (RFC 5280
#: 4.2.1.3).
#: The console calls nonRepudiation "Signature is proof of origin".
KEY_USAGE_BITS: dict[str, int] = {
    "digital_signature": 0x80,
    "proof_of_origin": 0x40,
    "key_encipherment": 0x20,
    "data_encipherment": 0x10,
    "key_agreement": 0x08,
    "certificate_signing": 0x04,
    "crl_signing": 0x02,
    "encipher_only": 0x01,
    "decipher_only": 0x8000,
}


def _usage_bits(template: Template) -> int:
    return int.from_bytes(template.key_usage[:2].ljust(2, b"\0"), "little")


def _with_usage(template: Template, bits: int) -> Template:
    octets = bits.to_bytes(2, "little")
    # As many octets as there were, so that an untouched second one stays; what is needed when there were fewer.
    length = max(len(template.key_usage), 1 if octets[1] == 0 else 2)
    return replace(template, key_usage=octets[:length] + template.key_usage[2:])


def _get_usage(template: Template) -> tuple[str, ...]:
    bits = _usage_bits(template)
    return tuple(word for word, mask in KEY_USAGE_BITS.items() if bits & mask)


def _put_usage(template: Template, words: t.Sequence[str]) -> Template:
    known = sum(KEY_USAGE_BITS.values())
    return _with_usage(template, _usage_bits(template) & ~known | sum(KEY_USAGE_BITS[word] for word in words))


def _parse_usage(words: t.Collection[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(word for word in KEY_USAGE_BITS if word in words)


def _get_proof(template: Template) -> bool:
    return bool(_usage_bits(template) & KEY_USAGE_BITS["proof_of_origin"])


def _put_proof(template: Template, on: bool) -> Template:
    mask = KEY_USAGE_BITS["proof_of_origin"]
    bits = _usage_bits(template)
    return _with_usage(template, bits | mask if on else bits & ~mask)


def _get_policies(template: Template) -> tuple[str, ...]:
    # Version 1 has the extended key usage alone; from version 2 on the application policies are what the authority
    # issues.
    return template.application_policies if template.schema_version > 1 else template.extended_key_usage


def _put_policies(template: Template, oids: tuple[str, ...]) -> Template:
    return replace(template, extended_key_usage=oids, application_policies=oids if template.schema_version > 1 else ())


def _policies_agree(template: Template) -> bool:
    """Whether both lists name the same policies, as the console keeps them; other tools are known to write only one."""
    return template.schema_version < 2 or set(template.application_policies) == set(template.extended_key_usage)


def _parse_critical(words: t.Sequence[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    for word in words:
        if word not in EXTENSIONS and not is_oid(word):
            raise OptionError(f"{TAB}.critical", f"'{word}' is neither an OID nor one of {', '.join(EXTENSIONS)}")
    return unique(EXTENSIONS.get(word, word) for word in words)


def _show_critical(oids: t.Iterable[str], _vocabulary: Vocabulary) -> list[str]:
    words = {oid: word for word, oid in EXTENSIONS.items()}
    return [words.get(oid, oid) for oid in oids]


def _parse_superseded(names: t.Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        cn = vocabulary.template_names.get(name.casefold())
        if cn is None:
            right = vocabulary.display_names.get(name.casefold())
            hint = (
                f"is the display name of template '{right}'; write {right}"
                if right
                else "is not a template of this forest"
            )
            raise OptionError("superseded_templates", f"'{name}' {hint}")
        found.append(cn)
    return unique(found)


FIELDS: tuple[Field, ...] = (
    Field(
        TAB,
        "application_policies",
        _get_policies,
        _put_policies,
        parse=parse_application_policies(f"{TAB}.application_policies"),
        show=show_application_policies,
        editable=True,
        coherent=_policies_agree,
    ),
    Field(
        TAB,
        "issuance_policies",
        lambda template: template.certificate_policies,
        lambda template, oids: replace(template, certificate_policies=oids),
        parse=parse_issuance_policies(f"{TAB}.issuance_policies"),
        show=show_issuance_policies,
        editable=True,
    ),
    Field(TAB, "key_usage", _get_usage, _put_usage, parse=_parse_usage, show=lambda words, _vocabulary: list(words)),
    # The same bit as the word in key_usage, for those who only want the one tick; an export names key_usage.
    Field(TAB, "signature_is_proof_of_origin", _get_proof, _put_proof, exported=lambda _template: False),
    bit(TAB, "basic_constraints", "enrollment_flags", EnrollmentFlag.INCLUDE_BASIC_CONSTRAINTS_FOR_EE_CERTS),
    bit(TAB, "ocsp_no_revocation_checking", "enrollment_flags", EnrollmentFlag.ADD_OCSP_NOCHECK),
    Field(
        TAB,
        "critical",
        lambda template: template.critical_extensions,
        lambda template, oids: replace(template, critical_extensions=oids),
        parse=_parse_critical,
        show=_show_critical,
        editable=True,
    ),
    Field(
        "",
        "superseded_templates",
        lambda template: template.superseded_templates,
        lambda template, names: replace(template, superseded_templates=names),
        parse=_parse_superseded,
        show=lambda names, _vocabulary: list(names),
        editable=True,
    ),
)

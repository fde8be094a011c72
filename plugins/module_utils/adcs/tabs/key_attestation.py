# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Key Attestation: whether the key must prove that it lives in a TPM.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..fields import Field, Vocabulary, bit, with_bits
from ..flags import PrivateKeyFlag
from ..template import Template

TAB = "key_attestation"

_REQUIREMENTS: dict[str, int] = {
    "none": 0,
    "preferred": PrivateKeyFlag.ATTEST_PREFERRED,
    "required": PrivateKeyFlag.ATTEST_REQUIRED,
}
_MASK = PrivateKeyFlag.ATTEST_PREFERRED | PrivateKeyFlag.ATTEST_REQUIRED
_TRUST: dict[str, int] = {
    "user_credentials": PrivateKeyFlag.EK_TRUST_ON_USE,
    "hardware_certificate": PrivateKeyFlag.EK_VALIDATE_CERT,
    "hardware_key": PrivateKeyFlag.EK_VALIDATE_KEY,
}


def _get_requirement(template: Template) -> str:
    if template.private_key_flags & PrivateKeyFlag.ATTEST_REQUIRED:
        return "required"
    return "preferred" if template.private_key_flags & PrivateKeyFlag.ATTEST_PREFERRED else "none"


def _put_requirement(template: Template, word: str) -> Template:
    return replace(template, private_key_flags=template.private_key_flags & ~_MASK | _REQUIREMENTS[word])


def _get_trust(template: Template) -> tuple[str, ...]:
    return tuple(word for word, mask in _TRUST.items() if template.private_key_flags & mask)


def _put_trust(template: Template, words: t.Collection[str]) -> Template:
    flags = template.private_key_flags
    for word, mask in _TRUST.items():
        flags = with_bits(flags, mask, word in words)
    return replace(template, private_key_flags=flags)


def _in_order(words: t.Collection[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(word for word in _TRUST if word in words)


FIELDS: tuple[Field, ...] = (
    Field(TAB, "requirement", _get_requirement, _put_requirement),
    Field(TAB, "trust", _get_trust, _put_trust, parse=_in_order, show=lambda words, _vocabulary: list(words)),
    bit(TAB, "without_issuance_policies", "private_key_flags", PrivateKeyFlag.ATTESTATION_WITHOUT_POLICY),
)

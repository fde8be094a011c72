# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Cryptography: provider category, algorithm, key size, providers, request hash.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .. import keystore, triplets
from ..fields import Field, OptionError, Vocabulary, bit, number, unique
from ..flags import PrivateKeyFlag
from ..template import Template

TAB = "cryptography"
LEGACY = "legacy_cryptographic_service_provider"
KEY_STORAGE = "key_storage_provider"

#: Algorithms of msPKI-Asymmetric-Algorithm (MS-CRTD 2.23; the console writes DSA).
ALGORITHMS: tuple[str, ...] = (
    "RSA",
    "DSA",
    "DH",
    "ECDSA_P256",
    "ECDSA_P384",
    "ECDSA_P521",
    "ECDH_P256",
    "ECDH_P384",
    "ECDH_P521",
)
HASHES: tuple[str, ...] = ("MD2", "MD4", "MD5", "SHA1", "SHA256", "SHA384", "SHA512")

#: msPKI-Key-Usage of the triplets (MS-CRTD 2.23).
USAGE_SIGN, USAGE_ALL = "2", "16777215"
AT_KEYEXCHANGE, AT_SIGNATURE = 1, 2
_KEY_AGREEMENT = 0x08


def category(template: Template) -> str:
    return LEGACY if template.legacy_provider else KEY_STORAGE


def _put_category(template: Template, word: str) -> Template:
    if template.schema_version < 4:
        raise OptionError(
            f"{TAB}.provider_category",
            f"a template of schema version {template.schema_version} has {category(template)} for good; "
            f"create a new template for {word}",
        )
    return keystore.with_category(template, word == LEGACY)


def _put_algorithm(template: Template, algorithm: str) -> Template:
    _refuse_legacy(template, "algorithm")
    changed = keystore.put(template, triplets.ASYMMETRIC_ALGORITHM, algorithm)
    curve = algorithm.partition("_P")[2]
    if curve:
        changed = replace(changed, minimum_key_size=int(curve))
    if algorithm.startswith("ECDSA"):
        # What the console writes with a signature-only curve.
        return replace(keystore.put(changed, triplets.KEY_USAGE, USAGE_SIGN), key_spec=AT_SIGNATURE)
    if algorithm.startswith("ECDH"):
        usage = changed.key_usage or b"\0"
        agreed = bytes([usage[0] & ~0x20 | _KEY_AGREEMENT]) + usage[1:]
        return replace(keystore.put(changed, triplets.KEY_USAGE, USAGE_ALL), key_spec=AT_KEYEXCHANGE, key_usage=agreed)
    return changed


def _put_hash(template: Template, name: str) -> Template:
    _refuse_legacy(template, "request_hash")
    return keystore.put(template, triplets.HASH_ALGORITHM, name)


def _refuse_legacy(template: Template, option: str) -> None:
    if template.legacy_provider:
        raise OptionError(f"{TAB}.{option}", f"is the provider's own choice while the provider category is {LEGACY}")


def _get_providers(template: Template) -> tuple[str, ...]:
    numbered: list[tuple[int, str]] = []
    for position, value in enumerate(template.providers):
        order, comma, name = value.partition(",")
        known = comma and order.isascii() and order.isdigit()
        numbered.append((int(order), name) if known else (position + 1, value))
    return unique(name for _order, name in sorted(numbered, key=lambda item: item[0]))


def _put_providers(template: Template, names: t.Sequence[str]) -> Template:
    # The numbers carry the order; highest first is how the built-in templates and the console have them.
    return replace(template, providers=tuple(f"{order},{name}" for order, name in reversed(tuple(enumerate(names, 1)))))


def _parse_providers(names: t.Sequence[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    if any(not name.strip() for name in names):
        raise OptionError(f"{TAB}.providers", "holds an empty name; leave the list empty to allow any provider")
    return unique(names)


def _key_storage(template: Template) -> bool:
    return not template.legacy_provider


FIELDS: tuple[Field, ...] = (
    Field(TAB, "provider_category", category, _put_category),
    Field(
        TAB,
        "algorithm",
        lambda template: keystore.get(template, triplets.ASYMMETRIC_ALGORITHM),
        _put_algorithm,
        exported=_key_storage,
    ),
    number(TAB, "minimum_key_size", "minimum_key_size", 0, 65536),
    Field(
        TAB,
        "providers",
        _get_providers,
        _put_providers,
        parse=_parse_providers,
        show=lambda names, _vocabulary: list(names),
    ),
    Field(
        TAB,
        "request_hash",
        lambda template: keystore.get(template, triplets.HASH_ALGORITHM),
        _put_hash,
        exported=_key_storage,
    ),
    bit(
        TAB, "use_alternate_signature_format", "private_key_flags", PrivateKeyFlag.REQUIRE_ALTERNATE_SIGNATURE_ALGORITHM
    ),
)

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
#: Bits of the key usage (RFC 5280 4.2.1.3).
_KEY_ENCIPHERMENT, _KEY_AGREEMENT = 0x20, 0x08
_NOT_SIGNING = _KEY_ENCIPHERMENT | 0x10 | _KEY_AGREEMENT
#: What a template gets when an algorithm with a curve, and so a size of its own, is given up.
_USUAL_KEY_SIZE = 2048


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
    before = keystore.get(template, triplets.ASYMMETRIC_ALGORITHM) or ""
    changed = keystore.put(template, triplets.ASYMMETRIC_ALGORITHM, algorithm)
    if _curve(algorithm):
        changed = replace(changed, minimum_key_size=_curve(algorithm))
    elif _curve(before):
        changed = replace(changed, minimum_key_size=_USUAL_KEY_SIZE)
    if algorithm.startswith("ECDSA"):
        # What the console writes with a signature-only curve.
        return replace(keystore.put(changed, triplets.KEY_USAGE, USAGE_SIGN), key_spec=AT_SIGNATURE)
    if algorithm.startswith("ECDH"):
        changed = _exchange_usage(changed, _KEY_ENCIPHERMENT, _KEY_AGREEMENT)
        return replace(keystore.put(changed, triplets.KEY_USAGE, USAGE_ALL), key_spec=AT_KEYEXCHANGE)
    return _exchange_usage(changed, _KEY_AGREEMENT, _KEY_ENCIPHERMENT) if before.startswith("ECDH") else changed


def _curve(algorithm: str) -> int:
    """The size of the curve's keys; 0 for an algorithm without curves."""
    size = algorithm.partition("_P")[2]
    return int(size) if size.isascii() and size.isdigit() else 0


def _exchange_usage(template: Template, old: int, new: int) -> Template:
    usage = template.key_usage or b"\0"
    return replace(template, key_usage=bytes([usage[0] & ~old | new]) + usage[1:])


def problems(template: Template) -> dict[str, str]:
    """Why no key of the algorithm fits the template, by option."""
    algorithm = keystore.get(template, triplets.ASYMMETRIC_ALGORITHM) or ""
    curve, usage = _curve(algorithm), template.key_usage[0] if template.key_usage else 0
    found: dict[str, str] = {}
    if curve and template.minimum_key_size != curve:
        found[f"{TAB}.minimum_key_size"] = f"keys of {algorithm} have {curve} bits, not {template.minimum_key_size}"
    if algorithm.startswith("ECDSA") and usage & _NOT_SIGNING:
        found[f"{TAB}.algorithm"] = f"keys of {algorithm} can only sign; the purpose must be signature"
    if algorithm.startswith("ECDH") and not usage & _KEY_AGREEMENT:
        found[f"{TAB}.algorithm"] = f"keys of {algorithm} agree on other keys; extensions.key_usage needs key_agreement"
    return found


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

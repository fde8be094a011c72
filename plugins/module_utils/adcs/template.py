# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate template as a typed value, and its form in the directory (MS-CRTD 2).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..directory.descriptor import Control, SecurityDescriptor
from .flags import from_int32, to_int32
from .period import decode_period, encode_period

Attributes: t.TypeAlias = t.Mapping[str, t.Sequence[bytes]]

OBJECT_CLASS = "pKICertificateTemplate"
SECURITY = "nTSecurityDescriptor"


@dataclass(frozen=True)
class Template:
    """One pKICertificateTemplate object.

    Flag words are unsigned; periods are counts of 100 ns. An attribute that the object lacks has the value that Windows
    assumes for it. Lists keep the directory's order, which means nothing: compare them as sets (see comparable).
    """

    name: str
    display_name: str = ""
    oid: str = ""
    general_flags: int = 0
    revision: int = 100
    minor_revision: int = 0
    schema_version: int = 1
    name_flags: int = 0
    enrollment_flags: int = 0
    private_key_flags: int = 0
    minimum_key_size: int = 0
    ra_signatures: int = 0
    ra_policies: tuple[str, ...] = ()
    ra_application_policies: tuple[str, ...] = ()
    application_policies: tuple[str, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    certificate_policies: tuple[str, ...] = ()
    superseded_templates: tuple[str, ...] = ()
    key_usage: bytes = b""
    key_spec: int = 1
    providers: tuple[str, ...] = ()
    critical_extensions: tuple[str, ...] = ()
    validity_period: int = 0
    renewal_period: int = 0
    maximum_issuing_depth: int = 0
    security: SecurityDescriptor | None = field(default=None, compare=False)

    @property
    def legacy_provider(self) -> bool:
        """Whether the provider category is "Legacy Cryptographic Service Provider" (decided by version and
        bit, facts of MS-CRTD 2.27).
        """
        return self.schema_version < 3 or (self.schema_version > 3 and bool(self.private_key_flags & 0x100))


class _Codec(t.NamedTuple):
    decode: t.Callable[[t.Sequence[bytes]], t.Any]
    encode: t.Callable[[t.Any], list[bytes]]
    #: What two equal values have in common; the values themselves when None.
    key: t.Callable[[t.Any], t.Any] | None = None


def _int32(value: int) -> list[bytes]:
    if not -(1 << 31) <= value < 1 << 31:
        raise ValueError(f"{value} does not fit the directory's 32-bit integer")
    return [str(value).encode()]


def _casefolded(values: t.Iterable[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values)


_TEXT = _Codec(
    lambda values: values[0].decode("utf-8", "surrogateescape"),
    lambda text: [text.encode("utf-8", "surrogateescape")] if text else [],
)
_TEXTS = _Codec(
    lambda values: tuple([value.decode("utf-8", "surrogateescape") for value in values]),
    lambda texts: [text.encode("utf-8", "surrogateescape") for text in texts],
    _casefolded,
)
_NUMBER = _Codec(lambda values: int(values[0]), _int32)
_FLAGS = _Codec(lambda values: from_int32(int(values[0])), lambda value: _int32(to_int32(value)))
# "Edited" key usages have one octet and untouched ones two; the trailing zeros of a BIT STRING mean nothing.
_OCTETS = _Codec(lambda values: values[0], lambda value: [value] if value else [], lambda value: value.rstrip(b"\0"))
_PERIOD = _Codec(lambda values: decode_period(values[0]), lambda ticks: [encode_period(ticks)])

#: Field of Template, attribute of the directory, codec. The order is the one in which changes are listed.
_ATTRIBUTES: tuple[tuple[str, str, _Codec], ...] = (
    ("name", "cn", _TEXT),
    ("display_name", "displayName", _TEXT),
    ("oid", "msPKI-Cert-Template-OID", _TEXT),
    ("general_flags", "flags", _FLAGS),
    ("revision", "revision", _NUMBER),
    ("minor_revision", "msPKI-Template-Minor-Revision", _NUMBER),
    ("schema_version", "msPKI-Template-Schema-Version", _NUMBER),
    ("name_flags", "msPKI-Certificate-Name-Flag", _FLAGS),
    ("enrollment_flags", "msPKI-Enrollment-Flag", _FLAGS),
    ("private_key_flags", "msPKI-Private-Key-Flag", _FLAGS),
    ("minimum_key_size", "msPKI-Minimal-Key-Size", _NUMBER),
    ("ra_signatures", "msPKI-RA-Signature", _NUMBER),
    ("ra_policies", "msPKI-RA-Policies", _TEXTS),
    ("ra_application_policies", "msPKI-RA-Application-Policies", _TEXTS),
    ("application_policies", "msPKI-Certificate-Application-Policy", _TEXTS),
    ("extended_key_usage", "pKIExtendedKeyUsage", _TEXTS),
    ("certificate_policies", "msPKI-Certificate-Policy", _TEXTS),
    ("superseded_templates", "msPKI-Supersede-Templates", _TEXTS),
    ("key_usage", "pKIKeyUsage", _OCTETS),
    ("key_spec", "pKIDefaultKeySpec", _NUMBER),
    ("providers", "pKIDefaultCSPs", _TEXTS),
    ("critical_extensions", "pKICriticalExtensions", _TEXTS),
    ("validity_period", "pKIExpirationPeriod", _PERIOD),
    ("renewal_period", "pKIOverlapPeriod", _PERIOD),
    ("maximum_issuing_depth", "pKIMaxIssuingDepth", _NUMBER),
)
ATTRIBUTE_NAMES: tuple[str, ...] = tuple(attribute for _field, attribute, _codec in _ATTRIBUTES)

_Decoder: t.TypeAlias = tuple[str, str, t.Callable[[t.Sequence[bytes]], t.Any]]
#: Field, attribute and way to read it, by the attribute's name as it is usually spelled and without case. A forest has
#: thousands of templates, and each is gone through once.
_DECODERS: dict[str, _Decoder] = {
    key: (name, attribute, decoder)
    for name, attribute, decoder in (
        *((name, attribute, codec.decode) for name, attribute, codec in _ATTRIBUTES),
        ("security", SECURITY, lambda values: SecurityDescriptor.from_bytes(values[0])),
    )
    for key in (attribute, attribute.casefold())
}


def decode(attributes: Attributes) -> Template:
    """The template that O(attributes), as read from the directory, describe.

    Raises ValueError that names the attribute whose value is not of its syntax.
    """
    values: dict[str, t.Any] = {"name": ""}
    for spelled, raw in attributes.items():
        found = _DECODERS.get(spelled) or _DECODERS.get(spelled.casefold())
        if found is None or not raw:
            continue
        name, attribute, decoder = found
        try:
            values[name] = decoder(raw)
        except ValueError as exc:
            raise ValueError(f"attribute {attribute}: {exc}") from exc
    return Template(**values)


def encode(template: Template) -> dict[str, list[bytes]]:
    """All attributes of O(template) that have a value, without its security.

    Raises ValueError for a number out of range.
    """
    encoded: dict[str, list[bytes]] = {}
    for name, attribute, codec in _ATTRIBUTES:
        values = codec.encode(getattr(template, name))
        if values:
            encoded[attribute] = values
    return encoded


def security_changed(current: Template, changed: Template) -> bool:
    """Whether the descriptors differ in what this collection writes: owner and discretionary list."""
    return dacl_changed(current, changed) or owner_changed(current, changed)


def dacl_changed(current: Template, changed: Template) -> bool:
    old, new = current.security, changed.security
    return (
        old is not None
        and new is not None
        and (old.dacl != new.dacl or (old.control ^ new.control) & Control.DACL_PROTECTED != 0)
    )


def owner_changed(current: Template, changed: Template) -> bool:
    old, new = current.security, changed.security
    return old is not None and new is not None and old.owner != new.owner


def changed_attributes(before: Template, after: Template) -> dict[str, list[bytes]]:
    """The attributes whose meaning differs between the two, with the values of O(after); an empty list is an absent
    attribute.

    Order of values, letter case of names and trailing zeros of the key usage mean nothing and are no change.
    """
    changed: dict[str, list[bytes]] = {}
    for name, attribute, codec in _ATTRIBUTES:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and (codec.key is None or codec.key(old) != codec.key(new)):
            changed[attribute] = codec.encode(new)
    return changed

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wished of NDES: the options of the module ndes, checked as far as they can be without asking anybody. Pure.

Provenance: which providers are key storage providers, and that NDES takes none of them, from Microsoft's "Network
Device Enrollment Service Guidance" and the reference of Install-AdcsNetworkDeviceEnrollmentService; upper bounds of the
fields of a subject from X.520 (RFC 5280, appendix A.1).

serves: SCEP-059

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ...directory.edits import OptionError
from . import preflight_texts

DEFAULT_PROVIDER = "Microsoft Strong Cryptographic Provider"
DEFAULT_LENGTH = 2048
SHORTEST, LONGEST, STEP = 2048, 16384, 64

#: Longest value by field of registration_authority.
FIELDS: t.Final[t.Mapping[str, int]] = {
    "name": 64,
    "email": 255,
    "company": 64,
    "department": 64,
    "city": 128,
    "state": 128,
    "country": 2,
}
_KEY_STORAGE = re.compile(r"key storage provider|\bksp\b|platform crypto provider", re.IGNORECASE)
_NO_RSA = re.compile(r"\bdss\b|diffie-hellman", re.IGNORECASE)
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
_LOCAL = frozenset({"", "."})


@dataclass(frozen=True)
class Key:
    """A key of the registration authority."""

    provider: str = DEFAULT_PROVIDER
    length: int = DEFAULT_LENGTH


@dataclass(frozen=True)
class Wish:
    """The options of state present.

    Attributes:
        certification_authority: As it was written.
        account: As it was written; None for the identity of the pool.
        password: Of the account.
        update_password: Whether the password is set again where the account is the wished one already.
        subject: The given fields of registration_authority.
        keys: By purpose, V(signing) and V(encryption).
        installer: User and password that the cmdlet acts with.
        allowed: Ids of findings of the preflight that do not refuse.
    """

    certification_authority: str
    account: str | None
    password: str | None = field(default=None, repr=False)
    update_password: bool = False
    subject: t.Mapping[str, str] = field(default_factory=dict)
    keys: t.Mapping[str, Key] = field(default_factory=lambda: {"signing": Key(), "encryption": Key()})
    installer: tuple[str, str] | None = field(default=None, repr=False)
    repair: bool = False
    allowed: frozenset[str] = frozenset()

    @property
    def added_providers(self) -> tuple[str, ...]:
        """The providers that are not the one of Windows that the set-up takes by itself."""
        return tuple(dict.fromkeys(one.provider for one in self.keys.values() if one.provider != DEFAULT_PROVIDER))

    @property
    def is_group_managed(self) -> bool:
        """Whether the account's name is that of a group managed service account; a computer's is, too."""
        return self.account is not None and self.account.endswith("$")


def parse(options: t.Mapping[str, t.Any]) -> Wish:
    """The wish of O(options), arguments of the module with state present. Raises OptionError."""
    authority = (options["certification_authority"] or "").strip()
    if not authority:
        raise OptionError("certification_authority", "is required with state: present")
    password, installer = _account(options), _installer(options)
    keys = {
        purpose: Key(
            _provider(f"{purpose}_provider", options[f"{purpose}_provider"]),
            _length(f"{purpose}_key_length", options[f"{purpose}_key_length"]),
        )
        for purpose in ("signing", "encryption")
    }
    return Wish(
        certification_authority=authority,
        account=options["service_account"] or None,
        password=password,
        update_password=options["update_password"] == "always",
        subject=_subject(options["registration_authority"] or {}),
        keys=keys,
        installer=installer,
        repair=options["repair"],
        allowed=allowed(options["allow"]),
    )


def allowed(ids: t.Sequence[str]) -> frozenset[str]:
    """The ids of O(ids). Raises OptionError for one that no finding has, and one that is never accepted."""
    for name in ids:
        if name not in preflight_texts.TEXTS:
            raise OptionError("allow", f"'{name}' is none of {', '.join(preflight_texts.TEXTS)}")
        if name in preflight_texts.NEVER_ALLOWED:
            raise OptionError("allow", f"'{name}' cannot be accepted: {preflight_texts.TEXTS[name].cause}")
    return frozenset(ids)


def _account(options: t.Mapping[str, t.Any]) -> str | None:
    name, password = options["service_account"], options["service_account_password"]
    if bool(name) == bool(options["application_pool_identity"]):
        given = "both are given" if name else "neither is given"
        raise OptionError("service_account", f"or application_pool_identity: true is needed, and {given}")
    if password == "":
        raise OptionError("service_account_password", "is empty")
    if not name:
        if password is not None:
            raise OptionError("service_account_password", "has no meaning with application_pool_identity")
        return None
    if name != name.strip() or any(not char.isprintable() for char in name):
        raise OptionError("service_account", f"'{name}' begins or ends with a blank, or holds what cannot be printed")
    domain, backslash, plain = name.partition("\\")
    if not backslash or not plain or domain in _LOCAL or "\\" in plain:
        raise OptionError("service_account", f"'{name}' is not written as DOMAIN\\name")
    if name.endswith("$") and password is not None:
        raise OptionError(
            "service_account_password",
            f"is not for '{name}': the domain makes the password of a group managed service account, and the server "
            "fetches it",
        )
    return str(password) if password is not None else None


def _installer(options: t.Mapping[str, t.Any]) -> tuple[str, str] | None:
    user, password = options["installer_username"], options["installer_password"]
    if user is None and password is None:
        return None
    if not user:
        raise OptionError("installer_username", "is needed with installer_password")
    if not password:
        raise OptionError("installer_password", "is needed with installer_username")
    if "\\" not in user and "@" not in user:
        raise OptionError("installer_username", f"'{user}' is written neither as DOMAIN\\name nor as name@domain")
    return str(user), str(password)


def _provider(option: str, name: str) -> str:
    if not name or name != name.strip() or any(not char.isprintable() for char in name):
        raise OptionError(option, f"'{name}' is empty, begins or ends with a blank, or holds what cannot be printed")
    if _KEY_STORAGE.search(name):
        raise OptionError(
            option,
            f"'{name}' is a key storage provider (CNG); NDES uses its keys through CryptoAPI, which has only "
            f"cryptographic service providers, such as '{DEFAULT_PROVIDER}'",
        )
    if _NO_RSA.search(name):
        raise OptionError(option, f"'{name}' has no RSA keys, which SCEP needs; take '{DEFAULT_PROVIDER}'")
    return name


def _length(option: str, bits: int) -> int:
    if bits < SHORTEST:
        raise OptionError(option, f"{bits} bits are too few; at least {SHORTEST} are needed")
    if bits > LONGEST or bits % STEP:
        raise OptionError(option, f"{bits} is no length of a key: up to {LONGEST}, in steps of {STEP}")
    return bits


def _subject(fields: t.Mapping[str, str | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, longest in FIELDS.items():
        value, option = fields.get(name), f"registration_authority.{name}"
        if value is None:
            continue
        if not value or value != value.strip() or any(not char.isprintable() for char in value):
            raise OptionError(option, "is empty, begins or ends with a blank, or holds what cannot be printed")
        if len(value) > longest:
            raise OptionError(option, f"has {len(value)} characters; {longest} are allowed")
        if name == "country" and not _COUNTRY.match(value):
            raise OptionError(option, f"'{value}' is not a code of two letters, such as SE")
        if name == "email" and not _EMAIL.match(value):
            raise OptionError(option, f"'{value}' is no address of ASCII characters")
        found[name] = value
    return found

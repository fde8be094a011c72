# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and passwords of accounts: what the directory would refuse, and what would mean something else. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t

from ..directory.edits import OptionError
from .account import GROUP_MANAGED, PasswordPolicy

#: MS-SAMR 3.1.1.6, and what LSA names and the at sign of a user principal name would be read as.
_FORBIDDEN = frozenset('"/\\[]:;|=,+*?<>@')
_LONGEST: t.Final[t.Mapping[str, int]] = {"user": 20, "group_managed": 15}
_LONGEST_UPN = 1024
_UPN = re.compile(r"[^\s@\"/\\\[\]:;|=,+*?<>]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")
_HOST = re.compile(
    r"(?=.{1,255}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+\Z"
)
#: What separates the parts of a full name, none of which may stand in a password.
_SEPARATORS = re.compile(r"[,.\-_\s#\t]+")
_SHORTEST_PART = 3
_KINDS_NEEDED = 3


def account_name(text: str, kind: str) -> str:
    """The sAMAccountName that O(text) means: that of a managed account ends with a dollar sign, written or not.

    Raises OptionError for what no such account can be called.
    """
    if not text or text != text.strip():
        raise OptionError("name", f"'{text}' is empty or begins or ends with a blank")
    plain = text.removesuffix("$") if kind == GROUP_MANAGED else text
    if kind != GROUP_MANAGED and text.endswith("$"):
        raise OptionError(
            "name", f"'{text}' ends with $, as computers and managed accounts do; use type: {GROUP_MANAGED}"
        )
    bad = sorted({char for char in plain if char in _FORBIDDEN or not char.isprintable()})
    if bad:
        listed = " ".join(map(repr, bad))
        hint = "; write the name alone, without its domain" if {"\\", "@"} & set(bad) else ""
        raise OptionError("name", f"'{text}' holds {listed}, which an account name cannot have{hint}")
    longest = _LONGEST[kind]
    if len(plain.encode("utf-16-le")) // 2 > longest:
        raise OptionError("name", f"has {len(plain)} characters; {longest} are allowed")
    if not plain.strip(". ") or plain.endswith("."):
        raise OptionError("name", f"'{text}' consists of dots or ends with one, which an account name cannot")
    return f"{plain}$" if kind == GROUP_MANAGED else plain


def check_texts(texts: t.Mapping[str, str]) -> None:
    """Raises OptionError for values of text attributes that are not of their form; empty ones take the value away.

    Args:
        texts: by option.
    """
    for option, longest in (("display_name", 256), ("description", 1024)):
        value = texts.get(option) or ""
        if len(value) > longest:
            raise OptionError(option, f"has {len(value)} characters; {longest} are allowed")
        if value and value != value.strip():
            raise OptionError(option, f"'{value}' begins or ends with a blank")
        if any(char < " " for char in value):
            raise OptionError(option, "holds a control character")
    principal = texts.get("user_principal_name") or ""
    if principal and (len(principal) > _LONGEST_UPN or not _UPN.match(principal)):
        raise OptionError("user_principal_name", f"'{principal}' is not written as name@domain")
    host = texts.get("dns_host_name") or ""
    if host and not _HOST.match(host):
        raise OptionError("dns_host_name", f"'{host}' is not the full DNS name of a host")


def check_password(password: str, policy: PasswordPolicy, name: str, display_name: str) -> None:
    """Raises OptionError, without a word about the password itself, when the domain's policy would refuse it.

    MS-SAMR 3.1.1.7.1 says how long it must be, 3.1.1.7.2 what complex means.
    """
    if not password:
        raise OptionError("password", "is empty")
    if len(password) < policy.minimum_length:
        raise OptionError(
            "password", f"is shorter than the {policy.minimum_length} characters that the domain's policy asks for"
        )
    if not policy.complex:
        return
    folded = password.casefold()
    parts = [name] if len(name) >= _SHORTEST_PART else []
    parts += [part for part in _SEPARATORS.split(display_name) if len(part) >= _SHORTEST_PART]
    if any(part.casefold() in folded for part in parts):
        raise OptionError(
            "password", "holds the account's name or a part of its display name, which the policy forbids"
        )
    if len({_kind(char) for char in password}) < _KINDS_NEEDED:
        raise OptionError(
            "password",
            f"needs characters of {_KINDS_NEEDED} kinds by the domain's policy: capital, small letter, digit, other",
        )


def _kind(char: str) -> str:
    if char.isdecimal() and char.isascii():
        return "digit"
    if char.isupper():
        return "capital"
    if char.islower():
        return "small"
    return "letter" if char.isalpha() else "other"


def encoded_password(password: str) -> bytes:
    """The form of unicodePwd: in quotation marks, UTF-16 (MS-ADTS 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")

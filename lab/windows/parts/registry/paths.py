# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of registry keys: their spellings, the links between them, and what a 32-bit program sees."""

from __future__ import annotations

import functools
from typing import Any

from lab.windows import tables
from lab.windows.fold import fold

Names = tuple[str, ...]
#: Limits of the registry ("Registry Element Size Limits").
KEY_LENGTH = 255
VALUE_LENGTH = 16383
WOW = "WOW6432Node"
_PROVIDER = "MICROSOFT.POWERSHELL.CORE\\"


class InvalidPath(ValueError):  # noqa: N818
    """No path of a key, or one at which there can be no key."""


@functools.lru_cache(4096)
def resolve(path: str, view: int = 64, user: str | None = None) -> Names:
    """Say where a key lies: `("HKLM", "SOFTWARE", "X")`, with the spelling of the caller.

    Args:
        path: `HKLM\\SOFTWARE\\X`, also as `HKLM:\\...`, `HKEY_LOCAL_MACHINE\\...` and `Registry::HKEY_...`.
        view: 64, or 32 for what a 32-bit program sees.
        user: SID of who asks, for HKCU. InvalidPath for HKCU without it.
    """
    if view not in (32, 64):
        raise InvalidPath(f"the registry has a 32-bit and a 64-bit view, no {view}")
    names = _linked(_split(path), user)
    return _redirected(names, view)


def split_root(path: str) -> tuple[str, Names]:
    """The short name of the root key, and the names below it, as they are written."""
    names = _split(path)
    return names[0], names[1:]


def long_form(names: Names) -> str:
    """`HKEY_LOCAL_MACHINE\\SOFTWARE\\X`, as .reg files and messages have it."""
    return "\\".join((_names()["roots"][names[0]], *names[1:]))


def is_hive(names: Names) -> bool:
    """Whether a key is a root or the top of a hive, which no program can delete."""
    return len(names) <= 2  # HKLM\SOFTWARE


def known_hive(names: Names) -> bool:
    """Whether a key directly below HKLM is the top of a hive."""
    return fold(names[1]) in {fold(name) for name in _names()["hives"]}


def _split(path: str) -> Names:
    if fold(path).startswith(_PROVIDER):
        path = path[len(_PROVIDER) :]
    if fold(path).startswith("REGISTRY::"):
        path = path[len("REGISTRY::") :]
    first, *rest = [name for name in path.split("\\") if name] or [""]
    short = _roots().get(fold(first.removesuffix(":")))
    if short is None:
        raise InvalidPath(f"{path} begins with no root key of the registry")
    if any(len(name) > KEY_LENGTH for name in rest):
        raise InvalidPath(f"a name of a key has at most {KEY_LENGTH} characters")
    if any("\0" in name for name in rest):
        raise InvalidPath("a name of a key has no zero character")
    return (short, *rest)


def _linked(names: Names, user: str | None) -> Names:
    if names[0] == "HKCU":
        if user is None:
            raise InvalidPath("HKCU is known only for a user")
        names = ("HKU", user, *names[1:])
    for begin, target in _links():
        if _begins(names, begin):
            names = (*target, *names[len(begin) :])
    if names[0] == "HKU" and len(names) > 1 and fold(names[1]).endswith("_CLASSES"):
        names = ("HKU", names[1][: -len("_CLASSES")], "Software", "Classes", *names[2:])
    return names


def _redirected(names: Names, view: int) -> Names:
    base, inner = names[:2], names[2:]
    if _begins(names, ("HKU",)) and _begins(names[2:], ("Software", "Classes")):
        return (*names[:4], *_classes(names[4:], view == 32))
    if not _begins(names, ("HKLM", "SOFTWARE")):
        return names
    below = _begins(inner, (WOW,))
    while _begins(inner, (WOW,)):
        inner = inner[1:]
    if _begins(inner, ("Classes",)):
        return (*base, inner[0], *_classes(inner[1:], below or view == 32))
    folded = tuple(map(fold, inner))
    shared = any(folded[:length] in _shared() for length in range(1, len(folded) + 1))
    return (*base, *inner) if shared or not (below or view == 32) else (*base, WOW, *inner)


def _classes(inner: Names, narrow: bool) -> Names:
    below = _begins(inner, (WOW,))
    while _begins(inner, (WOW,)):
        inner = inner[1:]
    redirected = bool(inner) and fold(inner[0]) in {fold(name) for name in _names()["classes_redirected"]}
    if below and not inner:
        return (WOW,)
    return (WOW, *inner) if redirected and (narrow or below) else inner


def _begins(names: Names, begin: Names) -> bool:
    return tuple(map(fold, names[: len(begin)])) == tuple(map(fold, begin))


def _names() -> dict[str, Any]:
    found: dict[str, Any] = tables.load("registry_names")
    return found


@functools.cache
def _roots() -> dict[str, str]:
    spelled = _names()["roots"]
    return {fold(spelling): short for short, long in spelled.items() for spelling in (short, long)}


@functools.cache
def _links() -> tuple[tuple[Names, Names], ...]:
    return tuple((tuple(name.split("\\")), tuple(target.split("\\"))) for name, target in _names()["links"].items())


@functools.cache
def _shared() -> frozenset[Names]:
    return frozenset(tuple(map(fold, name.split("\\"))) for name in _names()["shared"])

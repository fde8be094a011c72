# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry: hives of keys and typed values, without regard to case, in a 64-bit and a 32-bit view.

Exported layout: one entry a key by its path, `HKLM\\SOFTWARE\\X` (HKLM and HKU only; HKCR, HKCC, ControlSet001 and
HKU\\S-1-5-18 are found where they point to, what 32-bit programs see below WOW6432Node):
`{"values": {NAME: {"kind": "REG_DWORD", "data": 1}}}`, the default value under "". Bytes are hexadecimal digits,
several strings a list, numbers have no sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lab.windows.fold import fold

from . import blank, paths, regfile
from .paths import InvalidPath, Names
from .values import Data, InvalidValue, Value

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

__all__ = ["InvalidPath", "InvalidValue", "Registry", "Value"]


class _Key:
    __slots__ = ("keys", "name", "values")

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[str, _Key] = {}
        self.values: dict[str, tuple[str, Value]] = {}

    def child(self, name: str) -> _Key:
        """The key below of that name, made if need be."""
        return self.keys.setdefault(fold(name), _Key(name))


class Registry:
    """The registry. `user` is everywhere the SID of who asks, needed for paths that begin with HKCU."""

    def __init__(self) -> None:
        self._roots = {name: _Key(name) for name in ("HKLM", "HKU")}
        #: Called with the path of every key that is deleted, so that what hangs on it goes, too.
        self.removed: Callable[[str], None] = lambda _path: None

    @classmethod
    def blank(cls, identity: Identity) -> Registry:
        made = cls()
        for path, values in blank.content(identity):
            made._make(tuple(path.split("\\"))).values.update(
                {fold(name): (name, value) for name, value in values.items()}
            )
        return made

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Registry:
        made = cls()
        for path, key in state.items():
            values = {name: Value.from_json(value) for name, value in key["values"].items()}
            made._make(tuple(path.split("\\"))).values = {fold(name): (name, value) for name, value in values.items()}
        return made

    def export(self) -> Json:
        return {
            "\\".join(names): {"values": {name: value.as_json() for name, value in key.values.values()}}
            for root in self._roots.values()
            for names, key in _walk((root.name,), root)
            if len(names) > 1
        }

    def key_exists(self, path: str, view: int = 64, user: str | None = None) -> bool:
        return self._find(path, view, user) is not None

    def key_path(self, path: str, view: int = 64, user: str | None = None) -> str | None:
        """Where a key really is and how it is spelled there; None if there is none."""
        names = paths.resolve(path, view, user)
        key = self._roots.get(names[0])
        spelled = [names[0]]
        for name in names[1:]:
            key = key.keys.get(fold(name)) if key else None
            if key is None:
                return None
            spelled.append(key.name)
        return "\\".join(spelled)

    def subkeys(self, path: str, view: int = 64, user: str | None = None) -> list[str]:
        """Names of the keys directly below, in Windows' order (of the letters in capitals); none if there is no key."""
        key = self._find(path, view, user)
        return [child.name for _, child in sorted(key.keys.items())] if key else []

    def values(self, path: str, view: int = 64, user: str | None = None) -> dict[str, Value]:
        """All values of a key by name, the default value under ""; none if there is no key."""
        key = self._find(path, view, user)
        return dict(key.values.values()) if key else {}

    def get(self, path: str, name: str = "", view: int = 64, user: str | None = None) -> Value | None:
        """A value; None if there is none or no such key."""
        key = self._find(path, view, user)
        found = key.values.get(fold(name)) if key else None
        return found[1] if found else None

    def set(
        self, path: str, name: str, kind: str, data: Data | list[str], view: int = 64, user: str | None = None
    ) -> None:
        """Write a value, making its key where it is missing. A value that exists keeps the spelling of its name.

        Raises:
            InvalidValue: The data does not fit the kind, or the name is too long.
            InvalidPath: There can be no such key.
        """
        value = Value(kind, tuple(data) if isinstance(data, list) else data)
        if len(name) > paths.VALUE_LENGTH or "\0" in name:
            raise InvalidValue(f"the name of a value has at most {paths.VALUE_LENGTH} characters, none of them zero")
        key = self._create(path, view, user)
        spelled = key.values.get(fold(name), (name, value))[0]
        key.values[fold(name)] = (spelled, value)

    def delete_value(self, path: str, name: str, view: int = 64, user: str | None = None) -> bool:
        """Delete a value; whether there was one."""
        key = self._find(path, view, user)
        return key is not None and key.values.pop(fold(name), None) is not None

    def create_key(self, path: str, view: int = 64, user: str | None = None) -> bool:
        """Make a key with those above it; whether it was missing. InvalidPath beside the hives."""
        missing = self._find(path, view, user) is None
        self._create(path, view, user)
        return missing

    def delete_key(self, path: str, view: int = 64, user: str | None = None) -> bool:
        """Delete a key with all below it; whether there was one. InvalidPath for a hive."""
        names = paths.resolve(path, view, user)
        if paths.is_hive(names):
            raise InvalidPath(f"{path} is a hive, which cannot be deleted")
        above = self._at(names[:-1])
        if above is None or fold(names[-1]) not in above.keys:
            return False
        real = self.key_path("\\".join(names)) or ""
        del above.keys[fold(names[-1])]
        self.removed(real)
        return True

    def add_certification_authority(self, identity: Identity, name: str) -> None:
        """Write what the role of a certification authority keeps, for a CA of that name."""
        for path, values in blank.authority(identity, name):
            for value_name, value in values.items():
                self.set(path, value_name, value.kind, value.data)

    def load_hive(self, sid: str) -> bool:
        """Make HKU\\SID, as it comes with a user's profile; whether it was missing."""
        missing = self._at(("HKU", sid)) is None
        self._roots["HKU"].child(sid)
        return missing

    def to_reg(self, path: str, view: int = 64, user: str | None = None) -> str:
        """A key and all below it as `reg export` writes them. KeyError if there is none."""
        real = self.key_path(path, view, user)
        key = self._find(path, view, user)
        if key is None or real is None:
            raise KeyError(path)
        return regfile.write(
            regfile.Section(paths.long_form(names), dict(found.values.values()))
            for names, found in _walk(tuple(real.split("\\")), key)
        )

    def from_reg(self, text: str, view: int = 64, user: str | None = None) -> None:
        """Do what a registry file says. Nothing is done if any of it is wrong (regfile.InvalidFile, InvalidPath)."""
        sections = regfile.read(text)
        for section in sections:
            names = paths.resolve(section.path, view, user)
            if section.delete and paths.is_hive(names):
                raise InvalidPath(f"{section.path} is a hive, which cannot be deleted")
            self._check(names)
        for section in sections:
            if section.delete:
                self.delete_key(section.path, view, user)
                continue
            self.create_key(section.path, view, user)
            for name, value in section.values.items():
                if value is None:
                    self.delete_value(section.path, name, view, user)
                else:
                    self.set(section.path, name, value.kind, value.data, view, user)

    def _find(self, path: str, view: int, user: str | None) -> _Key | None:
        return self._at(paths.resolve(path, view, user))

    def _at(self, names: Names) -> _Key | None:
        key: _Key | None = self._roots.get(names[0])
        for name in names[1:]:
            key = key.keys.get(fold(name)) if key else None
        return key

    def _create(self, path: str, view: int, user: str | None) -> _Key:
        names = paths.resolve(path, view, user)
        self._check(names)
        return self._make(names)

    def _check(self, names: Names) -> None:
        """Nothing is made beside the hives."""
        if len(names) > 1 and self._at(names[:2]) is None and not (names[0] == "HKLM" and paths.known_hive(names)):
            raise InvalidPath(f"there is no hive {names[0]}\\{names[1]}, and none can be made")

    def _make(self, names: Names) -> _Key:
        key = self._roots[names[0]]
        for name in names[1:]:
            key = key.child(name)
        return key


def _walk(names: Names, key: _Key) -> Iterator[tuple[Names, _Key]]:
    yield names, key
    for _, child in sorted(key.keys.items()):
        yield from _walk((*names, child.name), child)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each option stands in the registry, and what it means there.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .. import mscep
from ..registry import Keys, Value

#: What `hash_algorithm` takes away the value with.
DEFAULT = "default"


@dataclasses.dataclass(frozen=True)
class Place:
    """An option that is one value of the registry.

    Attributes:
        option: Its path, such as C(templates.signature).
        path: The key, as PowerShell names it.
        name: The value.
        kind: The type that it must have.
        reset: What C(state=absent) leaves there: data of that type, None to take the value away.
        flag: Whether it is true or false, kept as 1 or 0.
        limits: The least and the greatest number.
    """

    option: str
    path: str
    name: str
    kind: str
    reset: t.Any = None
    flag: bool = False
    limits: tuple[int, int] | None = None

    @property
    def of_mscep(self) -> bool:
        """Whether NDES reads it, which it does when its application pool starts."""
        return self.path.startswith(mscep.MSCEP)

    def value(self, data: t.Any) -> Value | None:
        """What stands in the registry for the data of the option; None for nothing."""
        if data is None:
            return None
        if self.flag:
            data = int(data)
        return Value(self.kind, tuple(data) if isinstance(data, list | tuple) else data)

    def data(self, value: Value | None) -> t.Any:
        """The data of the option that a value stands for; of a value that means nothing here what it is, as text."""
        if value is None:
            return None
        if value.kind != self.kind or (self.flag and value.data not in (0, 1)):
            return value.shown()
        if self.flag:
            return bool(value.data)
        return list(value.data) if isinstance(value.data, tuple) else value.data


def _mscep(option: str, name: str, **more: t.Any) -> Place:
    value = mscep.VALUES[name]
    return Place(option, value.path, value.name, value.kind, value.default, **more)


def _http(option: str, name: str) -> Place:
    _default, least, most = mscep.HTTP_LIMITS[name]
    return Place(option, mscep.HTTP_PARAMETERS, name, "DWord", limits=(least, most))


#: The largest number that Windows PowerShell takes for a DWORD without a sign.
MOST = 0x7FFFFFFF
#: No upper limit is documented for the numbers of passwords.
_SOME = (1, MOST)

SLOTS: t.Final = ("signature", "encryption", "general_purpose")
TEMPLATES: t.Final = tuple(_mscep(f"templates.{slot}", f"{slot}_template") for slot in SLOTS)
THUMBPRINT: t.Final = Place("policy_module_thumbprint", mscep.POLICY_MODULE, mscep.POLICY_THUMBPRINT, "String")
HASH: t.Final = _mscep("hash_algorithm", "hash_algorithm")
CAPABILITIES: t.Final = _mscep("ca_capabilities", "ca_capabilities")
PASSWORDS: t.Final = (
    _mscep("passwords.enforce", "enforce_password", flag=True),
    _mscep("passwords.use_single", "use_single_password", flag=True),
    _mscep("passwords.length", "password_length", limits=_SOME),
    _mscep("passwords.max", "password_max", limits=_SOME),
    _mscep("passwords.validity", "password_validity", limits=_SOME),
)
FIELD_LENGTH: t.Final = _http("http.max_field_length", "MaxFieldLength")
REQUEST_BYTES: t.Final = _http("http.max_request_bytes", "MaxRequestBytes")
HTTP: t.Final = (FIELD_LENGTH, REQUEST_BYTES)

#: All, in the order in which they are written. The templates come last of what NDES reads: from then on it serves them.
PLACES: t.Final = (*HTTP, *PASSWORDS, HASH, CAPABILITIES, THUMBPRINT, *TEMPLATES)

#: The order in which people are shown them.
SHOWN: t.Final = (*TEMPLATES, THUMBPRINT, *PASSWORDS, HASH, CAPABILITIES, *HTTP)


def by_option(option: str) -> Place:
    return next(place for place in PLACES if place.option == option)


def settings(values: t.Mapping[str, Value | None]) -> dict[str, t.Any]:
    """The options with their data, nested as the module takes them, out of the values by option."""
    found: dict[str, t.Any] = {}
    for place in SHOWN:
        group, _dot, name = place.option.rpartition(".")
        inner = found.setdefault(group, {}) if group else found
        inner[name] = place.data(values[place.option])
    return found


def read_values(keys: Keys) -> dict[str, Value | None]:
    """What stands in each place, by option."""
    return {place.option: keys.value(place.path, place.name) for place in PLACES}

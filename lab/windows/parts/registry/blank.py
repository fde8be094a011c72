# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of a server that was just installed, out of data/registry.yml and data/releases.yml."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lab.windows import tables
from lab.windows.security import sddl

from .values import Data, Value

if TYPE_CHECKING:
    from lab.windows.identity import Identity

_KINDS = {
    "sz": "REG_SZ",
    "expand": "REG_EXPAND_SZ",
    "multi": "REG_MULTI_SZ",
    "dword": "REG_DWORD",
    "sddl": "REG_BINARY",
}
_FIELD = re.compile(r"\{([a-z_]+)\}")

Content = Iterator[tuple[str, dict[str, Value]]]


def content(identity: Identity) -> Content:
    """Every key with its values; those of a certification authority not among them."""
    return _keys(tables.load("registry")["keys"], identity, fields(identity))


def authority(identity: Identity, name: str) -> Content:
    """The keys of the certification authority of that name, on this host."""
    return _keys(tables.load("registry")["authority"], identity, {**fields(identity), "authority": name})


def fields(identity: Identity) -> dict[str, Any]:
    """What the templates name: releases.yml for this release, edition and language, and the identity."""
    release = tables.release(identity)
    return {
        **release,
        **identity.as_json(),
        "computer": identity.computer,
        "fqdn": identity.fqdn,
        "domain_dn": ",".join(f"DC={label}" for label in identity.dns_domain.split(".")),
        "language_id": f"{release['lcid']:04X}",
        # Windows makes one at random during setup; here it stays the same however often a host is reset.
        "machine_guid": str(uuid.uuid5(uuid.NAMESPACE_OID, identity.machine_sid)),
    }


def _keys(keys: list[dict[str, Any]], identity: Identity, known: dict[str, Any]) -> Content:
    for key in keys:
        if not _applies(key, identity):
            continue
        values = {}
        for name, told in (key.get("values") or {}).items():
            if _applies(told, identity):
                kind, data = next((kind, data) for kind, data in told.items() if kind != "when")
                filled = _filled(data, known)
                if filled is not None:
                    values[name] = _value(kind, filled)
        yield str(_filled(key["path"], known)), values


def _applies(told: dict[str, Any], identity: Identity) -> bool:
    for name, wanted in told.get("when", {}).items():
        if getattr(identity, name) not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _value(kind: str, data: Any) -> Value:
    told: Data = data
    if kind == "sddl":
        told = sddl.parse(data).to_bytes()
    elif kind == "multi":
        told = tuple(data)
    elif kind == "dword":
        told = int(data)
    return Value(_KINDS[kind], told)


def _filled(data: Any, known: dict[str, Any]) -> Any:
    """A template with its fields filled in; None if it is one field that has no content."""
    if not isinstance(data, str):
        return data
    if (whole := _FIELD.fullmatch(data)) and known[whole[1]] is None:
        return None
    return _FIELD.sub(lambda field: str(known[field[1]]), data)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers as ndes_settings_read.ps1 tells of them, and the arguments of a task with nothing asked for."""

from __future__ import annotations

import typing as t

from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.state import State, read_state
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.wish import Wish, read_wish
from ansible_collections.certops.intune.plugins.module_utils.windows.registry import long_form

NOW, BOOTED = "2026-11-21T20:00:00.5000000+01:00", "2026-11-20T06:15:00.0000000Z"
BEFORE_BOOT, AFTER_BOOT = "2026-11-20T07:00:00.0000000+01:00", "2026-11-20T08:00:00.0000000+01:00"
CA = r"ca1.corp.example\CORP Issuing CA 1"

#: Values by key: name to type and data.
Registry: t.TypeAlias = dict[str, dict[str, tuple[str, t.Any]]]


def configured(**more: dict[str, tuple[str, t.Any]]) -> Registry:
    """The registry that NDES's configuration leaves, with more keys."""
    registry: Registry = {
        mscep.ROLE: {mscep.CONFIGURATION_STATUS: ("DWord", mscep.CONFIGURED)},
        mscep.HTTP_PARAMETERS: {},
    }
    for value in mscep.VALUES.values():
        if value.default is not None:
            registry.setdefault(value.path, {})[value.name] = (value.kind, value.default)
    registry[mscep.MSCEP + r"\CAInfo"] = {"Configuration": ("String", CA)}
    for path, values in more.items():
        registry.setdefault(path, {}).update(values)
    return registry


def with_policy_module(thumbprint: str = "00" * 20) -> Registry:
    return configured(**{
        mscep.MSCEP + r"\Modules": {},
        mscep.POLICY_MODULE: {mscep.POLICY_THUMBPRINT: ("String", thumbprint)},
    })  # fmt: skip


def output(registry: Registry, now: str = NOW, booted: str = BOOTED) -> t.Any:
    """What the script gives of it."""
    keys = [
        {
            "path": long_form(path),
            "values": [{"name": name, "kind": kind, "data": data} for name, (kind, data) in values.items()],
        }
        for path, values in registry.items()
    ]
    return {"system": {"LocalDateTime": now, "LastBootUpTime": booted}, "keys": keys}


def state(registry: Registry | None = None, notes: t.Mapping[str, str] | None = None) -> State:
    """A server; notes by reason."""
    held = dict(configured() if registry is None else registry)
    if notes is not None:
        held[mscep.WAITING] = {reason: ("String", when) for reason, when in notes.items()}
    return read_state(output(held))


def arguments(**given: t.Any) -> dict[str, t.Any]:
    """The arguments of a task, those that were not given as the specification has them."""
    edit = {"add": None, "remove": None, "set": None}
    slots = {"signature": None, "encryption": None, "general_purpose": None}
    made: dict[str, t.Any] = {
        "state": "present",
        "certification_authority": None,
        "templates": None,
        "expected_templates": [],
        "policy_module_thumbprint": None,
        "passwords": None,
        "hash_algorithm": None,
        "ca_capabilities": None,
        "http": None,
        **given,
    }
    if made["templates"] is not None:
        made["templates"] = {**slots, **made["templates"]}
    if made["ca_capabilities"] is not None:
        made["ca_capabilities"] = {**edit, **made["ca_capabilities"]}
    return made


def wish(**given: t.Any) -> Wish:
    return read_wish(arguments(**given))

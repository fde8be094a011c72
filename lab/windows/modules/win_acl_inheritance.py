# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_acl_inheritance: whether something takes the rights from above."""

from __future__ import annotations

from dataclasses import replace

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.running.environment import expand
from lab.windows.security import securables
from lab.windows.security.acl import INHERITED, Ace
from lab.windows.security.securables import Securable


@upstream(
    "ansible.windows.win_acl_inheritance",
    mirrors="plugins/modules/win_acl_inheritance.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_acl_inheritance.yml",),
    limits="reorganize with state present where an own entry says what is inherited, too; keys of certificates",
)
def run(call: Call) -> Result:
    given, security = call.arguments, call.host.security
    path = expand(call.host, call.user, given["path"])
    if securables.is_certificate(path):
        raise NotModelled(f"inheritance of what is no file or registry key: {path}")
    thing = securables.find(call.host, call.user, path)
    if thing is None:
        raise ModuleFailure(f"{path} does not exist")
    protected, wanted = security.protected(thing.kind, thing.name), given["state"] == "absent"
    if protected != wanted:
        _set(call, thing, protected=wanted)
    return {
        "changed": protected != wanted,
        "diff": {"before": {"state": _state(protected)}, "after": {"state": _state(wanted)}},
    }


def _set(call: Call, thing: Securable, *, protected: bool) -> None:
    own = call.host.security.explicit(thing.kind, thing.name)
    if protected and call.arguments["reorganize"]:
        inherited = call.host.security.inherited(thing.kind, thing.name, container=thing.container)
        own = (*own, *(replace(ace, flags=ace.flags & ~INHERITED) for ace in inherited))
    elif call.arguments["reorganize"] and _doubled(call, thing, own):
        # Read literally, the script would then hand Set-Acl a list instead of an ACL.
        raise NotModelled("leaving out own entries that are inherited, too (reorganize)")
    if not call.check_mode:
        securables.set_entries(call.host, thing, own, protected=protected)


def _doubled(call: Call, thing: Securable, own: tuple[Ace, ...]) -> bool:
    """Whether one of the own entries is what would be inherited."""
    security = call.host.security
    would = security.would_inherit(thing.kind, thing.name, container=thing.container)
    return any(replace(ace, flags=ace.flags & ~INHERITED) in own for ace in would)


def _state(protected: bool) -> str:
    return "absent" if protected else "present"

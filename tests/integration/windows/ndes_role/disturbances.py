# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with a server before the role service is configured, done to the file that the lab keeps it in."""

from __future__ import annotations

import copy
import json
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from .states import State

SERVICING = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing"
MSCEP = r"HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP"
SITE, OTHER_NAME = "Default Web Site", "Company Web Site"
ROOT_FOLDER = r"C:\inetpub\wwwroot"

Change: t.TypeAlias = t.Callable[["State"], None]


@dataclass(frozen=True)
class Disturbance:
    """Something wrong with a server.

    Attributes:
        kind: for people.
        does: brings it about in a state.
        message: what the run says of it.
    """

    kind: str
    does: Change
    message: str


def disturbed(kept: bytes, disturbance: Disturbance) -> bytes:
    """The file of a host with the disturbance."""
    state = json.loads(kept)
    disturbance.does(state)
    return json.dumps(state).encode()


def mended(kept: bytes, before: bytes, disturbance: Disturbance) -> bytes:
    """The file of a host without the disturbance, and otherwise as it is."""
    state, first = json.loads(kept), json.loads(before)
    spoilt = copy.deepcopy(first)
    disturbance.does(spoilt)
    _take_back(state, spoilt, first)
    return json.dumps(state).encode()


def _take_back(state: t.Any, spoilt: t.Any, first: t.Any) -> None:
    """Undo in O(state) what makes O(spoilt) of O(first)."""
    for name in spoilt.keys() | first.keys():
        if name not in spoilt:
            state[name] = first[name]
        elif name not in first:
            state.pop(name, None)
        elif isinstance(first[name], dict) and isinstance(spoilt[name], dict):
            _take_back(state[name], spoilt[name], first[name])
        elif spoilt[name] != first[name]:
            state[name] = first[name]


def waits_for_a_reboot(state: State) -> None:
    state["registry"][rf"{SERVICING}\RebootPending"] = {"values": {}}


def root_is_gone(state: State) -> None:
    state["certificates"]["stores"]["LocalMachine"]["machine"]["Root"] = {}


def site_is_renamed(state: State) -> None:
    state["iis"] = json.loads(json.dumps(state["iis"]).replace(SITE, OTHER_NAME))


def folder_is_gone(state: State) -> None:
    for path in [path for path in state["files"] if path.lower().startswith(ROOT_FOLDER.lower())]:
        del state["files"][path]


def half_configured(state: State) -> None:
    """A setup that was ended after it wrote its key."""
    state["registry"][MSCEP] = {"values": {"SignatureTemplate": {"kind": "REG_SZ", "data": "IPSECIntermediateOffline"}}}

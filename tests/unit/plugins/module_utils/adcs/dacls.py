# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control lists for tests: as SDDL with names for principals and rights, and as Hypothesis strategies."""

from __future__ import annotations

import re
import typing as t
from uuid import UUID

from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import AnyAce, Entry
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_plan import RightsEdit
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    RawAce,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import ace_from_sddl, to_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import strategies as st

Aces: t.TypeAlias = tuple[AnyAce, ...]

DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
#: Who has entries in tests; X is the one that is edited.
SIDS = {"X": DOMAIN.child(1106), "Y": DOMAIN.child(1107), "Z": DOMAIN.child(1108)}

ENROLL = UUID("0e10c968-78fb-11d2-90d4-00c04f79dc55")
AUTOENROLL = UUID("a05b8cc2-17bc-4802-a710-e7c15ab866a2")
#: The attribute msPKI-Enrollment-Flag.
OTHER = UUID("d15ef7d8-f226-46db-ae79-b34e560bd12c")
GUIDS = {"enroll": ENROLL, "autoenroll": AUTOENROLL, "other": OTHER}


def aces(text: str) -> Aces:
    """The entries of short SDDL: `(OA;;CR;enroll;;X)(A;;LCRPRC;;;Y)`."""
    for name, guid in GUIDS.items():
        text = text.replace(f";{name};", f";{guid};")
    for name, sid in SIDS.items():
        text = text.replace(f";{name})", f";{sid})").replace(f";{name};#", f";{sid};#")
    return tuple(ace_from_sddl(part) for part in re.findall(r"\([^()]*\)", text))


def text(entries: Aces) -> str:
    """The short SDDL of entries."""
    sddl = to_sddl(SecurityDescriptor(0).with_dacl(entries)).removeprefix("D:")
    for name, guid in GUIDS.items():
        sddl = sddl.replace(str(guid), name)
    for name, sid in SIDS.items():
        sddl = sddl.replace(f";{sid})", f";{name})").replace(f";{sid};#", f";{name};#")
    return sddl


sids = st.sampled_from(list(SIDS.values()))
#: None, for containers below, inherited, inherited for containers below, and only for those.
flags = st.sampled_from([0, 0, 0, 0x02, 0x10, 0x12, 0x0A, 0x1A])
masks = st.one_of(
    st.sampled_from([0x20014, 0x20094, 0xC0020, 0xC0028, 0xE00B4, 0xF00FF, 0xF01FF, 0x100, 0x130, 0x110, 0x10000, 0]),
    st.sampled_from([0x80000000, 0x40000000, 0x20000000, 0x10000000]),
    st.integers(0, 0xFFFFFFFF),
)
guids = st.sampled_from([ENROLL, ENROLL, AUTOENROLL, OTHER, None])
plain_aces = st.builds(Ace, st.sampled_from([0, 0, 0, 1]), flags, masks, sids)
object_aces = st.builds(
    Ace, st.sampled_from([5, 5, 5, 6]), flags, masks, sids, guids, st.sampled_from([None, None, OTHER])
)
callback_aces = st.builds(
    Ace, st.sampled_from([0x09, 0x0A, 0x0B]), flags, masks, sids, application_data=st.sampled_from([b"", b"artx"])
)
odd_aces = st.builds(Ace, st.just(0), flags, masks, sids, application_data=st.just(b"\1\2\3\4"))
raw_aces = st.builds(RawAce, st.sampled_from([0x04, 0x20]), flags, st.binary(max_size=8))
known_aces: st.SearchStrategy[AnyAce] = st.one_of(plain_aces, object_aces, callback_aces, odd_aces)
dacls = st.lists(st.one_of(known_aces, raw_aces), max_size=6).map(tuple)

_words = st.sampled_from(["full_control", "manage", "read", "write", "enroll", "autoenroll"])
some_words = st.sets(_words, min_size=1, max_size=3).map(frozenset)
kinds = st.sampled_from(["allow", "allow", "allow", "deny"])
entries = st.builds(Entry, sids, kinds, some_words)
removals = st.builds(Entry, sids, kinds, st.one_of(some_words, st.just(frozenset[str]())))


#: The words that come with a word.
_CONTAINED = {
    "full_control": {"full_control", "manage", "read", "write", "enroll", "autoenroll"},
    "manage": {"full_control", "manage", "read", "write"},
}


def _without_both(add: list[Entry], remove: list[Entry]) -> RightsEdit:
    """An edit without what is refused: to get and to lose the same right."""
    kept = [
        entry
        for entry in remove
        if not any(
            (entry.sid, entry.type) == (other.sid, other.type)
            and entry.rights & frozenset[str]().union(*(_CONTAINED.get(word, {word}) for word in other.rights))
            for other in add
        )
    ]
    return RightsEdit(add=tuple(add), remove=tuple(kept))


edits = st.one_of(
    st.builds(_without_both, st.lists(entries, max_size=2), st.lists(removals, max_size=2)),
    st.builds(lambda wanted: RightsEdit(set=tuple(wanted)), st.lists(entries, max_size=4)),
    st.builds(
        lambda wanted, add: RightsEdit(set=tuple(wanted), add=tuple(add)),
        st.lists(entries, max_size=3),
        st.lists(entries, max_size=1),
    ),
)

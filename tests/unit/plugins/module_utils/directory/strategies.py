# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies for SIDs, ACEs and security descriptors."""

from __future__ import annotations

from ansible_collections.certops.intune.plugins.module_utils.directory.ace import OBJECT_TYPES, SIMPLE_TYPES
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Acl,
    Control,
    RawAce,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import strategies as st

DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
ROOT_DOMAIN = Sid.parse("S-1-5-21-3623811015-3361044348-30300820")

bytes8 = st.integers(0, 0xFF)
words = st.integers(0, 0xFFFF)
masks = st.integers(0, 0xFFFFFFFF)

sids = st.one_of(
    st.builds(Sid, st.integers(0, (1 << 48) - 1), st.lists(masks, max_size=15).map(tuple)),
    st.sampled_from([Sid(5, (11,)), Sid(5, (18,)), Sid(5, (32, 544)), Sid(1, (0,))]),
    st.builds(DOMAIN.child, st.sampled_from([500, 512, 513, 515, 553, 1103])),
    st.builds(ROOT_DOMAIN.child, st.sampled_from([498, 512, 518, 519, 527])),
)


def classic_aces(flags: st.SearchStrategy[int], trustees: st.SearchStrategy[Sid]) -> st.SearchStrategy[Ace]:
    """ACEs of the types that Samba 4.17 knows; of the others it reads nothing but the header."""
    guids = st.none() | st.uuids()
    return st.one_of(
        st.builds(Ace, st.sampled_from([0, 1, 2, 3]), flags, masks, trustees),
        st.builds(Ace, st.sampled_from([5, 6, 7, 8]), flags, masks, trustees, guids, guids),
    )


aces = st.one_of(
    st.builds(Ace, st.sampled_from([0, 1, 2, 3]), bytes8, masks, sids),
    st.builds(Ace, st.sampled_from([5, 6, 7, 8]), bytes8, masks, sids, st.none() | st.uuids(), st.none() | st.uuids()),
)

aces = st.one_of(
    st.builds(Ace, st.sampled_from(sorted(SIMPLE_TYPES)), bytes8, masks, sids, application_data=st.binary(max_size=24)),
    st.builds(
        Ace,
        st.sampled_from(sorted(OBJECT_TYPES)),
        bytes8,
        masks,
        sids,
        st.none() | st.uuids(),
        st.none() | st.uuids(),
        st.binary(max_size=24),
    ),
)

# Of types that have no shape, so that reading gives the same value back.
raw_aces = st.builds(
    RawAce, bytes8.filter(lambda value: value not in SIMPLE_TYPES | OBJECT_TYPES), bytes8, st.binary(max_size=40)
)

acls = st.builds(
    Acl, st.lists(aces | raw_aces, max_size=6).map(tuple), bytes8, bytes8, words, slack=st.binary(max_size=12)
)

descriptors = st.builds(
    SecurityDescriptor, words, st.none() | sids, st.none() | sids, st.none() | acls, st.none() | acls, bytes8
)

# What SDDL can express: three control bits per ACL, and those only where there is one.
_sddl_control = st.sampled_from(
    [
        0,
        int(Control.DACL_PRESENT),
        int(Control.DACL_PRESENT | Control.DACL_PROTECTED | Control.DACL_AUTO_INHERITED),
        int(Control.DACL_PRESENT | Control.DACL_AUTO_INHERIT_REQUIRED | Control.SACL_PRESENT),
        int(Control.SACL_PRESENT | Control.SACL_PROTECTED),
        int(
            Control.DACL_PRESENT
            | Control.SACL_PRESENT
            | Control.SACL_AUTO_INHERITED
            | Control.SACL_AUTO_INHERIT_REQUIRED
        ),
    ]
)


def _with_acls(control: int, owner: Sid | None, group: Sid | None, dacl: Acl, sacl: Acl) -> SecurityDescriptor:
    return SecurityDescriptor(
        control,
        owner,
        group,
        dacl if control & Control.DACL_PRESENT else None,
        sacl if control & Control.SACL_PRESENT else None,
    )


sddl_descriptors = st.builds(
    _with_acls,
    _sddl_control,
    st.none() | sids,
    st.none() | sids,
    st.lists(aces | raw_aces, max_size=5).map(tuple).map(Acl),
    st.lists(aces | raw_aces, max_size=5).map(tuple).map(Acl),
)


def classic_descriptors(
    flags: st.SearchStrategy[int] = bytes8, trustees: st.SearchStrategy[Sid] = sids
) -> st.SearchStrategy[SecurityDescriptor]:
    """Descriptors with ACEs of the types that Samba 4.17 knows."""
    acl = st.lists(classic_aces(flags, trustees), max_size=5).map(tuple).map(Acl)
    return st.builds(_with_acls, _sddl_control, st.none() | trustees, st.none() | trustees, acl, acl)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real messages with something wrong: what the properties of the parsers draw."""

from __future__ import annotations

import typing as t

from hypothesis import strategies as st


@st.composite
def mutated(draw: st.DrawFn, messages: t.Sequence[bytes]) -> bytes:
    """A message with up to five places cut out, doubled or replaced by other bytes."""
    message = bytearray(draw(st.sampled_from(messages)))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(message)))
        end = min(len(message), start + draw(st.integers(0, 40)))
        piece = bytes(message[start:end])
        message[start:end] = draw(
            st.one_of(st.just(b""), st.just(piece * 2), st.binary(max_size=12), st.sampled_from(messages))
        )
    return bytes(message)

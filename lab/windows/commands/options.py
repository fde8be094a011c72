# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs have in common: options, the language of what they print, rights."""

from __future__ import annotations

from lab.windows.not_modelled import NotModelled

from . import ProgramCall


def english_only(call: ProgramCall, name: str) -> None:
    """Refuse what is printed in the language of the host and known in English alone."""
    if call.host.identity.language != "en-US":
        raise NotModelled(f"what {name} prints on a server whose language is {call.host.identity.language}")


def lower(arguments: tuple[str, ...]) -> list[str]:
    """Options as most programs compare them; `-x` and `/x` are the same."""
    return [f"/{word[1:]}".lower() if word[:1] in "/-" else word.lower() for word in arguments]


def lines(*texts: str) -> str:
    """Lines as programs write them."""
    return "".join(f"{text}\r\n" for text in texts)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a powershell.exe writes: objects as text, streams as standard output and standard error."""

from __future__ import annotations

from typing import Any

from lab.payload import clixml
from lab.windows.not_modelled import NotModelled
from lab.windows.powershell.state import Ran


def standard_output(ran: Ran) -> str:
    """The lines on standard output.

    Raises:
        NotModelled: There is an object in the output: the lab does not know how PowerShell lays it out.
    """
    found: list[str] = []
    for item in ran.output:
        if isinstance(item, dict):
            found += _table(item)
            continue
        found += [str(one) for one in (item if isinstance(item, list) else [item]) if one is not None]
    return "".join(f"{line}\r\n" for line in [*ran.host, *found])


def _table(item: dict[str, Any]) -> list[str]:
    """One object with at most four plain properties, as Format-Table lays it out: numbers to the right."""
    if len(item) > 4 or any(not isinstance(one, int | str) or isinstance(one, bool) for one in item.values()):
        raise NotModelled("how PowerShell shows an object as text")
    columns = []
    for name, one in item.items():
        width = max(len(name), len(str(one)))
        adjust = str.rjust if isinstance(one, int) else str.ljust
        columns.append([adjust(cell, width) for cell in (name, "-" * len(name), str(one))])
    return ["", *(" ".join(line).rstrip() for line in zip(*columns, strict=True)), "", ""]


def standard_error(ran: Ran, *, progress: bool = True) -> bytes:
    """CLIXML with the other streams."""
    return clixml.stderr(ran.errors, ran.warnings, ran.verbose, ran.debug, progress=progress)

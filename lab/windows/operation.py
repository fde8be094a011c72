# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations: what a host can do for a client, each with the evidence for what it answers.

An operation is an upstream module, a program or an own script. The registry is what dispatches a call, and what
docs/evidence.md is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.windows.people.token import Token

    from .host import Host

Result = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One run of an upstream module.

    Attributes:
        host: The model that it acts on.
        user: Who runs it.
        module: Full name, `ansible.windows.win_regedit`.
        arguments: Checked and converted as the module does it: every option of its specification under its own name
            (aliases resolved), with defaults, None where omitted. Those of the controller (`_ansible_...`) are not
            among them, but in `internal`.
        check_mode: Whether nothing may change.
        diff: Whether the caller asked for a diff.
        internal: The controller's own variables, `_ansible_verbosity` and the like; and for modules with an action
            plugin what that adds (`_copy_mode` of win_copy stands in `arguments`, as the module reads it there).
    """

    host: Host
    user: Token
    module: str
    arguments: Mapping[str, Any]
    check_mode: bool = False
    diff: bool = False
    internal: Mapping[str, Any] = field(default_factory=dict)


class ModuleFailure(Exception):  # noqa: N818  # a module fails; that is no error of the lab
    """The module's Fail-Json: the message, and what else is in its result."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.result = result


Body = Callable[[Call], Result]


@dataclass(frozen=True)
class Operation:
    """A known operation.

    Attributes:
        name: `ansible.windows.win_regedit`, `certutil -ping`, `server_info.ps1`.
        kind: `module`, `program` or `script`.
        body: What answers.
        mirrors: The file or document whose behaviour it mirrors, with version.
        checked_against: The data and tests that it was held against.
        limits: What the real one can do and this one refuses as not modelled; "" for nothing known.
        check_mode_leaks: What the real one changes in check mode all the same, and this one, too; "" for nothing.
    """

    name: str
    kind: str
    body: Callable[..., Any]
    mirrors: str
    checked_against: tuple[str, ...] = ()
    limits: str = ""
    check_mode_leaks: str = ""


#: All operations by kind and name.
OPERATIONS: dict[tuple[str, str], Operation] = {}


def register(operation: Operation) -> None:
    """Make an operation known; a name has one owner."""
    key = operation.kind, operation.name
    if key in OPERATIONS:
        raise ValueError(f"{operation.kind} {operation.name} is registered twice")
    OPERATIONS[key] = operation


def upstream(
    name: str, *, mirrors: str, checked_against: tuple[str, ...] = (), limits: str = "", check_mode_leaks: str = ""
) -> Callable[[Body], Body]:
    """Register a function as the answer of an upstream module.

    The function returns the module's result without `invocation`; `changed` is False where it says nothing. It raises
    ModuleFailure where the module fails, and NotModelled for what the lab does not know. In check mode it must not
    change the model.
    """

    def decorate(body: Body) -> Body:
        register(Operation(name, "module", body, mirrors, checked_against, limits, check_mode_leaks))
        return body

    return decorate

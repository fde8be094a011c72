# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The param block of an own script: which parameters it takes, and how PowerShell binds what is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.payload.records import COR_E_SYSTEM, ErrorRecord

_ATTRIBUTE = re.compile(r"\[\s*(?P<name>\w+)\s*\((?P<inside>(?:[^()'\"]|'[^']*'|\"[^\"]*\")*)\)\s*\]", re.DOTALL)
_TYPE = re.compile(r"\[\s*(?P<type>[\w.]+(?:\[\])?)\s*\]\s*\$")
_NAME = re.compile(r"\$(?P<name>\w+)")
_BINDING = re.compile(r"\[CmdletBinding\((?P<inside>[^)]*)\)\]", re.IGNORECASE)
_NOT_FOUND = "System.Management.Automation.ParameterBindingException"
_INVALID = "System.Management.Automation.ParameterBindingValidationException"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a script: name, type as written ("" for none), whether it must be given, accepted values."""

    name: str
    type: str
    mandatory: bool
    accepted: tuple[str, ...]


class BindingFailed(Exception):  # noqa: N818
    """PowerShell's own refusal of the parameters."""

    def __init__(self, message: str, error_id: str, exception: str = _NOT_FOUND) -> None:
        super().__init__(message)
        category = "InvalidData" if exception == _INVALID else "InvalidArgument"
        self.record = ErrorRecord(
            message, category=category, exception=exception, error_id=error_id, hresult=COR_E_SYSTEM
        )


def supports_should_process(text: str) -> bool:
    """Whether a script says that it can be asked what it would do (CmdletBinding with SupportsShouldProcess)."""
    found = _BINDING.search(_without_comments(text))
    if found is None:
        return False
    for part in found["inside"].split(","):
        name, _, value = (piece.strip().lower() for piece in part.partition("="))
        if name == "supportsshouldprocess" and value in ("", "$true"):
            return True
    return False


def parameters(text: str) -> tuple[Parameter, ...]:
    """The parameters that a script declares."""
    body = _without_comments(text)
    start = re.search(r"\bparam\s*\(", body, re.IGNORECASE)
    if start is None:
        return ()
    found: list[Parameter] = []
    for piece in _pieces(body, start.end()):
        attributes = list(_ATTRIBUTE.finditer(piece))
        rest = _ATTRIBUTE.sub(" ", piece)
        name, kind = _NAME.search(rest), _TYPE.search(rest)
        if name is None:
            continue
        mandatory = any(
            one["name"].lower() == "parameter" and re.search(r"\bMandatory\b(?!\s*=\s*\$false)", one["inside"], re.I)
            for one in attributes
        )
        accepted = tuple(
            value
            for one in attributes
            if one["name"].lower() == "validateset"
            for value in re.findall(r"['\"]([^'\"]*)['\"]", one["inside"])
        )
        found.append(Parameter(name["name"], kind["type"] if kind else "", mandatory, accepted))
    return tuple(found)


def body(text: str) -> str:
    """What stands behind the param block of a text that has one."""
    plain = _without_comments(text)
    start = re.search(r"\bparam\s*\(", plain, re.IGNORECASE)
    if start is None:
        return text
    inside = ",".join(_pieces(plain, start.end()))
    return plain[start.end() + len(inside) + 1 :]


def bind(declared: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, under the declared names.

    Raises:
        BindingFailed: A name is unknown, a mandatory parameter is missing, or a value is not among the accepted ones.
    """
    by_name = {one.name.lower(): one for one in declared}
    bound: dict[str, Any] = {}
    for name, value in given.items():
        parameter = by_name.get(name.lower())
        if parameter is None:
            raise BindingFailed(
                f"A parameter cannot be found that matches parameter name '{name}'.", "NamedParameterNotFound"
            )
        if parameter.accepted and not _accepted(parameter, value):
            accepted = ",".join(parameter.accepted)
            raise BindingFailed(
                f"Cannot validate argument on parameter '{parameter.name}'. The argument \"{value}\" does not belong to"
                f' the set "{accepted}" specified by the ValidateSet attribute. Supply an argument that is in the set'
                " and then try the command again.",
                "ParameterArgumentValidationError",
                _INVALID,
            )
        bound[parameter.name] = value
    missing = [one.name for one in declared if one.mandatory and one.name not in bound]
    if missing:
        raise BindingFailed(
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.",
            "MissingMandatoryParameter",
        )
    return bound


def _accepted(parameter: Parameter, value: Any) -> bool:
    known = {one.lower() for one in parameter.accepted}
    return all(str(one).lower() in known for one in (value if isinstance(value, list) else [value]))


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^\s*#.*$", "", re.sub(r"<#.*?#>", "", text, flags=re.DOTALL))


def _pieces(text: str, at: int) -> list[str]:
    """The parts between the commas of the outermost level, up to the closing parenthesis."""
    pieces, depth, quote = [""], 1, ""
    for letter in text[at:]:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if not depth:
                break
        elif letter == "," and depth == 1:
            pieces.append("")
            continue
        pieces[-1] += letter
    return pieces

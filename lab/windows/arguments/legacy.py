# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks arguments as the older modules do: mirrors Parse-Args and Get-AnsibleParam of Ansible.ModuleUtils.Legacy.psm1.

What a module does not ask for is ignored, and nothing is masked. The real modules ask for some options only after they
did something; here all are asked first, in the same order, so that a module that ends has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checked import Checked, Ended
from .dotnet import INT32, WINDOWS_POWERSHELL, ConversionError, Words, cast_integer, powershell_text, single, text
from .specification import Option, Specification
from .surroundings import Surroundings
from .table import Table

TRUE = ("yes", "on", "1", "true")


def check(
    specification: Specification, sent: Mapping[str, Any], around: Surroundings, words: Words = WINDOWS_POWERSHELL
) -> Checked:
    """Read the options of a module out of what was sent. Raises Ended where the module ends at that."""
    given = Table(sent, insensitive=True)
    check_mode = to_bool(given["_ansible_check_mode"])
    if check_mode and not specification.supports_check_mode:
        raise Ended({"skipped": True, "changed": False, "msg": "remote module does not support check mode"})
    arguments: dict[str, Any] = {}
    for option in specification.options.values():
        arguments[option.name] = _read(option, given, arguments, around, words)
    verbosity = given["_ansible_verbosity"]
    return Checked(
        arguments=arguments,
        internal={name: value for name, value in sent.items() if name.startswith("_ansible_")},
        check_mode=check_mode,
        diff=to_bool(given["_ansible_diff"]),
        verbosity=verbosity if isinstance(verbosity, int) else 0,
    )


def _failed(message: str) -> Ended:
    return Ended({"changed": False, "failed": True, "msg": message})


def _read(option: Option, given: Table, before: Mapping[str, Any], around: Surroundings, words: Words) -> Any:
    name = next((alias for alias in (option.name, *option.aliases) if alias in given), None)
    if name is not None:
        value = given[name]
        if option.choices and powershell_text(value).lower() not in {str(choice).lower() for choice in option.choices}:
            choices = ",".join(str(choice) for choice in option.choices)
            message = f"Argument {name} needs to be one of {choices} but was {powershell_text(value)}."
            raise _failed(f"Get-AnsibleParam: {message}")
    elif _is_required(option, before):
        raise _failed(f"Get-AnsibleParam: Missing required argument: {option.name}")
    else:
        name, value = option.name, _default(option, around)
    return None if value is None else _convert(option, name, value, around, words)


def _is_required(option: Option, before: Mapping[str, Any]) -> bool:
    if option.required_when is None:
        return option.required
    other, wanted = option.required_when
    return powershell_text(before[other]).lower() in {str(value).lower() for value in wanted}


def _default(option: Option, around: Surroundings) -> Any:
    default = option.default
    if isinstance(default, Mapping) and "environment" in default:
        variable = f"%{default['environment']}%"
        expanded = around.expand(variable)
        return None if expanded == variable else expanded
    return default


def _convert(option: Option, name: str, value: Any, around: Surroundings, words: Words) -> Any:
    match option.kind:
        case "path":
            return _path(name, around.expand(powershell_text(value)), words)
        case "str":
            return text(value)
        case "bool":
            return to_bool(value)
        case "int":
            return _as(lambda: cast_integer(value, "Int32", INT32))
        case "float":
            return _as(lambda: single(value, words))
        case "list":
            return _list(name, value)
        case _:
            return value


def _as(cast: Any) -> Any:
    """PowerShell's -as: null where the value cannot be cast."""
    try:
        return cast()
    except ConversionError:
        return None


def to_bool(value: Any) -> bool:
    """ConvertTo-Bool: what is not one of the words for true is false."""
    return value is True or powershell_text(value).lower() in TRUE


def _list(name: str, value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, int) and not isinstance(value, bool) and value in INT32:
        return [value]
    raise _failed(f"Get-AnsibleParam: Parameter '{name}' is not a YAML list.")


def _path(name: str, value: str, words: Words) -> str:
    """Test-Path -IsValid, which a drive that does not exist does not make wrong."""
    rest = value[2:] if value[1:2] == ":" else value
    drive = value[:1] if value[1:2] == ":" else ""
    wrong = any(character in words.bad_in_paths or character < " " for character in value)
    # PowerShell's own drives (Cert:\, HKLM:\) have longer names than the letters of the file system.
    if wrong or not value.strip() or (drive and (not drive.isalnum() or ":" in rest)):
        raise _failed(f"Get-AnsibleParam: Parameter '{name}' has an invalid path '{value}' specified.")
    return value

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a PowerShell text: statement by statement, with the streams of PowerShell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lab.payload.records import COR_E_EXCEPTION, ErrorRecord
from lab.windows import commands, scripts
from lab.windows.not_modelled import NotModelled

from . import known_texts, parameters, secrets
from .cmdlets import CMDLETS
from .state import Cmdlet, Exited, Ran, Run, Terminated, number, shortened, value
from .values import NotRead, Word, statements, words


def run(state: Run, text: str, given: Mapping[str, Any] | None = None) -> Ran:
    """Run a text with named parameters.

    Raises:
        NotModelled: The lab does not know what the text does. Nothing was done then.
    """
    ran = state.ran
    try:
        name = scripts.known(text)
        if name is not None:
            _own(state, name, text, dict(given or {}))
        elif not known_texts.run(state, text):
            _statements(state, _with_parameters(state, text, dict(given or {})))
    except Terminated as error:
        ran.errors.append(error.record)
        ran.terminated, ran.succeeded = True, False
    except Exited as exited:
        ran.exited = exited.status
    return ran


def _own(state: Run, name: str, text: str, given: dict[str, Any]) -> None:
    """An own script, answered by its twin."""
    try:
        bound = parameters.bind(parameters.parameters(text), given)
        call = scripts.ScriptCall(
            state.around.host,
            state.around.user,
            name,
            bound,
            state.what_if,
            state.ran.ansible,
            state.ran.warnings,
            state.ran.verbose,
        )
        state.ran.output += scripts.twin(name)(call)
    except (parameters.BindingFailed, scripts.ScriptError) as failure:
        raise Terminated(failure.record) from failure


def _with_parameters(state: Run, text: str, given: dict[str, Any]) -> str:
    """A text without its param block, whose parameters are variables from here on."""
    declared = parameters.parameters(text)
    if not declared:
        if given:
            raise NotModelled("parameters of a PowerShell text that declares none")
        return text
    try:
        bound = parameters.bind(declared, given)
    except parameters.BindingFailed as failure:
        raise Terminated(failure.record) from failure
    if set(bound) != {one.name for one in declared}:
        raise NotModelled("a parameter that is not given, or has a default")
    state.variables |= {name.lower(): worth for name, worth in bound.items()}
    return parameters.body(text)


def _statements(state: Run, text: str) -> None:
    try:
        found = [(one, _prepared(state, one, CMDLETS)) for one in statements(text)]
    except NotRead as problem:
        raise NotModelled(f"the PowerShell text {shortened(str(problem))}") from None
    for written, act in found:
        state.ran.succeeded = True
        try:
            act()
        except Terminated as error:
            raise Terminated(_placed(error.record, written, text)) from None


def _prepared(state: Run, statement: str, cmdlets: Mapping[str, Cmdlet]) -> Callable[[], None]:
    """A statement as something to do. NotRead or NotModelled for one that the lab does not know."""
    for pattern, make in known_texts.STATEMENTS:
        if found := pattern.fullmatch(statement):
            return lambda: make(state, found)
    statement, give_secrets = secrets.extracted(statement)
    called = statement.startswith("&")
    parts = words(statement.removeprefix("&"))
    first = parts[0] if parts else None
    if first is None:
        raise NotRead(statement)
    if not called and len(parts) == 1 and (first.quoted or first.written[:1] == "$" or number(first.text) is not None):
        return lambda: state.ran.output.append(value(state, first))
    if not first.is_plain or any(not (one.is_plain or one.expands) for one in parts[1:]):
        raise NotRead(statement)
    cmdlet = None if called and first.quoted else cmdlets.get(first.text.lower())
    if cmdlet is not None:
        arguments = cmdlet.read(parts[1:], statement)

        def act() -> None:
            give_secrets(state)
            cmdlet.body(state, arguments, statement)

        return act
    try:
        commands.locate(state.around, first.text)
    except commands.NoProgram:
        return lambda: _no_command(first.text)
    commands.known(state.around, first.text)
    return lambda: _program(state, parts)


def _no_command(name: str) -> None:
    message = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program."
        " Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    if re.fullmatch(r"[A-Za-z]+-\w+", name):
        # There are thousands of cmdlets; that the lab does not know one says nothing.
        raise NotModelled(f"the cmdlet {name}")
    raise Terminated(
        ErrorRecord(
            message,
            activity="",
            category="ObjectNotFound",
            exception="System.Management.Automation.CommandNotFoundException",
            error_id="CommandNotFoundException",
            target_name=name,
            target_type="String",
        )
    )


def _program(state: Run, parts: list[Word]) -> None:
    arguments = tuple(str(value(state, one)) for one in parts[1:])
    line = " ".join([parts[0].text, *map(commands.quote, arguments)])
    done = commands.start(state.around, parts[0].text, arguments, line)
    state.ran.output += done.stdout.splitlines()
    state.ran.native = done.status
    state.ran.succeeded = done.status == 0
    if done.stderr.strip():
        state.ran.errors.append(
            ErrorRecord(
                done.stderr.strip(),
                activity=parts[0].text,
                exception="System.Management.Automation.RemoteException",
                error_id="NativeCommandError",
                target_name=done.stderr.strip().splitlines()[0],
                target_type="String",
                hresult=COR_E_EXCEPTION,
            )
        )


def _placed(record: ErrorRecord, statement: str, text: str) -> ErrorRecord:
    """A record with the place where it happened."""
    lines = text.splitlines()
    first = statement.splitlines()[0]
    number = next((index for index, line in enumerate(lines, 1) if first in line), 1)
    character = lines[number - 1].find(first) + 1 if lines else 1
    return replace(record, line=first, number=number, character=max(character, 1))

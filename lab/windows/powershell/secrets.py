# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a text makes: SecureString out of a plain text, PSCredential out of a name and a SecureString.

Read are `ConvertTo-SecureString 'x' -AsPlainText -Force`, `New-Object PSCredential 'user', $password` and
`[pscredential]::new('user', $password)`, assigned to a variable or in parentheses as an argument. No message repeats
what was written: there is a secret in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lab.windows.not_modelled import NotModelled
from lab.windows.scripts import Credential, SecureString

from .state import Cmdlet, Run, as_text, value
from .values import DOUBLE, SINGLE, NotRead, words

_CONVERT = Cmdlet(
    {"string": False, "asplaintext": True, "force": True}, ("string",), lambda _state, _arguments, _statement: None
)
_TYPE = r"(?:System\.Management\.Automation\.)?PSCredential"
_CREDENTIAL = re.compile(
    rf"(?:New-Object\s+(?:-TypeName\s+)?['\"]?{_TYPE}['\"]?\s*(?:-ArgumentList\s*)?|\[{_TYPE}\]::new\s*)"
    r"(?P<arguments>.+)",
    re.IGNORECASE | re.DOTALL,
)
_SECRET = re.compile(
    rf"(?:ConvertTo-SecureString|New-Object\s+(?:-TypeName\s+)?['\"]?{_TYPE}|\[{_TYPE}\]::new)\b", re.I
)
_BEGINS = re.compile(rf"\s*{_SECRET.pattern}", re.IGNORECASE)
#: Names that no text can use.
_NAME = "1secret"


def evaluate(state: Run, expression: str) -> SecureString | Credential:
    """What an expression makes. NotModelled for one that is none of those above."""
    text = _bare(expression)
    found = _CREDENTIAL.fullmatch(text)
    if found is None:
        return _converted(state, text)
    pieces = list(_split(_bare(found["arguments"])))
    if len(pieces) != 2:
        raise NotModelled("a PSCredential of other arguments than a name and a password")
    user, password = (_argument(state, piece) for piece in pieces)
    if not isinstance(password, SecureString):
        raise NotModelled("a PSCredential whose password is no SecureString")
    return Credential(as_text(user), password.text)


def extracted(statement: str) -> tuple[str, Callable[[Run], None]]:
    """A statement with its secrets in parentheses replaced by variables, and what gives those their values."""
    made: dict[str, str] = {}
    changed, at = "", 0
    for begin, end in _groups(statement):
        inside = statement[begin + 1 : end - 1]
        if _BEGINS.match(inside):
            name = f"{_NAME}{len(made)}"
            made[name] = inside
            changed += f"{statement[at:begin]}${name}"
            at = end

    def give(state: Run) -> None:
        for name, expression in made.items():
            state.variables[name] = evaluate(state, expression)

    return changed + statement[at:], give


def _assign(state: Run, found: re.Match[str]) -> None:
    state.variables[found["name"].lower()] = evaluate(state, found["expression"])


#: Statements that put a secret into a variable.
STATEMENTS = (
    (
        re.compile(
            rf"\$(?!env:)(?P<name>[A-Za-z]\w*)\s*=\s*(?P<expression>\(*\s*{_SECRET.pattern}.+)", re.I | re.DOTALL
        ),
        _assign,
    ),
)


def _converted(state: Run, text: str) -> SecureString:
    try:
        parts = words(text)
        arguments = _CONVERT.read(parts[1:], "ConvertTo-SecureString")
    except NotRead:
        raise NotModelled("an expression with ConvertTo-SecureString or PSCredential") from None
    word = arguments.get("string")
    if (
        parts[0].text.lower() != "convertto-securestring"
        or word is None
        or not {"asplaintext", "force"} <= set(arguments)
    ):
        raise NotModelled("ConvertTo-SecureString of something else than a plain text")
    return SecureString(as_text(value(state, word)))


def _argument(state: Run, piece: str) -> Any:
    if piece.startswith("("):
        return evaluate(state, piece)
    try:
        (word,) = words(piece)
    except (NotRead, ValueError):
        raise NotModelled("an argument of PSCredential that is no literal and no variable") from None
    return value(state, word)


def _bare(text: str) -> str:
    """A text without the parentheses that are around all of it."""
    text = text.strip()
    while text.startswith("(") and next(_groups(text), None) == (0, len(text)):
        text = text[1:-1].strip()
    return text


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Where the outermost parentheses outside of quotes begin and end."""
    begin = 0
    for at, letter, depth in _letters(text):
        if letter == "(" and depth == 1:
            begin = at
        elif letter == ")" and depth == 0:
            yield begin, at + 1


def _split(text: str) -> Iterator[str]:
    begin = 0
    for at, letter, depth in _letters(text):
        if letter == "," and depth == 0:
            yield text[begin:at].strip()
            begin = at + 1
    yield text[begin:].strip()


def _letters(text: str) -> Iterator[tuple[int, str, int]]:
    """The letters outside of quotes with how deep in parentheses they are, a closing one outside of its own."""
    depth, quote = 0, ""
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter in quote else quote
        elif letter in SINGLE or letter in DOUBLE:
            quote = SINGLE if letter in SINGLE else DOUBLE
        else:
            depth += (letter == "(") - (letter == ")")
            yield at, letter, depth

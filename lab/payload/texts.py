# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell texts that ansible-core sends without a wrapper: files, temporary folders, questions about paths.

ansible-core 2.18 does all of its file transfer this way. Later releases keep `Remove-Item`, `exists` and `checksum`.
Each text is known by its whole form, with the literals of PowerShell in their places: a text that only begins like one
of these is a user's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .invocation import (
    Checksum,
    ExpandUser,
    FetchFile,
    Invocation,
    MakeTemporary,
    PathExists,
    PutFile,
    Raw,
    RemovePath,
)
from .reading import from_base64

#: Characters that PowerShell takes for a single quote (CharTraits.cs).
QUOTES = "'\u2018\u2019\u201a\u201b"
_LITERAL = rf"(?:[{QUOTES}](?:[^{QUOTES}]|[{QUOTES}]{{2}})*[{QUOTES}]|[\w\-\\.\[\]/~!%^:]+)"

_STRICT = "Set-StrictMode -Version Latest\n"
_EXIT = re.compile(
    r"[\n;]\s*If \(-not \$\?\) \{\s*If \(Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue\)"
    r" \{\s*exit \$LASTEXITCODE\s*\} Else \{\s*exit 1\s*\}\s*\}\s*\Z"
)
_CONSOLE = "try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding } catch {}"


def literal(text: str) -> str:
    """What a literal of PowerShell stands for: a bare word, or a text in single quotes with its quotes doubled."""
    if text[:1] in QUOTES and len(text) > 1:
        return re.sub(f"([{QUOTES}])[{QUOTES}]", r"\1", text[1:-1])
    return text


def lines(text: str) -> str:
    """A text as the shell plugin sends it: stripped lines, none empty."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _form(*parts: str) -> re.Pattern[str]:
    """A form with {name} for a literal and {name:d} for a number."""
    pattern = re.escape("\n".join(parts))
    pattern = re.sub(r"\\\{(\w+):d\\\}", r"(?P<\1>\\d{1,19})", pattern)
    pattern = re.sub(r"\\\{(\w+)\\\}", lambda found: f"(?P<{found[1]}>{_LITERAL})", pattern)
    return re.compile(pattern + r";?")


_REMOVE = re.compile(rf"Remove-Item (?P<path>{_LITERAL}) -Force(?P<recurse> -Recurse)?;?")
_MKDTEMP = _form(
    _CONSOLE,
    "$tmp_path = [System.Environment]::ExpandEnvironmentVariables({base})",
    "$tmp = New-Item -Type Directory -Path $tmp_path -Name {name}",
    "Write-Output -InputObject $tmp.FullName",
)
_EXISTS = (
    _form(
        "If (Test-Path {path})",
        "{",
        "$res = 0;",
        "}",
        "Else",
        "{",
        "$res = 1;",
        "}",
        "Write-Output '$res';",
        "Exit $res",
    ),
    _form("exit -not (Test-Path -LiteralPath {path})"),
)
_CHECKSUM = _form(
    "If (Test-Path -PathType Leaf {path})",
    "{",
    "$sp = new-object -TypeName System.Security.Cryptography.SHA1CryptoServiceProvider;",
    "$fp = [System.IO.File]::Open({again}, [System.IO.Filemode]::Open, [System.IO.FileAccess]::Read);",
    '[System.BitConverter]::ToString($sp.ComputeHash($fp)).Replace("-", "").ToLower();',
    "$fp.Dispose();",
    "}",
    "ElseIf (Test-Path -PathType Container {third})",
    "{",
    'Write-Output "3";',
    "}",
    "Else",
    "{",
    'Write-Output "1";',
    "}",
)
_FETCH = _form(
    "$path = {path}",
    "If (Test-Path -LiteralPath $path -PathType Leaf)",
    "{",
    "$buffer_size = {size:d}",
    "$offset = {offset:d}",
    "$stream = New-Object -TypeName IO.FileStream("
    "$path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::ReadWrite)",
    "$stream.Seek($offset, [System.IO.SeekOrigin]::Begin) > $null",
    "$buffer = New-Object -TypeName byte[] $buffer_size",
    "$bytes_read = $stream.Read($buffer, 0, $buffer_size)",
    "if ($bytes_read -gt 0) {",
    "$bytes = $buffer[0..($bytes_read - 1)]",
    "[System.Convert]::ToBase64String($bytes)",
    "}",
    "$stream.Close() > $null",
    "}",
    "ElseIf (Test-Path -LiteralPath $path -PathType Container)",
    "{",
    'Write-Host "[DIR]";',
    "}",
    "Else",
    "{",
    'Write-Error "$path does not exist";',
    "Exit 1;",
    "}",
)
_PUT = _form(
    "begin {",
    "$path = {path}",
    '$DebugPreference = "Continue"',
    '$ErrorActionPreference = "Stop"',
    "Set-StrictMode -Version 2",
    "$fd = [System.IO.File]::Create($path)",
    "$sha1 = [System.Security.Cryptography.SHA1CryptoServiceProvider]::Create()",
    "$bytes = @() #initialize for empty file case",
    "}",
    "process {",
    "$bytes = [System.Convert]::FromBase64String($input)",
    "$sha1.TransformBlock($bytes, 0, $bytes.Length, $bytes, 0) | Out-Null",
    "$fd.Write($bytes, 0, $bytes.Length)",
    "}",
    "end {",
    "$sha1.TransformFinalBlock($bytes, 0, 0) | Out-Null",
    '$hash = [System.BitConverter]::ToString($sha1.Hash).Replace("-", "").ToLowerInvariant()',
    "$fd.Close()",
    'Write-Output "{""sha1"":""$hash""}"',
    "}",
)
# The three forms of expand_user; the first character of a path behind `~` is a backslash.
_EXPAND = re.compile(
    rf"(?:{re.escape(_CONSOLE)}; )?(?:"
    r"(?P<home>(?:Write-Output )?\(Get-Location\)\.Path)"
    rf"|(?:Write-Output )?\(\(Get-Location\)\.Path \+ (?P<below>{_LITERAL})\)"
    rf"|(?P<said>Write-Output )?(?P<other>{_LITERAL}))"
)


def file_content(data: bytes) -> bytes:
    """A file's content: one base64 text a line."""
    return b"".join(from_base64(line, "the file's content") for line in data.splitlines())


def recognise(text: str, stdin: bytes, directory: str | None = None) -> Invocation:
    """What a text without a wrapper is; Raw for a user's own."""
    body, exits = _EXIT.subn("", text)
    body = body.removeprefix(_STRICT).strip()
    ours = lines(body)
    for pattern, make in _FORMS:
        if found := pattern.fullmatch(ours):
            return make(found, stdin)
    # Only these two begin so: a user's own literal is no question about a path.
    if (found := _EXPAND.fullmatch(ours)) and (_CONSOLE in ours or found["home"] or found["below"]):
        return _expand(found)
    return Raw(body, bool(exits), directory)


def _expand(found: re.Match[str]) -> Invocation:
    if found["home"]:
        return ExpandUser("~", "location")
    if found["below"]:
        return ExpandUser("~" + literal(found["below"]), "location")
    return ExpandUser(literal(found["other"]), "location")


def _path(found: re.Match[str]) -> str:
    return literal(found["path"])


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], bytes], Invocation]], ...] = (
    (_REMOVE, lambda found, _: RemovePath(_path(found), bool(found["recurse"]))),
    (_MKDTEMP, lambda found, _: MakeTemporary(literal(found["base"]), literal(found["name"]), "2.18")),
    # The text is in single quotes there, so that the name of the variable is what it prints.
    (_EXISTS[0], lambda found, _: PathExists(_path(found), "$res")),
    (_EXISTS[1], lambda found, _: PathExists(_path(found), "")),
    (_CHECKSUM, lambda found, _: Checksum(_path(found))),
    (_FETCH, lambda found, _: FetchFile(_path(found), int(found["offset"]), int(found["size"]), "2.18")),
    (_PUT, lambda found, stdin: PutFile(_path(found), file_content(stdin), "2.18")),
)

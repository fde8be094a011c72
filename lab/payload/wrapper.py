# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wrappers that ansible-core puts around a module, script or file transfer: what stands on standard input.

2.18: text of the wrapper, four zero bytes, JSON. 2.19 and later: JSON that holds the wrapper, a line of four zero
bytes, the JSON of the manifest, and for a file transfer another such line and the content.
"""

from __future__ import annotations

import re
from typing import Any

from .invocation import (
    Asynchronous,
    Become,
    DamagedPayload,
    ExpandUser,
    FetchFile,
    Invocation,
    MakeTemporary,
    Module,
    PutFile,
    Script,
    UnknownPayload,
    Wrapping,
)
from .names import full_name
from .reading import MANIFEST_LIMIT, Fields, from_json, from_utf8
from .texts import file_content

_ZEROS = b"\0\0\0\0"
_LINE_OF_ZEROS = re.compile(rb"\r?\n\0\0\0\0(?:\r?\n|\Z)")
# A module of a collection, by its place among the scripts of a manifest.
_MODULE = re.compile(r"ansible_collections\.(?P<collection>\w+\.\w+)\.plugins\.modules\.(?P<name>[\w.]+)")


def is_bootstrap(text: str) -> bool:
    """Whether a text is the bootstrap wrapper, which runs what it reads on standard input."""
    return _is_old(text) or "$code.params.PSObject.Properties" in text


def _is_old(text: str) -> bool:
    return "[ScriptBlock]::Create($split_parts[0])" in text


def read(stdin: bytes, directory: str | None = None) -> Invocation:
    """What a wrapper was asked to do."""
    head, separator, _ = stdin.partition(_ZEROS)
    if not separator:
        raise DamagedPayload("standard input holds no four zero bytes behind the wrapper")
    return _manifest(stdin, directory) if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{") else _old(stdin, directory)


def _old(stdin: bytes, directory: str | None) -> Invocation:
    """The payload of ansible-core 2.18."""
    wrapper, _, data = stdin.partition(_ZEROS)
    if len(wrapper) > MANIFEST_LIMIT or "$payload.actions[0]" not in from_utf8(wrapper, "the wrapper"):
        raise UnknownPayload("a wrapper that is not exec_wrapper.ps1 of ansible-core 2.18")
    fields = Fields(from_json(data, "the payload"), "the payload")
    actions = fields.sequence("actions")
    arguments = fields.mapping("module_args")
    become, asynchronous = None, None
    environment = fields.environment("environment")
    if actions[:1] == ["become_wrapper"]:
        become = _old_become(fields)
        actions = actions[1:]
    if actions[:2] == ["async_wrapper", "async_watchdog"]:
        asynchronous = Asynchronous(
            fields.text("async_jid"), fields.number("async_timeout_sec"), environment.get("ANSIBLE_ASYNC_DIR", "")
        )
        actions = actions[2:]
    wrapping = Wrapping(
        "2.18",
        environment,
        become,
        asynchronous,
        fields.optional_text("min_os_version"),
        fields.optional_text("min_ps_version"),
        None,
        directory,
    )
    source = fields.source("module_entry")
    if actions == ["module_powershell_wrapper"] and "coverage" not in fields.values:
        name = full_name(Fields(arguments, "module_args").text("_ansible_module_name"))
        return Module(name, arguments, source, wrapping)
    if actions == ["module_script_wrapper"]:
        return Script(source, wrapping)
    raise UnknownPayload(f"the actions {_listed(fields.sequence('actions'))} of ansible-core 2.18")


def _old_become(fields: Fields) -> Become:
    """The account, and the flags as Get-BecomeFlag reads them."""
    password = fields.values.get("become_password")
    user = fields.text("become_user")
    secret = None if password is None else str(password)
    flags = fields.values.get("become_flags")
    logon_type = "interactive"
    logon_flags: tuple[str, ...] = ("with_profile",)
    if flags is not None and not isinstance(flags, str):
        return Become(user, secret, invalid="become_flags must be a string")
    for flag in [] if not flags else flags.split(" "):
        key, equals, value = flag.partition("=")
        if not equals or "=" in value:
            return Become(
                user, secret, invalid=f"become_flags entry '{flag}' is in an invalid format, must be a key=value pair"
            )
        chosen = [one.replace("_", "").lower() for one in value.split(",") if one]
        if key.lower() == "logon_type":
            if len(chosen) != 1 or chosen[0] not in _LOGON_TYPES:
                return Become(user, secret, invalid=_no_flag(key, value, _LOGON_TYPES))
            logon_type = _LOGON_TYPES[chosen[0]]
        elif key.lower() == "logon_flags":
            for one, name in zip(chosen, [part for part in value.split(",") if part], strict=True):
                if one not in _LOGON_FLAGS:
                    return Become(user, secret, invalid=_no_flag(key, name, _LOGON_FLAGS))
            logon_flags = tuple(_LOGON_FLAGS[one] for one in chosen if one != "none")
        else:
            return Become(
                user,
                secret,
                invalid=f"become_flags key '{key}' is not a valid runas flag, must be 'logon_type' or 'logon_flags'",
            )
    return Become(user, secret, logon_type, logon_flags)


_LOGON_TYPES = {
    name.replace("_", ""): name
    for name in ("interactive", "network", "batch", "service", "unlock", "network_cleartext", "new_credentials")
}
_LOGON_FLAGS = {name.replace("_", ""): name for name in ("none", "with_profile", "netcredentials_only")}


def _no_flag(key: str, value: str, valid: dict[str, str]) -> str:
    return f"become_flags {key} value '{value}' is not valid, valid values are: {', '.join(valid.values())}"


def _manifest(stdin: bytes, directory: str | None) -> Invocation:
    """The manifest of ansible-core 2.19 and later."""
    parts = _LINE_OF_ZEROS.split(stdin, maxsplit=2)
    if len(parts) < 2:
        raise DamagedPayload("standard input holds no line of four zero bytes behind the wrapper")
    starter = Fields(from_json(parts[0], "the wrapper's head"), "the wrapper's head")
    if starter.text("name") != "exec_wrapper" or "Get-NextAnsibleAction" not in starter.text("script"):
        raise UnknownPayload(f"a wrapper named {starter.text('name')!r} that is not exec_wrapper.ps1")
    settings = starter.fields("params")
    fields = Fields(from_json(parts[1], "the manifest"), "the manifest")
    actions = [_Action(one, index) for index, one in enumerate(fields.sequence("actions"))]
    if not actions:
        raise DamagedPayload("the manifest has no actions")
    content = parts[2] if len(parts) > 2 else None
    names = [action.name for action in actions]
    last = actions[-1]
    transfer = len(actions) == 1
    if transfer and last.name == "winrm_put_file.ps1":
        if content is None:
            raise DamagedPayload("the manifest of a file transfer has no content behind it")
        return PutFile(last.params.text("Path"), file_content(content))
    if transfer and last.name == "winrm_fetch_file.ps1":
        return FetchFile(last.params.text("Path"), last.params.number("Offset"), last.params.number("BufferSize"))
    if transfer and last.name == "powershell_mkdtemp.ps1":
        return MakeTemporary(last.params.text("Directory"), last.params.text("Name"))
    if transfer and last.name == "powershell_expand_user.ps1":
        return ExpandUser(last.params.text("Path"))
    if last.name != "module_wrapper.ps1":
        raise UnknownPayload(f"the actions {_listed(names)} of a manifest")
    become, asynchronous = None, None
    rest = actions[:-1]
    if rest and rest[0].name == "become_wrapper.ps1":
        become = rest.pop(0).become()
    if [action.name for action in rest[:2]] == ["async_wrapper.ps1", "async_watchdog.ps1"]:
        asynchronous = Asynchronous(
            rest[0].params.text("AsyncJid"), rest[1].params.number("Timeout"), rest[0].params.text("AsyncDir")
        )
        rest = rest[2:]
    if rest:
        raise UnknownPayload(f"the actions {_listed(names)} of a manifest")
    wrapping = Wrapping(
        "2.19",
        last.params.environment("Environment"),
        become,
        asynchronous,
        settings.optional_text("MinOSVersion"),
        settings.optional_text("MinPSVersion"),
        settings.optional_text("PwshPath"),
        directory,
    )
    script = last.params.text("Script")
    source = fields.fields("scripts").fields(script).source("script")
    if last.params.values.get("ForModule") is not True:
        return Script(source, wrapping)
    return Module(_module_name(script), _variables(last.params), source, wrapping)


class _Action:
    """One action of a manifest."""

    def __init__(self, value: Any, index: int) -> None:
        if not isinstance(value, dict):
            raise DamagedPayload(f"action {index} of the manifest is not an object")
        fields = Fields(value, f"action {index} of the manifest")
        self.name = fields.text("name")
        self.params = fields.fields("params")
        self.secret = fields.fields("secure_params")

    def become(self) -> Become:
        types = {name.replace("_", ""): name for name in _LOGON_TYPES.values()}
        logon_type = self.params.optional_text("LogonType") or "Interactive"
        flags = self.params.optional_text("LogonFlags")
        chosen = ["withprofile"] if flags is None else [one.strip().lower() for one in flags.split(",") if one.strip()]
        if logon_type.lower() not in types or any(one not in _LOGON_FLAGS for one in chosen):
            raise DamagedPayload(f"no such logon: {logon_type}, {flags}")
        return Become(
            self.params.text("BecomeUser"),
            # The wrapper makes no secure text of an empty one: nothing is nothing.
            self.secret.optional_text("BecomePassword") or None,
            types[logon_type.lower()],
            tuple(_LOGON_FLAGS[one] for one in chosen if one != "none"),
        )


def _variables(params: Fields) -> dict[str, Any]:
    """The module's arguments: the global variable complex_args."""
    for variable in params.sequence("Variables"):
        if isinstance(variable, dict) and variable.get("Name") == "complex_args":
            return Fields(variable, "complex_args").mapping("Value")
    raise DamagedPayload("the manifest has no variable complex_args")


def _module_name(script: str) -> str:
    """Full name of a module from its place; the place itself for one that belongs to no collection."""
    stem = script.removesuffix(".ps1")
    found = _MODULE.fullmatch(stem)
    return f"{found['collection']}.{found['name']}" if found else stem


def _listed(names: list[Any]) -> str:
    return ", ".join(str(name) for name in names) or "(none)"

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Things with access rights by the paths that PowerShell has for them: files, registry keys, keys of certificates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.windows import tables
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.registry import InvalidPath
from lab.windows.security import sddl
from lab.windows.security.acl import Ace
from lab.windows.support import file_access

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.parts.certificates import Key
    from lab.windows.people.token import Token

_REGISTRY = re.compile(r"^HK(CC|CR|CU|LM|U):(\\|$)", re.IGNORECASE)
_CERTIFICATE = re.compile(r"^Cert:\\(LocalMachine|CurrentUser)\\([^\\]+)\\([0-9A-Fa-f]{40})$", re.IGNORECASE)
_LOCATIONS = {"localmachine": "LocalMachine", "currentuser": "CurrentUser"}
READ = 0x1


class NoKey(Exception):  # noqa: N818
    """A certificate without a private key. str() is Windows' text (CRYPT_E_NO_KEY_PROPERTY)."""

    def __init__(self) -> None:
        super().__init__("Cannot find the certificate and private key for decryption")


@dataclass(frozen=True)
class Securable:
    """Attributes:
    kind: `file`, `registry` or `key_container`.
    name: Its identity in the part `security`.
    container: Whether it can have children.
    """

    kind: str
    name: str
    container: bool


def is_registry(path: str) -> bool:
    return bool(_REGISTRY.match(path))


def is_certificate(path: str) -> bool:
    return path.lower().startswith("cert:")


def find(host: Host, token: Token, path: str) -> Securable | None:
    """What a path leads to; None if there is nothing.

    Raises:
        NoKey: A certificate whose rights would be those of its private key, which it does not have.
        NotModelled: A store, or a path of another provider.
    """
    if is_registry(path):
        try:
            real = host.registry.key_path(path, user=token.sid)
        except InvalidPath:
            return None
        return Securable("registry", real, True) if real else None
    if is_certificate(path):
        key = _key(host, token, path)
        return Securable("key_container", key.name, False) if key else None
    entry = host.files.get(file_access.full(host, token, path))
    return Securable("file", entry.path, entry.is_folder) if entry else None


def entries(host: Host, thing: Securable) -> tuple[Ace, ...]:
    """The whole DACL. A key container that nobody touched has the one that it is made with."""
    key = host.certificates.key(thing.name) if thing.kind == "key_container" else None
    if key is not None and not host.security.is_known(thing.kind, thing.name):
        return _made_with(key)
    return host.security.dacl(thing.kind, thing.name, container=thing.container)


def set_entries(host: Host, thing: Securable, aces: Iterable[Ace], *, protected: bool | None = None) -> None:
    """Replace the own entries; whether it is cut off from above stays unless it is said."""
    cut = host.security.protected(thing.kind, thing.name) if protected is None else protected
    host.security.set_dacl(thing.kind, thing.name, aces, protected=cut or thing.kind == "key_container")


def may_use_key(host: Host, token: Token, name: str) -> bool:
    """Whether somebody may use the private key in a container: False if there is no such container."""
    key = host.certificates.key(name)
    if key is None:
        return False
    if host.security.is_known("key_container", name):
        return host.security.allows(token, "key_container", name, READ, container=False)
    sids = {token.sid, *token.groups}
    return any(ace.sid in sids and ace.allow and ace.mask & READ for ace in _made_with(key))


def _made_with(key: Key) -> tuple[Ace, ...]:
    table = tables.load("security")["key_container"]
    text: str = table["machine" if key.machine else "user"].replace("{sid}", key.owner)
    return sddl.parse(text).aces


def _key(host: Host, token: Token, path: str) -> Key | None:
    found = _CERTIFICATE.match(path.replace("/", "\\"))
    if not found:
        raise NotModelled(f"what is no certificate in a store: {path}")
    location = _LOCATIONS[found[1].lower()]
    store = host.certificates.store(location, found[2], *([token.sid] if location == "CurrentUser" else []))
    entry = store.get(found[3]) if store else None
    if entry is None:
        return None
    key = host.certificates.key(entry.key)
    if key is None:
        raise NoKey
    return key

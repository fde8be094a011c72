# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate stores with real X.509, and the key containers of those with a private key.

Exported layout:

    {"stores": {LOCATION: {OWNER: {STORE: {THUMBPRINT: {"der" (base64), "friendly_name", "archived",
                                                        "key" (name of a container, null for none)}}}}},
     "keys": {NAME: {"provider", "kind" (csp or ksp), "key_spec", "machine", "owner" (SID), "exportable",
                     "secret": {"pkcs8" (base64)}}}}

LOCATION is `LocalMachine` (its OWNER is `machine`), `CurrentUser` (OWNER a SID) or `Service` (OWNER its name). Who may
use a key says the part `security`, for ("key_container", NAME).
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.windows import tables
from lab.windows.people.token import SYSTEM_SID

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

LOCAL_MACHINE = "LocalMachine"
CURRENT_USER = "CurrentUser"
SERVICE = "Service"
MACHINE = "machine"

#: Stores of a user that show nothing of the machine's.
OWN_STORES = ("my", "request")

#: AT_KEYEXCHANGE of CryptoAPI; keys of a key storage provider have none.
KEY_EXCHANGE = 1


def thumbprint(der: bytes) -> str:
    """The SHA-1 of a certificate, as Windows shows it."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


@dataclass
class Key:
    """A key container.

    Attributes:
        name: Of the container.
        provider: Name of the cryptographic service provider or key storage provider.
        kind: `csp` or `ksp`.
        key_spec: 1 for an exchange key, 2 for a signature key, 0 with a `ksp`.
        machine: Whether it lies among the keys of the machine, and not in somebody's profile.
        owner: SID of who made it.
        exportable: Whether the key may leave it.
        pkcs8: The key, DER.
    """

    name: str
    provider: str
    kind: str
    key_spec: int
    machine: bool
    owner: str
    exportable: bool
    pkcs8: bytes = field(repr=False)


@dataclass
class Entry:
    """A certificate in a store. `key` is the name of the container of its private key."""

    der: bytes
    friendly_name: str = ""
    archived: bool = False
    key: str | None = None

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.der)

    @cached_property
    def certificate(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)


class Store:
    """One store; thumbprints in any case."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, thumbprint: str) -> Entry | None:
        return self._entries.get(thumbprint.upper())

    def put(self, entry: Entry) -> None:
        """Add a certificate, or replace the one that it is."""
        self._entries[entry.thumbprint] = entry

    def remove(self, thumbprint: str) -> bool:
        """Remove a certificate; whether it was there. The container of its key stays, as on Windows."""
        return self._entries.pop(thumbprint.upper(), None) is not None


class CertificateStores:
    """All stores of a host, and its key containers."""

    def __init__(self) -> None:
        self._stores: dict[str, dict[str, dict[str, Store]]] = {LOCAL_MACHINE: {}, CURRENT_USER: {}, SERVICE: {}}
        self._keys: dict[str, Key] = {}

    @classmethod
    def blank(cls, identity: Identity) -> CertificateStores:
        stores = cls()
        for name in tables.load("certificates")["stores"]:
            stores.create(LOCAL_MACHINE, name)
        return stores

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> CertificateStores:
        stores = cls()
        for location, owners in state["stores"].items():
            for owner, named in owners.items():
                for name, entries in named.items():
                    store = stores.create(location, name, owner)
                    for entry in entries.values():
                        store.put(Entry(**{**entry, "der": base64.b64decode(entry["der"])}))
        for name, value in state["keys"].items():
            kept = {key: each for key, each in value.items() if key != "secret"}
            stores._keys[name] = Key(name, pkcs8=base64.b64decode(value["secret"]["pkcs8"]), **kept)
        return stores

    def export(self) -> Json:
        return {
            "stores": {
                location: {
                    owner: {
                        store.name: {entry.thumbprint: _exported(entry) for entry in store} for store in named.values()
                    }
                    for owner, named in owners.items()
                }
                for location, owners in self._stores.items()
            },
            "keys": {name: _exported_key(key) for name, key in self._keys.items()},
        }

    # Stores

    def store(self, location: str, name: str, owner: str = MACHINE) -> Store | None:
        """A store; None if there is none.

        Args:
            location: `LocalMachine`, `CurrentUser` or `Service`.
            name: In any case; `CA`, never `CertificateAuthority`.
            owner: The user's SID or the service's name; nothing for the machine's stores.
        """
        return self._stores[location].get(owner, {}).get(name.casefold())

    def create(self, location: str, name: str, owner: str = MACHINE) -> Store:
        """The store, made if it was not there."""
        return self._stores[location].setdefault(owner, {}).setdefault(name.casefold(), Store(name))

    def names(self, location: str, owner: str = MACHINE) -> tuple[str, ...]:
        return tuple(store.name for store in self._stores[location].get(owner, {}).values())

    def visible(self, location: str, name: str, owner: str = MACHINE) -> tuple[Entry, ...]:
        """What a store shows. Of users and services all but My show what the machine's store of the name has, too."""
        store = self.store(location, name, owner)
        own = tuple(store) if store is not None else ()
        if location == LOCAL_MACHINE or name.casefold() in OWN_STORES:
            return own
        mine = {entry.thumbprint for entry in own}
        machine = self.store(LOCAL_MACHINE, name)
        return (*own, *(entry for entry in machine or () if entry.thumbprint not in mine))

    def trust(self, root: bytes, issuing: bytes) -> None:
        """Trust a root and know an issuing CA below it (both DER), as group policy and autoenrollment bring them."""
        self.create(LOCAL_MACHINE, "Root").put(Entry(root))
        self.create(LOCAL_MACHINE, "CA").put(Entry(issuing))

    def add_machine_certificate(self, der: bytes, pkcs8: bytes, friendly_name: str = "") -> Entry:
        """Put a certificate with its key (PKCS #8 DER) into LocalMachine\\My, the key not exportable, as enrolled."""
        key = self.add_key(pkcs8, machine=True, owner=SYSTEM_SID, exportable=False)
        entry = Entry(der, friendly_name, key=key.name)
        self.create(LOCAL_MACHINE, "My").put(entry)
        return entry

    # Keys

    def containers(self) -> tuple[Key, ...]:
        return tuple(self._keys.values())

    def key(self, name: str | None) -> Key | None:
        return self._keys.get(name) if name is not None else None

    def add_key(
        self,
        pkcs8: bytes,
        *,
        machine: bool,
        owner: str,
        exportable: bool,
        provider: str | None = None,
        kind: str | None = None,
        name: str | None = None,
    ) -> Key:
        """Make a container for a key.

        Args:
            pkcs8: The key, DER.
            machine: Whether among the keys of the machine.
            owner: SID of who makes it.
            exportable: Whether the key may leave it.
            provider: Its provider; by default that of an import for this kind of key.
            kind: `csp` or `ksp`; with a provider only.
            name: Of the container; a new GUID by default.
        """
        is_rsa = isinstance(serialization.load_der_private_key(pkcs8, None), rsa.RSAPrivateKey)
        default = tables.load("certificates")["providers"]["rsa" if is_rsa else "other"]
        kind = kind or default["kind"]
        name = name or f"{{{str(uuid.uuid4()).upper()}}}"
        spec = KEY_EXCHANGE if kind == "csp" else 0
        key = Key(name, provider or default["name"], kind, spec, machine, owner, exportable, pkcs8)
        self._keys[name] = key
        return key

    def remove_key(self, name: str) -> bool:
        """Remove a container; whether it was there. Certificates that name it have no private key then."""
        return self._keys.pop(name, None) is not None

    def has_private_key(self, entry: Entry) -> bool:
        return self.key(entry.key) is not None


def _exported(entry: Entry) -> dict[str, Any]:
    return {
        "der": base64.b64encode(entry.der).decode(),
        "friendly_name": entry.friendly_name,
        "archived": entry.archived,
        "key": entry.key,
    }


def _exported_key(key: Key) -> dict[str, Any]:
    value = asdict(key)
    del value["name"]
    value["secret"] = {"pkcs8": base64.b64encode(value.pop("pkcs8")).decode()}
    return value

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_certificate_store: import, export and removal of certificates."""

from __future__ import annotations

from lab.windows import tables, win32
from lab.windows.exceptions import method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.certificates import CURRENT_USER, LOCAL_MACHINE, MACHINE, SERVICE, Entry, Store
from lab.windows.parts.files import paths
from lab.windows.security import key_containers
from lab.windows.support import certificate_files
from lab.windows.support.certificate_files import CryptographicError, Loaded

LOCATIONS = (CURRENT_USER, LOCAL_MACHINE)

#: CryptoAPI's mask of GENERIC_READ, as the permissions of key containers have it.
READ = 0x80000000


@upstream(
    "ansible.windows.win_certificate_store",
    mirrors="plugins/modules/win_certificate_store.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_certificate_store.yml"),
    limits=(
        "export of a key by somebody who may not read it; in check mode upstream removes a file that an export would "
        "replace, and leaves a key container behind for an import: the lab changes nothing then"
    ),
)
def run(call: Call) -> Result:
    return _Run(call).run()


class _Run:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.host = call.host
        self.result: Result = {"changed": False, "thumbprints": []}

    def run(self) -> Result:
        state = self.call.arguments["state"]
        location, owner = self._place()
        store = self._open(location, owner)
        if state == "absent":
            self._remove(store)
        elif state == "exported":
            self._export(location, owner, store.name)
        else:
            self._import(location, owner, store)
        return self.result

    # The store

    def _place(self) -> tuple[str, str]:
        """Location and owner of the stores."""
        written = self.call.arguments["store_location"]
        if self.call.arguments["store_type"] == "system":
            found = next((each for each in LOCATIONS if each.casefold() == written.casefold()), None)
            if found is None:
                values = ", ".join(LOCATIONS)
                raise self._failure(f"value of store_location must be one of: {values}. Got no match for: {written}")
            return found, self.call.user.sid if found == CURRENT_USER else MACHINE
        service = self.host.services.get(written)
        if service is None:
            raise self._failure(f"value of store_location '{written}' is not a valid windows service")
        for name in tables.load("certificates")["service_stores"]:
            if self.host.certificates.store(SERVICE, name, service.name) is None:
                self.result["changed"] = True
                if not self.call.check_mode:
                    self.host.certificates.create(SERVICE, name, service.name)
        return SERVICE, service.name

    def _open(self, location: str, owner: str) -> Store:
        name = self.call.arguments["store_name"]
        # StoreName of .NET has another name for one of them than the registry.
        name = "CA" if name.casefold() == "certificateauthority" else name
        language = self.host.identity.language
        writes = self.call.arguments["state"] != "exported"
        if writes and location != CURRENT_USER and not self.call.user.is_administrator:
            text = win32.in_ansible("CertOpenStore failed", win32.ACCESS_DENIED, language)
            raise self._failure(f"unable to open the store with the current permissions: ({text})")
        store = self.host.certificates.store(location, name, owner)
        known = [each.casefold() for each in tables.load("certificates")["service_stores"]]
        if store is None and location != LOCAL_MACHINE and name.casefold() in known:
            # Users have these from their profile on, services since a moment ago: they are there, but empty.
            return Store(name)
        if store is None:
            text = win32.in_ansible("CertOpenStore failed", win32.FILE_NOT_FOUND, language)
            raise self._failure(f"unable to find store '{name}': ({text})")
        return store

    # The three states

    def _remove(self, store: Store) -> None:
        thumbprints = [self.call.arguments["thumbprint"]]
        if self.call.arguments["path"] is not None:
            thumbprints = [Entry(loaded.der).thumbprint for loaded in self._load()]
        self.result["thumbprints"] = thumbprints
        for thumbprint in thumbprints:
            if store.get(thumbprint) is not None:
                self.result["changed"] = True
                if not self.call.check_mode:
                    store.remove(thumbprint)

    def _import(self, location: str, owner: str, store: Store) -> None:
        for loaded in self._load():
            entry = Entry(loaded.der, loaded.friendly_name)
            self.result["thumbprints"].append(entry.thumbprint)
            found = store.get(entry.thumbprint)
            # The thumbprint says nothing about the key: who has the certificate alone gets it again with the key.
            lacks_key = found is not None and not self.host.certificates.has_private_key(found)
            if found is None or (loaded.pkcs8 is not None and lacks_key):
                self.result["changed"] = True
                if not self.call.check_mode:
                    if loaded.pkcs8 is not None:
                        entry.key = self._add_key(loaded.pkcs8)
                    self.host.certificates.create(location, store.name, owner).put(entry)

    def _add_key(self, pkcs8: bytes) -> str:
        """Keep a key where key_storage says; by default in the user's profile, whatever store it is for."""
        key = self.host.certificates.add_key(
            pkcs8,
            machine=self.call.arguments["key_storage"] == "machine",
            owner=self.call.user.sid,
            exportable=self.call.arguments["key_exportable"],
        )
        key_containers.protect(self.host, key)
        return key.name

    def _export(self, location: str, owner: str, name: str) -> None:
        arguments, files = self.call.arguments, self.host.files
        path, thumbprint, kind = arguments["path"], arguments["thumbprint"], arguments["file_type"]
        self.result["thumbprints"] = [thumbprint]
        if files.is_folder(path):
            raise self._failure(f"Cannot export cert to path '{path}' as it is a directory")
        if files.exists(path) and self._is_exported(path, thumbprint, kind):
            return
        visible = self.host.certificates.visible(location, name, owner)
        entry = next((each for each in visible if each.thumbprint == thumbprint.upper()), None)
        if entry is None:
            raise self._failure("Found 0 certs when only expecting 1")
        content = self._content(entry, kind)
        if not self.call.check_mode:
            if not files.is_folder(paths.above(path)):
                text = f"Could not find a part of the path '{path}'."
                raise self._failure(f"Failed to write cert to file due to IO Exception: {text}")
            files.write(path, content)
        self.result["changed"] = True

    def _is_exported(self, path: str, thumbprint: str, kind: str) -> bool:
        """Whether a file holds the certificate already, in the form that is asked for."""
        content, password = self.host.files.read(path), self.call.arguments["password"]
        if certificate_files.file_type(content, path, password) != kind:
            return False
        try:
            found = certificate_files.load(content, password)
        except CryptographicError as error:
            raise self._unreadable(error) from error
        return thumbprint.upper() in [Entry(loaded.der).thumbprint for loaded in found]

    def _content(self, entry: Entry, kind: str) -> bytes:
        if kind == "der":
            return entry.der
        if kind == "pem":
            return certificate_files.pem(entry.der)
        key = self.host.certificates.key(entry.key)
        if key is None:
            self.result["key_exported"] = False
            return certificate_files.pfx(entry.der, None, self.call.arguments["password"], entry.friendly_name)
        if not self.host.security.allows(self.call.user, key_containers.KIND, key.name, READ):
            raise NotModelled("the export of a private key by somebody who may not read it")
        if not key.exportable:
            text = method_failed("Export", 2, CryptographicError.BAD_STATE)
            raise self._failure(f"Failed to export certificate as bytes: {text}")
        self.result["key_exported"] = False
        # .NET Framework knows nothing of keys in a key storage provider here.
        if key.kind == "csp":
            self.result["key_exportable"] = True
        return certificate_files.pfx(entry.der, key.pkcs8, self.call.arguments["password"], entry.friendly_name)

    # Files

    def _load(self) -> list[Loaded]:
        path = self.call.arguments["path"]
        if not self.host.files.is_file(path):
            raise self._failure(f"File at '{path}' either does not exist or is not a file")
        try:
            return certificate_files.load(self.host.files.read(path), self.call.arguments["password"])
        except CryptographicError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: CryptographicError) -> ModuleFailure:
        return self._failure(f"Failed to load cert from file: {method_failed('Import', 3, str(error))}")

    def _failure(self, message: str) -> ModuleFailure:
        # What this run did is taken back, so that it changed nothing.
        return ModuleFailure(message, **{**self.result, "changed": False})

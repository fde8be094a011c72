# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed products and updates. What they wrote elsewhere (registry, files, services) lies in those parts.

Exported as `{"products": {entry: {"package", "kind", "name", "version"}}, "updates": {identifier: {"kb", "state",
"boot"}}}`: `entry` is the product code or the key below Uninstall, `boot` the time of the boot in which a pending
update was added or removed (ISO 8601).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lab.windows.identity import Identity
    from lab.windows.part import Json

INSTALLED, INSTALL_PENDING, UNINSTALL_PENDING = "Installed", "InstallPending", "UninstallPending"
NOT_PRESENT = "NotPresent"


@dataclass(frozen=True)
class Product:
    """An installed product: its package in the catalogue, `msi` or `exe`, and what it calls itself."""

    package: str
    kind: str
    name: str
    version: str


@dataclass(frozen=True)
class Update:
    """An update: its article, its state as DISM has it, and the boot since which it waits."""

    kb: str
    state: str
    boot: str


class Packages:
    """Installed products by product code or key below Uninstall, and updates by identifier; names in any case."""

    def __init__(self) -> None:
        self._products: dict[str, Product] = {}
        self._updates: dict[str, Update] = {}

    @classmethod
    def blank(cls, identity: Identity) -> Packages:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Packages:
        made = cls()
        made._products = {entry: Product(**product) for entry, product in state["products"].items()}
        made._updates = {identifier: Update(**update) for identifier, update in state["updates"].items()}
        return made

    def export(self) -> Json:
        return {
            "products": {entry: asdict(product) for entry, product in sorted(self._products.items())},
            "updates": {identifier: asdict(update) for identifier, update in sorted(self._updates.items())},
        }

    def product(self, entry: str) -> Product | None:
        return next((one for key, one in self._products.items() if key.lower() == entry.lower()), None)

    def add_product(self, entry: str, product: Product) -> None:
        self.remove_product(entry)
        self._products[entry] = product

    def remove_product(self, entry: str) -> bool:
        known = [key for key in self._products if key.lower() == entry.lower()]
        for key in known:
            del self._products[key]
        return bool(known)

    def updates(self, boot: datetime) -> dict[str, Update]:
        """The updates as they are in a boot: what waited for one is done in the next."""
        found = {}
        for identifier, update in self._updates.items():
            if update.state in (INSTALL_PENDING, UNINSTALL_PENDING) and update.boot != boot.isoformat():
                if update.state == UNINSTALL_PENDING:
                    continue
                found[identifier] = Update(update.kb, INSTALLED, update.boot)
            else:
                found[identifier] = update
        return found

    def set_update(self, identifier: str, kb: str, state: str, boot: datetime) -> None:
        self._updates = {**self.updates(boot), identifier: Update(kb, state, boot.isoformat())}

    def remove_update(self, identifier: str, boot: datetime) -> None:
        self._updates = {name: update for name, update in self.updates(boot).items() if name != identifier}

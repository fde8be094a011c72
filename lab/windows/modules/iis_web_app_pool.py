# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.web_app_pool"""

from __future__ import annotations

import re
from typing import Any

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis import ConfigurationError
from lab.windows.parts.iis.configuration import entry_of
from lab.windows.parts.iis.element import Effective, Item, check_entry
from lab.windows.parts.iis.pools import Pool
from lab.windows.parts.iis.schema import Attribute, seconds_of, time_span
from lab.windows.parts.iis.sites import STARTED, STOPPED
from lab.windows.support.web_administration import require

_TICKS = 10_000_000


@upstream(
    "microsoft.iis.web_app_pool",
    mirrors="plugins/modules/web_app_pool.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.web_app_pool.yml", "tests/unit/lab/windows/test_iis_modules.py"),
    limits="renaming a pool through its attribute name; collections whose entries have no attribute value",
)
def web_app_pool(call: Call) -> Result:
    require(call)
    return {"changed": _AppPool(call).run()}


class _AppPool:
    def __init__(self, call: Call) -> None:
        self.pools = call.host.iis.pools
        self.arguments = call.arguments
        self.name: str = call.arguments["name"]
        self.check_mode = call.check_mode
        self.changed = False

    def run(self) -> bool:
        pool = self.pools.get(self.name)
        state = self.arguments["state"]
        if state == "absent":
            if pool:
                if not self.check_mode:
                    self.pools.remove(self.name)
                self.changed = True
            return self.changed
        if pool is None:
            pool = self._create()
        if pool is not None:
            for key, value in self.arguments["attributes"].items():
                self._attribute(pool, key, value)
            self._state(pool, state)
        return self.changed

    def _create(self) -> Pool | None:
        self.changed = True
        if self.check_mode:
            return None
        try:
            return self.pools.create(self.name)
        except ConfigurationError as error:
            message = f"Failed to create new Web App Pool {self.name}: {error.framework}"
            raise ModuleFailure(message, changed=False) from error

    def _attribute(self, pool: Pool, key: str, given: Any) -> None:
        if key.lower() == "name":
            raise NotModelled("renaming an application pool through its attribute name")
        *parents, last = key.split(".")
        try:
            holder = pool.effective.at("/".join(parents))
            schema = holder.schema
            collection = last in schema.elements
            attribute = None if collection else schema.attribute(last)
        except ConfigurationError:
            self._unknown(key, given)
            return
        if collection:
            self._collection(pool, key, holder.at(last), _list(given))
            return
        assert attribute is not None
        new = cast(attribute, given)
        if not differs(current(attribute, holder), new):
            return
        if not self.check_mode:
            try:
                pool.element.at("/".join(parents)).set(attribute.name, _stored(attribute, new))
            except ConfigurationError as error:
                message = f"Failed to set attribute to Web App Pool {self.name}. Attribute: {key}, Value: {new}, "
                raise ModuleFailure(f"{message}Exception: {error.text}", changed=self.changed) from error
        self.changed = True

    def _unknown(self, key: str, given: Any) -> None:
        if not self.check_mode:
            message = f"Failed to set attribute to Web App Pool {self.name}. Attribute: {key}, Value: {given}, "
            said = rf"Property {key} does not exist at path IIS:\AppPools\{self.name}."
            raise ModuleFailure(f"{message}Exception: {said}", changed=self.changed)
        self.changed = True

    def _collection(self, pool: Pool, key: str, holder: Effective, new: list[Any]) -> None:
        if not holder.schema.collections:
            raise NotModelled(f"setting the element {key} of an application pool as a whole")
        collection = holder.schema.collection()
        if "value" not in collection.entry.attributes:
            raise NotModelled(f"setting the collection {key} of an application pool")
        present = [one.text("value") for one in holder.entries()]
        if len(present) == len(new) and not any(differs(a, b) for a, b in zip(present, new, strict=True)):
            return
        if not self.check_mode:
            element = pool.element.at(key.replace(".", "/"))
            element.items = []
            for value in new:
                try:
                    entry = entry_of(collection, {"value": value})
                    check_entry(collection, entry, [item.element for item in element.items])
                except ConfigurationError as error:
                    message = f"Failed to add new attribute to Web App Pool {self.name}. Attribute: {key}, "
                    message += f"Value: {value}, Exception: {error.framework}"
                    raise ModuleFailure(message, changed=self.changed) from error
                element.items.append(Item("add", collection.tag, entry))
        self.changed = True

    def _state(self, pool: Pool, wanted: str) -> None:
        if pool.state == STOPPED:
            if wanted in ("started", "restarted"):
                if not self.check_mode:
                    self.pools.start(self.name)
                self.changed = True
        elif pool.state == STARTED and wanted in ("stopped", "restarted"):
            if wanted == "stopped" and not self.check_mode:
                self.pools.stop(self.name)
            self.changed = True


def _list(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [part.strip() for part in given.split(",")]
    return list(given) if isinstance(given, list) else [given]


def current(attribute: Attribute, holder: Effective) -> Any:
    """The value that is there, as upstream compares it."""
    value = holder.get(attribute.name)
    return attribute.members[str(value)] if attribute.type == "enum" and value is not None else value


def cast(attribute: Attribute, given: Any) -> Any:
    """What `-as` makes of a value for the .NET type of an attribute; the value itself where that gives nothing."""
    if attribute.type == "enum":
        for name, number in attribute.members.items():
            if str(given).lower() == name.lower():
                return number
        return int(given) if re.fullmatch(r"-?[0-9]+", str(given)) else given
    if attribute.type == "bool":
        # Every text that is not empty is true to PowerShell, "false" too.
        return bool(given)
    if attribute.type in ("uint", "int", "int64"):
        return int(given) if isinstance(given, bool) or re.fullmatch(r"-?[0-9]+", str(given)) else given
    if attribute.type == "timeSpan":
        return _time_span(given)
    return " ".join(map(str, given)) if isinstance(given, list) else str(given)


def _time_span(given: Any) -> Any:
    if isinstance(given, int) and not isinstance(given, bool):
        # A number is a count of ticks.
        return time_span(given // _TICKS) if given % _TICKS == 0 and given >= 0 else given
    text = str(given)
    if re.fullmatch(r"[0-9]{1,8}", text):
        return time_span(int(text) * 86400)
    try:
        return time_span(seconds_of(text))
    except ValueError:
        return given


def differs(one: Any, other: Any) -> bool:
    """PowerShell's -ne."""
    if isinstance(one, str):
        return one.lower() != str(other).lower()
    return bool(one != other)


def _stored(attribute: Attribute, new: Any) -> Any:
    if attribute.type == "bool":
        return bool(new)
    return new

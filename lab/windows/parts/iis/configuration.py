# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of IIS: sections at the server, at locations and in web.config files, with locks.

What takes effect at `Site/app/folder` is what applicationHost.config says for the server, then for each step of the
path its `<location>` in applicationHost.config and its web.config. A section that is locked at a step cannot be written
in the web.config of that step or below it; a `<location>` in applicationHost.config may always say something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .element import Effective, Element, Item, check_entry, matches
from .facts import ConfigurationError, facts
from .schema import Collection, Schema, sections

#: Elements by section, of one place.
Place = dict[str, Element]


@cache
def _names(version: str) -> dict[str, str]:
    """Paths of sections by their lower case."""
    return {path.lower(): path for path in facts()["sections"] if path in sections(version)}


def steps(location: str) -> list[str]:
    """`Site/app` -> ["", "Site", "Site/app"]."""
    parts = [part for part in location.split("/") if part]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


class Configuration:
    """The whole configuration.

    Attributes:
        version: `8.5` or `10`.
        features: The installed features, some of which declare sections.
        locations: What applicationHost.config says, by location; "" is the server.
        web_configs: What web.config files say, by the path of their folder in IIS.
        modes: Override modes other than the default: by location and section, `Allow` or `Deny`.
    """

    def __init__(self, version: str, features: set[str]) -> None:
        self.version = version
        self.features = features
        self.locations: dict[str, Place] = {}
        self.web_configs: dict[str, Place] = {}
        self.modes: dict[str, dict[str, str]] = {}

    def declared(self) -> list[str]:
        """Paths of all declared sections."""
        return [path for path in _names(self.version).values() if self._is_declared(path)]

    def schema(self, path: str) -> Schema:
        """The schema of a section. ConfigurationError `undeclared` for one that is not declared here."""
        return sections(self.version)[self.canonical(path)]

    def canonical(self, path: str) -> str:
        """The path of a section in the schema's spelling."""
        known = _names(self.version).get(path.strip("/").lower())
        if known is None or not self._is_declared(known):
            raise ConfigurationError("undeclared", name=path)
        return known

    def section(self, path: str, location: str = "") -> Effective:
        """A section as it takes effect at a location."""
        name = self.canonical(path)
        layers = [place[name] for place in self._layers(location) if name in place]
        return Effective(sections(self.version)[name], layers)

    def set(
        self, path: str, element: str, attribute: str, value: Any, location: str = "", *, web: bool = False
    ) -> None:
        """Write a value.

        Raises:
            ConfigurationError: The section is not declared or locked, or the schema does not take the value.
        """
        known = self.section(path).at(element).schema.attribute(attribute)
        converted = known.convert(value)
        self._writable(path, location, web).at(element).values[known.name] = converted

    def clear(self, path: str, element: str, attribute: str, location: str = "", *, web: bool = False) -> None:
        """Forget what was written for a value at this place."""
        known = self.section(path).at(element).schema.attribute(attribute)
        self._writable(path, location, web).at(element).values.pop(known.name, None)
        self._tidy()

    def add(
        self,
        path: str,
        element: str,
        values: Mapping[str, Any],
        location: str = "",
        *,
        tag: str = "",
        web: bool = False,
    ) -> Element:
        """Add an entry to a collection. ConfigurationError `duplicate` where one with its key takes effect already."""
        effective = self.section(path, location).at(element)
        collection = effective.schema.collection(tag)
        entry = entry_of(collection, values)
        check_entry(collection, entry, [one.element for one in effective.entries(collection.tag)])
        self._writable(path, location, web).at(element).items.append(Item("add", collection.tag, entry))
        return entry

    def remove(
        self,
        path: str,
        element: str,
        values: Mapping[str, Any],
        location: str = "",
        *,
        tag: str = "",
        web: bool = False,
    ) -> None:
        """Remove an entry: what was added here goes, what was inherited is removed here.

        Raises:
            ConfigurationError: `not_found`: no such entry takes effect here.
        """
        effective = self.section(path, location).at(element)
        collection = effective.schema.collection(tag)
        wanted = Element(collection.entry)
        for name, value in values.items():
            wanted.set(name, value)
        entries = [one.element for one in effective.entries(collection.tag)]
        if not any(matches(one, wanted) for one in entries):
            raise ConfigurationError("not_found")
        here = self._writable(path, location, web).at(element)
        own = [one for one in here.items if one.do == "add" and matches(one.element, wanted)]
        if own:
            here.items = [one for one in here.items if one not in own]
        else:
            here.items.append(Item("remove", collection.tag, wanted))
        self._tidy()

    def clear_collection(
        self, path: str, element: str, location: str = "", *, tag: str = "", web: bool = False
    ) -> None:
        """Empty a collection: at the server it is written empty, below it what is inherited is cleared."""
        collection = self.section(path).at(element).schema.collection(tag)
        here = self._writable(path, location, web).at(element)
        here.items = [one for one in here.items if one.tag != collection.tag]
        if location:
            here.items.insert(0, Item("clear", collection.tag, Element(collection.entry)))
        self._tidy()

    def mode(self, path: str, location: str = "") -> str:
        """Whether a web.config at this path may say something about a section: `Allow` or `Deny`.

        A lock set at a step holds for all below it; an unlock holds until the next lock.
        """
        name = self.canonical(path)
        said = facts()["sections"][name]
        found: str = self.modes.get("", {}).get(name, said["mode"])
        if said.get("definition") == "AppHostOnly":
            return "Deny"
        for step in steps(location)[1:]:
            found = self._at(self.modes, step).get(name, found)
        return found

    def set_mode(self, path: str, mode: str, location: str = "") -> None:
        """Lock (`Deny`) or unlock (`Allow`) a section from a location on downwards, as `appcmd lock config` does."""
        if mode not in ("Allow", "Deny"):
            raise ValueError(mode)
        self._own(self.modes, location)[self.canonical(path)] = mode

    def export(self) -> dict[str, Any]:
        return {
            "sections": self._export(self.locations.get("", {})),
            "locations": {key: self._export(place) for key, place in sorted(self.locations.items()) if key},
            "web_configs": {key: self._export(place) for key, place in sorted(self.web_configs.items())},
            "override_modes": {key: dict(sorted(place.items())) for key, place in sorted(self.modes.items()) if place},
        }

    def read(self, source: Mapping[str, Any]) -> None:
        """Take what `export` wrote."""
        self.locations = {"": self._read(source["sections"])} if source["sections"] else {}
        self.locations |= {key: self._read(place) for key, place in source["locations"].items()}
        self.web_configs = {key: self._read(place) for key, place in source["web_configs"].items()}
        self.modes = {key: dict(place) for key, place in source["override_modes"].items()}

    def forget(self, location: str) -> None:
        """Forget the locations of a site or an application that was removed, and all below it."""
        prefix = location.lower()
        for places in (self.locations, self.web_configs, self.modes):
            for key in [key for key in places if key.lower() == prefix or key.lower().startswith(prefix + "/")]:
                del places[key]

    def stored(self, path: str, location: str = "") -> Element:
        """What applicationHost.config says about a section at a location, to be changed; made if it says nothing."""
        return self._writable(path, location, web=False)

    def _is_declared(self, path: str) -> bool:
        said = facts()["sections"][path]
        return "feature" not in said or said["feature"] in self.features

    def _writable(self, path: str, location: str, web: bool) -> Element:
        name = self.canonical(path)
        definition = facts()["sections"][name].get("definition")
        if (location and definition == "AppHostOnly") or (web and self.mode(name, location) == "Deny"):
            raise ConfigurationError("locked")
        place: Place = self._own(self.web_configs if web else self.locations, location)
        return place.setdefault(name, Element(sections(self.version)[name]))

    def _layers(self, location: str) -> Iterator[Place]:
        for step in steps(location):
            yield self._at(self.locations, step)
            yield self._at(self.web_configs, step)

    @staticmethod
    def _at(places: dict[str, Any], location: str) -> Any:
        wanted = location.strip("/").lower()
        return next((place for key, place in places.items() if key.lower() == wanted), {})

    @staticmethod
    def _own(places: dict[str, Any], location: str) -> Any:
        wanted = location.strip("/")
        key = next((key for key in places if key.lower() == wanted.lower()), wanted)
        return places.setdefault(key, {})

    def _tidy(self) -> None:
        """Forget places that say nothing any more."""
        for places in (self.locations, self.web_configs):
            for key, place in list(places.items()):
                for name in [name for name, element in place.items() if element.empty]:
                    del place[name]
                if not place:
                    del places[key]

    @staticmethod
    def _export(place: Place) -> dict[str, Any]:
        return {name: element.export() for name, element in sorted(place.items())}

    def _read(self, source: Mapping[str, Any]) -> Place:
        return {name: Element.read(sections(self.version)[name], element) for name, element in source.items()}


def entry_of(collection: Collection, values: Mapping[str, Any]) -> Element:
    """An entry with these values."""
    entry = Element(collection.entry)
    for name, value in values.items():
        entry.set(name, value)
    return entry

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of IIS's configuration as they were written, and as they take effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import ConfigurationError
from .schema import Attribute, Collection, Schema, Value


@dataclass
class Element:
    """What was written at one place: values by attribute, elements by name, and steps that make up collections.

    As JSON: `{"attributes": {...}, "elements": {name: element}, "items": [{"do": "add|remove|clear", "tag": ...,
    ...element}], "secret": {...}}`, each key only where there is something. Attributes that IIS encrypts stand under
    `secret`.
    """

    schema: Schema
    values: dict[str, Value] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    def at(self, path: str) -> Element:
        """The element below, `recycling/periodicRestart`; made where it was not written. "" is this one."""
        here = self
        for name in filter(None, path.split("/")):
            schema = here.schema.element(name)
            here = here.elements.setdefault(schema.name, Element(schema))
        return here

    def set(self, name: str, value: Any) -> None:
        attribute = self.schema.attribute(name)
        self.values[attribute.name] = attribute.convert(value)

    @property
    def empty(self) -> bool:
        return not self.values and not self.items and all(child.empty for child in self.elements.values())

    def export(self) -> dict[str, Any]:
        hidden = {name for name in self.values if self.schema.attributes[name].provider}
        elements = {name: child.export() for name, child in sorted(self.elements.items()) if not child.empty}
        parts = {
            "attributes": {name: value for name, value in sorted(self.values.items()) if name not in hidden},
            "elements": elements,
            "items": [{"do": item.do, "tag": item.tag, **item.element.export()} for item in self.items],
            "secret": {name: self.values[name] for name in sorted(hidden)},
        }
        return {key: part for key, part in parts.items() if part}

    @classmethod
    def read(cls, schema: Schema, source: Mapping[str, Any]) -> Element:
        """The element as `export` wrote it; ConfigurationError for what the schema does not have."""
        made = cls(schema)
        for name, value in {**source.get("attributes", {}), **source.get("secret", {})}.items():
            made.set(name, value)
        for name, child in source.get("elements", {}).items():
            made.elements[schema.element(name).name] = cls.read(schema.element(name), child)
        for item in source.get("items", ()):
            entry = schema.collection(item["tag"]).entry
            made.items.append(Item(item["do"], item["tag"], cls.read(entry, item)))
        return made


@dataclass
class Item:
    """A step of a collection: add an entry, remove the entry with these keys, or clear what was inherited."""

    do: str
    tag: str
    element: Element


class Effective:
    """An element as it takes effect where it was written at several places, the farthest first.

    Attributes:
        layers: What was written, from the server to the application.
        defaults: Where an entry of a collection finds what it does not say itself (`siteDefaults` ...), nearest first.
    """

    def __init__(
        self,
        schema: Schema,
        layers: list[Element],
        defaults: tuple[Effective, ...] = (),
        parents: tuple[Effective, ...] = (),
    ) -> None:
        self.schema = schema
        self.layers = layers
        self.defaults = defaults
        self._parents = parents

    def written(self, name: str) -> Value | None:
        """What was written for an attribute, here or in the defaults; None if nothing was."""
        attribute = self.schema.attribute(name)
        for layer in reversed(self.layers):
            if attribute.name in layer.values:
                return layer.values[attribute.name]
        for default in self.defaults:
            if attribute.name in default.schema.attributes:
                found = default.written(attribute.name)
                if found is not None:
                    return found
        return None

    def get(self, name: str) -> Value | None:
        """The value that takes effect. ConfigurationError for an attribute that is not in the schema."""
        found = self.written(name)
        return self.schema.attribute(name).default if found is None else found

    def text(self, name: str) -> str:
        value = self.get(name)
        return "" if value is None else str(value)

    def all(self) -> dict[str, Value | None]:
        return {name: self.get(name) for name in self.schema.attributes}

    def at(self, path: str) -> Effective:
        """The element below; "" is this one. ConfigurationError where the schema has no such element."""
        here = self
        for name in filter(None, path.split("/")):
            schema = here.schema.element(name)
            layers = [layer.elements[schema.name] for layer in here.layers if schema.name in layer.elements]
            defaults = tuple(one.at(schema.name) for one in here.defaults if schema.name in one.schema.elements)
            here = Effective(schema, layers, defaults, (here, *here._parents))
        return here

    def entries(self, tag: str = "") -> list[Effective]:
        """The entries of a collection in the order that takes effect."""
        collection = self.schema.collection(tag)
        found: list[Element] = []
        for layer in self.layers:
            added: list[Element] = []
            for item in layer.items:
                if item.tag != collection.tag:
                    continue
                if item.do == "clear":
                    found, added = [], []
                elif item.do == "remove":
                    found = [one for one in found if not matches(one, item.element)]
                    added = [one for one in added if not matches(one, item.element)]
                else:
                    added.append(item.element)
            found = [*found, *added] if collection.append else [*added, *found]
        if not found:
            for default in self.defaults:
                if collection.tag in default.schema.collections:
                    return default.entries(collection.tag)
        defaults = tuple(self._defaults(collection.defaults)) if collection.defaults else ()
        return [Effective(collection.entry, [one], defaults, (self, *self._parents)) for one in found]

    def entry(self, tag: str = "", **values: Any) -> Effective | None:
        """The first entry with these values, or None."""
        for found in self.entries(tag):
            attributes = [found.schema.attribute(name) for name in values]
            wanted = list(values.values())
            if all(one.same(found.get(one.name), value) for one, value in zip(attributes, wanted, strict=True)):
                return found
        return None

    @property
    def element(self) -> Element:
        """The one place where it was written: for entries of collections."""
        return self.layers[-1]

    def _defaults(self, name: str) -> Iterator[Effective]:
        for holder in (self, *self._parents):
            if name in holder.schema.elements:
                yield holder.at(name)


def key_of(element: Element, attributes: tuple[Attribute, ...]) -> tuple[str, ...]:
    """An entry's key as text, in lower case where case does not count."""
    values = [element.values.get(one.name, one.default) for one in attributes]
    texts = ["" if value is None else one.text(value) for one, value in zip(attributes, values, strict=True)]
    return tuple(text if one.case_sensitive else text.lower() for one, text in zip(attributes, texts, strict=True))


def matches(entry: Element, wanted: Element) -> bool:
    """Whether an entry has all the values that were asked for."""
    named = tuple(entry.schema.attributes[name] for name in wanted.values)
    return key_of(entry, named) == key_of(wanted, named)


def check_entry(collection: Collection, entry: Element, others: list[Element]) -> None:
    """Refuse an entry without a required attribute, or whose key another one has."""
    for attribute in collection.entry.attributes.values():
        if attribute.required and attribute.name not in entry.values:
            raise ConfigurationError("required", name=attribute.name)
    for key in collection.keys:
        if any(key_of(entry, key) == key_of(other, key) for other in others):
            names = ", ".join(one.name for one in key)
            values = ", ".join(one.text(entry.values.get(one.name, one.default or "")) for one in key)
            kind = "duplicate_combined" if len(key) > 1 else "duplicate"
            raise ConfigurationError(kind, tag=collection.tag, keys=names, values=values)

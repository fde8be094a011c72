# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IIS's configuration schema: which attributes, elements and collections there are, and which values they take.

Values are kept typed: bool, int, str; an enum as the name of its member, flags as their names joined by ", ", a time
span as `[d.]hh:mm:ss`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from .facts import DATA, ConfigurationError, facts

Value = bool | int | str
T = TypeVar("T")

_BOUNDS = {"uint": (0, 2**32 - 1), "int": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_TIME_SPAN = re.compile(
    r"(?:(?P<days>[0-9]{1,8})[.:])?(?P<hours>[0-9]{1,9}):(?P<minutes>[0-9]{1,2}):(?P<seconds>[0-9]{1,2})(?:\.0*)?\Z"
)
#: What no XML document can hold, however it is escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENCRYPTED = re.compile(r"\[enc:(?P<provider>\w+):(?P<content>[^:\]]*):enc\]\Z")
#: Characters that the name of a site or a pool must not have.
_FORBIDDEN = {"siteName": '\\/?;:@&=+$,|"<>*', "applicationPoolName": '\\/"|<>:*?][+=;,@&'}


def seconds_of(text: str) -> int:
    """Seconds of `[d.]hh:mm:ss`; ValueError for anything else."""
    found = _TIME_SPAN.match(text)
    if not found or int(found["minutes"]) > 59 or int(found["seconds"]) > 59:
        raise ValueError(text)
    hours = int(found["days"] or 0) * 24 + int(found["hours"])
    return hours * 3600 + int(found["minutes"]) * 60 + int(found["seconds"])


def time_span(seconds: int) -> str:
    """`[d.]hh:mm:ss`, as .NET writes a TimeSpan."""
    days, rest = divmod(seconds, 86400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}.{clock}" if days else clock


@dataclass(frozen=True)
class Attribute:
    """An attribute: its type, what it may hold, and what it is where nothing was written."""

    name: str
    type: str
    default_text: str | None
    members: dict[str, int]
    validation: str
    parameter: str
    required: bool
    key: bool
    case_sensitive: bool
    #: Name of the provider that encrypts it in the file; "" for what is kept in the clear.
    provider: str

    @property
    def default(self) -> Value | None:
        """The value of an attribute that was not written. None where the schema has none, but text is empty then."""
        if self.provider:
            return ""
        if self.default_text is None:
            empty: dict[str, Value] = {"string": "", "bool": False, "timeSpan": "00:00:00"}
            return empty.get(self.type, None if self.members else 0)
        return self.convert(self.default_text)

    def convert(self, value: Any) -> Value:
        """The value as it is kept.

        Raises:
            ConfigurationError: The attribute does not take it.
        """
        kind = "integer" if self.type in _BOUNDS else self.type
        converted: Value = getattr(self, f"_{kind}")(value)
        return converted

    def text(self, value: Value) -> str:
        """The value as it stands in the file."""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def same(self, one: Value | None, other: Value | None) -> bool:
        if isinstance(one, str) and isinstance(other, str) and not self.case_sensitive:
            return one.lower() == other.lower()
        return one == other

    def _string(self, value: Any) -> Value:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if self.validation in ("nonEmptyString", *_FORBIDDEN) and not text:
            raise ConfigurationError("empty")
        forbidden = _FORBIDDEN.get(self.validation, "")
        if any(character in forbidden for character in text) or _NOT_IN_XML.search(text):
            raise ConfigurationError("characters", characters=forbidden)
        if self.validation in ("applicationPath", "virtualDirectoryPath") and not text.startswith("/"):
            raise ConfigurationError("path")
        return text

    def _bool(self, value: Any) -> Value:
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise ConfigurationError("bool")

    def _integer(self, value: Any) -> Value:
        least, most = _BOUNDS[self.type]
        excluded = self.parameter.endswith(",exclude")
        if self.validation == "integerRange" and not excluded:
            least, most = (int(part) for part in self.parameter.split(","))
        try:
            number = int(str(value), 10) if not isinstance(value, bool) else int(value)
        except ValueError:
            raise ConfigurationError("integer", least=least, most=most) from None
        if not least <= number <= most:
            raise ConfigurationError("integer", least=least, most=most)
        if excluded:
            low, high = (int(part) for part in self.parameter.split(",")[:2])
            if low <= number <= high:
                raise ConfigurationError("excluded", least=low, most=high)
        return number

    def _timeSpan(self, value: Any) -> Value:  # noqa: N802  # the type's name in the schema
        least, most, granularity = 0, 2**53, 1
        if self.validation == "timeSpanRange":
            least, most, granularity = (int(part) for part in self.parameter.split(","))
        try:
            seconds = seconds_of(str(value))
            if least <= seconds <= most and seconds % granularity == 0:
                return time_span(seconds)
        except ValueError:
            pass
        limits = {"least": time_span(least), "most": time_span(most)}
        raise ConfigurationError("time_span", granularity=granularity, **limits)

    def _enum(self, value: Any) -> Value:
        text = str(value)
        for name, number in self.members.items():
            if text.lower() == name.lower() or (text == str(number) and not isinstance(value, bool)):
                return name
        raise ConfigurationError("enum", names=", ".join(self.members))

    def _flags(self, value: Any) -> Value:
        names = {name.lower(): number for name, number in self.members.items()}
        try:
            if isinstance(value, int) or str(value).isdigit():
                total = int(value)
            else:
                total = 0
                for part in str(value).split(","):
                    total |= names[part.strip().lower()] if part.strip() else 0
            return self.flag_names(total)
        except KeyError:
            raise ConfigurationError("flags", names=", ".join(self.members)) from None

    def flag_names(self, total: int) -> str:
        """The names of the bits, in the schema's order; KeyError for a bit that has none."""
        found = [name for name, number in self.members.items() if number and total & number == number]
        if sum(self.members[name] for name in found) != total:
            raise KeyError(total)
        return ", ".join(found) if found else next((name for name, number in self.members.items() if not number), "")


@dataclass
class Schema:
    """An element: its attributes, its elements, and the collections that its entries belong to, by entry's tag."""

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    elements: dict[str, Schema] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)

    def attribute(self, name: str) -> Attribute:
        return _find(self.attributes, name, "attribute")

    def element(self, name: str) -> Schema:
        return _find(self.elements, name, "element")

    def collection(self, tag: str = "") -> Collection:
        """The collection whose entries have this tag; the only one if none is named."""
        if not tag and self.collections:
            return next(iter(self.collections.values()))
        return _find(self.collections, tag, "element")


@dataclass
class Collection:
    """A collection: the tags that add, remove and clear, and what an entry looks like."""

    tag: str
    remove: str
    clear: str
    append: bool
    defaults: str
    entry: Schema

    @property
    def keys(self) -> list[tuple[Attribute, ...]]:
        """What no two entries may share: each a tuple of attributes."""
        combined = facts()["combined_keys"].get(self.tag)
        if combined:
            return [tuple(self.entry.attribute(name) for name in combined)]
        return [(attribute,) for attribute in self.entry.attributes.values() if attribute.key]


def _find(known: dict[str, T], name: str, kind: str) -> T:
    if name in known:
        return known[name]
    for candidate, found in known.items():
        if candidate.lower() == name.lower():
            return found
    raise ConfigurationError(kind, name=name)


def _attribute(name: str, source: dict[str, Any]) -> Attribute:
    default = source.get("defaultValue")
    encrypted = _ENCRYPTED.match(default or "") if source.get("encrypted") == "true" else None
    return Attribute(
        name=name,
        type=source["type"],
        default_text=default,
        members={member: int(number) for member, number in source.get("values", ())},
        validation=source.get("validationType", ""),
        parameter=source.get("validationParameter", ""),
        required=source.get("required") == "true",
        key=source.get("isUniqueKey") == "true",
        case_sensitive=source.get("caseSensitive") == "true",
        provider=encrypted["provider"] if encrypted else "",
    )


def _schema(name: str, body: dict[str, Any]) -> Schema:
    made = Schema(name)
    made.attributes = {key: _attribute(key, source) for key, source in body.get("attributes", {}).items()}
    made.elements = {key: _schema(key, source) for key, source in body.get("elements", {}).items()}
    for source in body.get("collections", ()):
        tag = source["addElement"]
        made.collections[tag] = Collection(
            tag=tag,
            remove=source.get("removeElement", ""),
            clear=source.get("clearElement", ""),
            append=source.get("mergeAppend") != "false",
            defaults=source.get("defaultElement", ""),
            entry=_schema(tag, source),
        )
    return made


@cache
def sections(version: str) -> dict[str, Schema]:
    """The sections that the lab knows, as this version of IIS has them (`8.5` or `10`), by path."""
    source = json.loads((DATA / "iis_schema.json").read_text(encoding="utf-8"))["sections"]
    found: dict[str, Schema] = {}
    for path, variants in source.items():
        body = next((variant["body"] for variant in variants if version in variant["iis"]), None)
        if body is not None:
            found[path] = _schema(path.rsplit("/", 1)[-1], body)
    return found

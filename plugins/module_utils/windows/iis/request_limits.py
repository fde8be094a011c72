# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of request filtering: what is there, what is to be written or taken back, and who below has smaller ones.

A limit that is written at a place holds there and below, until a place below says another. The places are the server,
its sites, their applications, all in applicationHost.config, and web.config files.

serves: SCEP-069, SCEP-070, TRBL-054

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...directory.edits import OptionError
from ..values import Fields, UnexpectedValue

#: The path of the server in the configuration, before that of a site or an application.
SERVER = "MACHINE/WEBROOT/APPHOST"

#: Largest value of the type uint, which IIS's schema (IIS_schema.xml) gives all three.
LARGEST = 2**32 - 1


@dataclasses.dataclass(frozen=True)
class Limit:
    """A limit: its attribute of requestLimits, and the schema's default in octets (IIS configuration reference)."""

    attribute: str
    default: int


#: By the option that sets it.
LIMITS: t.Final[t.Mapping[str, Limit]] = {
    "max_url": Limit("maxUrl", 4096),
    "max_query_string": Limit("maxQueryString", 2048),
    "max_allowed_content_length": Limit("maxAllowedContentLength", 30000000),
}


@dataclasses.dataclass(frozen=True)
class Place:
    """A place and its limits by option; of own ones those that it has not are missing."""

    path: str
    limits: t.Mapping[str, int]


@dataclasses.dataclass(frozen=True)
class State:
    """What iis_request_limits_read.ps1 found.

    Attributes:
        installed: Whether there is a web server at all.
        sites: The names of all sites.
        effective: The limits that take effect, by the path of the place, "" for the server.
        own: What applicationHost.config says, by the path of the place.
    """

    installed: bool
    sites: tuple[str, ...] = ()
    effective: tuple[Place, ...] = ()
    own: tuple[Place, ...] = ()


@dataclasses.dataclass(frozen=True)
class Override:
    """A place below whose own limit is smaller than the one asked for."""

    path: str
    option: str
    value: int
    source: str


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be done at one place.

    Attributes:
        write: Values by the attribute's name.
        clear: Names of attributes whose own value is taken back.
        before: The limits that hold now, by option.
        after: Those that will hold.
        inherited: Those that hold without own values.
        overridden_by: Who below has smaller ones.
    """

    write: dict[str, int]
    clear: list[str]
    before: dict[str, int]
    after: dict[str, int]
    inherited: dict[str, int]
    overridden_by: list[Override]

    @property
    def changed(self) -> bool:
        return bool(self.write or self.clear)


def read(output: object) -> State:
    """The state out of the script's object. Raises UnexpectedValue."""
    fields = Fields(output)
    if not fields.flag("installed"):
        return State(False)
    return State(
        True,
        tuple(fields.texts("sites")),
        tuple(Place(_below_server(place.text("path")), _all(place)) for place in fields.objects("places")),
        tuple(Place(_location(place.text("location")), _own(place)) for place in fields.objects("own")),
    )


def _below_server(path: str) -> str:
    if path.casefold() != SERVER.casefold() and not path.casefold().startswith(SERVER.casefold() + "/"):
        raise UnexpectedValue("path", f"a path below {SERVER}", path)
    return path[len(SERVER) :].strip("/")


def _location(path: str) -> str:
    """The path of a <location>; one of "." is that of the file itself."""
    return path.strip("/") if path != "." else ""


def _all(place: Fields) -> dict[str, int]:
    return {option: place.integer(limit.attribute) for option, limit in LIMITS.items()}


def _own(place: Fields) -> dict[str, int]:
    found = {option: place.optional_integer(limit.attribute) for option, limit in LIMITS.items()}
    return {option: value for option, value in found.items() if value is not None}


def wanted(arguments: t.Mapping[str, t.Any]) -> dict[str, int]:
    """The limits that a task asks for, by option. Raises OptionError for what IIS does not take."""
    asked = {option: arguments[option] for option in LIMITS if arguments.get(option) is not None}
    for option, value in asked.items():
        if not 1 <= value <= LARGEST:
            raise OptionError(option, f"{value} is not between 1 and {LARGEST}")
    if not asked and arguments["state"] == "present":
        raise OptionError("state", f"present needs a limit: {', '.join(LIMITS)}")
    return asked


def named(site: str | None) -> str:
    """The site that a task names, "" for the server. Raises OptionError for what can be no name of a site."""
    if site is None:
        return ""
    if not site.strip() or "/" in site:
        raise OptionError("site", f"'{site}' is no name of a site; leave the option out for the whole server")
    return site


def plan(site: str, wish: t.Mapping[str, int], state: State, *, absent: bool = False) -> Plan:
    """What makes the limits of a site, or of the server (""), those that are asked for.

    Args:
        wish: Limits by option. With O(absent) their own values are taken back, or all where none is named.

    Raises:
        OptionError: There is no such site.
    """
    if not state.installed:
        defaults = {option: limit.default for option, limit in LIMITS.items()}
        write = {} if absent else {LIMITS[option].attribute: value for option, value in wish.items()}
        return Plan(write, [], {} if write else defaults, {**defaults, **({} if absent else wish)}, defaults, [])
    if site and not any(_same(site, name) for name in state.sites):
        raise OptionError("site", f"there is no site '{site}'; there are {_listed(state.sites)}")
    own = _said(state.own, site)
    inherited = {option: limit.default for option, limit in LIMITS.items()}
    if site:
        inherited = dict(_at(state.effective, ""))
    before = {**inherited, **own}
    if absent:
        clear = [option for option in LIMITS if option in own and (option in wish or not wish)]
        after = {**inherited, **{option: value for option, value in own.items() if option not in clear}}
        return Plan({}, [LIMITS[option].attribute for option in clear], before, after, inherited, [])
    write = {option: value for option, value in wish.items() if before[option] != value}
    return Plan(
        {LIMITS[option].attribute: value for option, value in write.items()},
        [],
        before,
        {**before, **write},
        inherited,
        list(_overrides(site, wish, state)),
    )


def _overrides(site: str, wish: t.Mapping[str, int], state: State) -> t.Iterator[Override]:
    """Smaller limits of places below: of applicationHost.config, and those that no place there explains."""
    told = set()
    for place in state.own:
        if not _is_below(place.path, site):
            continue
        for option, value in place.limits.items():
            if option in wish and value < wish[option]:
                told.add((place.path.casefold(), option))
                yield Override(place.path, option, value, "location")
    for place in state.effective:
        above = _steps(place.path)
        for option in wish:
            explained = _chain(state, above, option)
            value = place.limits[option]
            if value >= wish[option] or value == explained or (place.path.casefold(), option) in told:
                continue
            if _is_below(place.path, site) or _same(place.path, site):
                yield Override(place.path, option, value, "web.config")


def _chain(state: State, steps: list[str], option: str) -> int:
    """What applicationHost.config alone makes of a limit at the last of these places."""
    value = LIMITS[option].default
    for step in steps:
        value = _said(state.own, step).get(option, value)
    return value


def _steps(path: str) -> list[str]:
    """`Site/app` -> ["", "Site", "Site/app"]."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _said(places: t.Iterable[Place], path: str) -> dict[str, int]:
    """All that is said at a path; a later <location> of the same path adds to an earlier one."""
    found: dict[str, int] = {}
    for place in places:
        if _same(place.path, path):
            found |= place.limits
    return found


def _at(places: t.Iterable[Place], path: str) -> t.Mapping[str, int]:
    for place in places:
        if _same(place.path, path):
            return place.limits
    raise UnexpectedValue("places", f"with the place '{path or SERVER}'", [place.path for place in places])


def _is_below(path: str, above: str) -> bool:
    return bool(path) if not above else path.casefold().startswith(above.casefold() + "/")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _listed(names: t.Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"

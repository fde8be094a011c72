# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-WebConfigurationProperty and Set-WebConfigurationProperty of WebAdministration, for attributes of a section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab.windows.not_modelled import NotModelled
from lab.windows.parts.iis import ConfigurationError

from .state import Cmdlet, Run, as_text, shortened, value
from .values import NotRead, Word, words

Arguments = Mapping[str, Word | None]

#: The path of applicationHost.config. Below it a site's or application's web.config would be meant.
APPLICATION_HOST = "machine/webroot/apphost"

_GET = {"pspath": False, "filter": False, "name": False, "location": False}


def _text(state: Run, arguments: Arguments, name: str) -> str:
    word = arguments.get(name)
    return "" if word is None else as_text(value(state, word)).strip("/")


def _place(state: Run, arguments: Arguments, statement: str) -> tuple[str, str, str, str]:
    """Section, element in it, attribute and location that are meant."""
    iis = state.around.host.iis
    if not iis.installed:
        raise NotModelled("the cmdlets of WebAdministration on a host without IIS")
    if _text(state, arguments, "pspath").lower() != APPLICATION_HOST:
        raise NotModelled(f"another place than applicationHost.config: {statement}")
    path, location = _text(state, arguments, "filter"), _text(state, arguments, "location")
    if re.search(r"[\[\]@*|]", path):
        raise NotModelled(f"a filter with conditions: {statement}")
    # The section is the longest part of the filter that is one; what follows are elements of it.
    parts = path.split("/")
    for end in range(len(parts), 0, -1):
        try:
            section = iis.configuration.canonical("/".join(parts[:end]))
        except ConfigurationError:
            continue
        return section, "/".join(parts[end:]), _text(state, arguments, "name"), location
    raise NotModelled(f"a section that is not declared: {statement}")


def _read(state: Run, arguments: Arguments, statement: str) -> Any:
    section, element, attribute, location = _place(state, arguments, statement)
    try:
        found = state.around.host.iis.section(section, location).at(element)
        known = found.schema.attribute(attribute)
    except ConfigurationError as error:
        # The cmdlet gives nothing for an attribute that is not there; which warnings it writes is not known.
        raise NotModelled(f"an attribute or element that the section has not: {statement}") from error
    if known.type in ("enum", "flags", "timeSpan"):
        raise NotModelled(f"how PowerShell shows the attribute {attribute} of type {known.type}")
    return found.get(attribute)


def _set(state: Run, arguments: Arguments, statement: str) -> None:
    section, element, attribute, location = _place(state, arguments, statement)
    word = arguments.get("value")
    if word is None:
        raise NotModelled(f"Set-WebConfigurationProperty without a value: {statement}")
    if not state.around.user.is_administrator:
        raise NotModelled("Set-WebConfigurationProperty of a user who is no administrator")
    try:
        state.around.host.iis.configuration.set(section, element, attribute, value(state, word), location)
    except ConfigurationError as error:
        raise NotModelled(f"how Set-WebConfigurationProperty fails: {error.text}") from error


#: In lower case, as those of cmdlets.py.
CMDLETS: dict[str, Cmdlet] = {"set-webconfigurationproperty": Cmdlet({**_GET, "value": False}, (), _set)}

_READER = Cmdlet(_GET, (), lambda *_: None)


def _value_of(state: Run, found: re.Match[str]) -> None:
    statement = found["call"]
    try:
        arguments = _READER.read(words(statement)[1:], statement)
    except NotRead as problem:
        raise NotModelled(f"the PowerShell text {shortened(statement)}") from problem
    state.ran.output.append(_read(state, arguments, statement))


#: `(Get-WebConfigurationProperty ...).Value`: without .Value it would be an object, which texts are rarely about.
STATEMENTS = ((re.compile(r"\((?P<call>Get-WebConfigurationProperty\s[^()]*)\)\.Value", re.IGNORECASE), _value_of),)

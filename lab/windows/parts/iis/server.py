# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of a host: what installing its features brings, and its configuration."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from . import document
from .configuration import Configuration
from .document import Vault
from .element import Effective
from .facts import ConfigurationError, facts
from .http_sys import HttpSys
from .pools import Pools
from .sites import STARTED, STOPPED, Sites

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

#: The feature without which there is no IIS at all.
ROLE = "Web-Server"
CORE = "Web-WebServer"


class Iis:
    """The web server of a host.

    Attributes:
        features: The installed features that it knows, `Web-Filtering` ...
        configuration: Its sections.
        http: The certificates of HTTP.sys.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.features: set[str] = set()
        self.http = HttpSys()
        self._site_states: dict[str, str] = {}
        self._pool_states: dict[str, str] = {}
        self._key = b""
        self._use(Configuration(version, self.features))

    @classmethod
    def blank(cls, identity: Identity) -> Iis:
        return cls(facts()["versions"][identity.release])

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Iis:
        made = cls.blank(identity)
        made.features |= set(state["features"])
        made.configuration.read(state)
        made._site_states |= state["states"]["sites"]
        made._pool_states |= state["states"]["pools"]
        made.http.read(state["ssl_bindings"])
        made._key = bytes.fromhex(state["secret"]["machine_key"])
        return made

    def export(self) -> Json:
        return {
            "version": self.version,
            "installed": self.installed,
            "features": sorted(self.features),
            **self.configuration.export(),
            "states": {"sites": dict(self._site_states), "pools": dict(sorted(self._pool_states.items()))},
            "ssl_bindings": self.http.export(),
            "secret": {"machine_key": self._key.hex()},
        }

    @property
    def installed(self) -> bool:
        return ROLE in self.features or CORE in self.features

    def install(self, features: Iterable[str]) -> None:
        """Take what comes with these features of Windows; what is no part of IIS or is there is passed over."""
        known = facts()["features"]
        wanted = set(features)
        added = {one for one in wanted if one in known or one == ROLE} - self.features
        if added and not self.installed:
            self._begin()
            # The role always brings the core, in whatever order its features are named.
            added |= {CORE}
        self.features |= added
        for name in known:
            if name in added:
                self._bring(known[name])

    def uninstall(self, features: Iterable[str]) -> None:
        """Take away what came with these features. Without the role and the core, all of the configuration goes."""
        removed = set(features) & self.features
        for name in removed:
            self._take(facts()["features"].get(name, {}))
        self.features -= removed
        if removed & {ROLE, CORE}:
            self.features.clear()
            self._site_states.clear()
            self._pool_states.clear()
            self._use(Configuration(self.version, self.features))

    def started(self) -> None:
        """What the start of its services does, after a boot or iisreset: sites and pools that start by themselves run.

        A site whose address an earlier one has stays stopped, and so does one without bindings.
        """
        for pool in self.pools.all():
            self._pool_states[pool.name] = STARTED if pool.effective.get("autoStart") else STOPPED
        for site in self.sites.all():
            self._site_states[str(site.id)] = STOPPED
        for site in self.sites.all():
            if site.effective.get("serverAutoStart"):
                with suppress(ConfigurationError):
                    self.sites.start(site.name)

    def section(self, path: str, location: str = "") -> Effective:
        """A section as it takes effect at a location, `Default Web Site/app`."""
        return self.configuration.section(path, location)

    def to_xml(self) -> str:
        """The text of applicationHost.config."""
        return document.write(self.configuration, Vault(self._key))

    def from_xml(self, text: str) -> None:
        """Take the configuration of a text; the state of sites and pools that go on to exist stays.

        Raises:
            UnreadableConfiguration: It is no configuration of this host.
            ConfigurationError: The schema does not take it.
            NotModelled: It has a section that the lab does not know.
        """
        configuration = document.read(text, self.version, self.features, Vault(self._key))
        configuration.web_configs = self.configuration.web_configs
        sites, pools = dict(self._site_states), dict(self._pool_states)
        self._use(configuration)
        for states in (self._site_states, self._pool_states):
            states.clear()
        self._site_states |= {str(one.id): sites.get(str(one.id), STARTED) for one in self.sites.all()}
        self._pool_states |= {one.name: pools.get(one.name, STARTED) for one in self.pools.all()}

    def _use(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.sites = Sites(configuration, self.http, self._site_states)
        self.pools = Pools(configuration, self._pool_states)

    def _begin(self) -> None:
        self._key = self._key or secrets.token_bytes(32)
        base: dict[str, Any] = facts()["base"]
        for section, element, attribute, value in base["values"]:
            self.configuration.set(section, element, attribute, value)
        for pool in base["pools"]:
            self.pools.create(**pool)
        site = base["site"]
        made = self.sites.create(site["name"], site["physicalPath"], "", site["id"])
        assert [one.information for one in made.bindings] == [site["binding"]]

    def _bring(self, feature: dict[str, Any]) -> None:
        for module in feature.get("modules", ()):
            image = module["image"]
            path = image if "\\" in image else rf"%windir%\System32\inetsrv\{image}"
            condition = {"preCondition": module["preCondition"]} if "preCondition" in module else {}
            entry = {"name": module["name"], "image": path, **condition}
            self._add("system.webServer/globalModules", "", "add", entry)
            if not module.get("global"):
                self._add("system.webServer/modules", "", "add", {"name": module["name"]})
        for handler in feature.get("handlers", ()):
            self._add("system.webServer/handlers", "", "add", handler)
        for pool in feature.get("pools", ()):
            if self.pools.get(pool["name"]) is None:
                self.pools.create(**pool)
        for section, element, tag, values in feature.get("entries", ()):
            self._add(section, element, tag, values)

    def _add(self, section: str, element: str, tag: str, values: dict[str, Any]) -> None:
        try:
            self.configuration.add(section, element, values, tag=tag)
        except ConfigurationError as error:
            # Somebody wrote the entry before the feature came: theirs stays.
            if error.kind not in ("duplicate", "duplicate_combined"):
                raise

    def _take(self, feature: dict[str, Any]) -> None:
        entries = [
            *(("system.webServer/globalModules", "", {"name": one["name"]}) for one in feature.get("modules", ())),
            *(("system.webServer/modules", "", {"name": one["name"]}) for one in feature.get("modules", ())),
            *(("system.webServer/handlers", "", {"name": one["name"]}) for one in feature.get("handlers", ())),
            *((section, element, values) for section, element, _tag, values in feature.get("entries", ())),
        ]
        for section, element, values in entries:
            try:
                self.configuration.remove(section, element, values)
            except ConfigurationError as error:
                # Somebody took it away or changed it before: nothing of the feature is left there.
                if error.kind != "not_found":
                    raise

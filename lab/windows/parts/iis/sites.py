# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites: bindings, applications, virtual directories, and whether they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .configuration import Configuration, entry_of
from .element import Effective, Element, Item, check_entry
from .facts import ConfigurationError
from .http_sys import SNI, HttpSys, SslCertificate, endpoint_of

SECTION = "system.applicationHost/sites"
STARTED = "Started"
STOPPED = "Stopped"


@dataclass(frozen=True)
class Binding:
    """A binding of a site as WebAdministration shows it; the certificate is what HTTP.sys has for it."""

    element: Element
    protocol: str
    information: str
    flags: int
    certificate: SslCertificate | None

    @property
    def thumbprint(self) -> str:
        return self.certificate.thumbprint if self.certificate else ""

    @property
    def store(self) -> str:
        return self.certificate.store if self.certificate else ""


class Directory:
    """A virtual directory of an application."""

    def __init__(self, effective: Effective) -> None:
        self.effective = effective
        self.element = effective.element
        self.path = effective.text("path")
        self.physical_path = effective.text("physicalPath")
        self.user = effective.text("userName")
        self.password = effective.text("password")


class Application:
    """An application of a site; that of the site itself has the path `/`."""

    def __init__(self, effective: Effective) -> None:
        self.effective = effective
        self.element = effective.element
        self.path = effective.text("path")
        self.pool = effective.text("applicationPool")
        self.protocols = effective.text("enabledProtocols")

    @property
    def directories(self) -> list[Directory]:
        return [Directory(one) for one in self.effective.entries("virtualDirectory")]

    def directory(self, path: str = "/") -> Directory | None:
        return next((one for one in self.directories if one.path.lower() == path.lower()), None)


class Site:
    """A site as it is configured now."""

    def __init__(self, effective: Effective, http: HttpSys, state: str) -> None:
        self.effective = effective
        self.element = effective.element
        self.name = effective.text("name")
        self.id = int(effective.text("id"))
        self.state = state
        self._http = http

    @property
    def bindings(self) -> list[Binding]:
        found = []
        for one in self.effective.at("bindings").entries("binding"):
            flags, information = int(one.text("sslFlags")), one.text("bindingInformation")
            certificate = self._http.get(endpoint_of(information, flags)) if one.text("protocol") == "https" else None
            found.append(Binding(one.element, one.text("protocol"), information, flags, certificate))
        return found

    @property
    def applications(self) -> list[Application]:
        return [Application(one) for one in self.effective.entries("application")]

    def application(self, path: str = "/") -> Application | None:
        return next((one for one in self.applications if one.path.lower() == path.lower()), None)

    @property
    def pool(self) -> str:
        root = self.application()
        return root.pool if root else ""

    @property
    def physical_path(self) -> str:
        root = self.application()
        directory = root.directory() if root else None
        return directory.physical_path if directory else ""


class Sites:
    """All sites of a server."""

    def __init__(self, configuration: Configuration, http: HttpSys, states: dict[str, str]) -> None:
        self._configuration = configuration
        self._http = http
        self._states = states

    def all(self) -> list[Site]:
        entries = self._configuration.section(SECTION).entries("site")
        return [Site(one, self._http, self._states.get(one.text("id"), STOPPED)) for one in entries]

    def get(self, name: str) -> Site | None:
        """A site by name, whatever the case."""
        return next((one for one in self.all() if one.name.lower() == name.lower()), None)

    def create(self, name: str, physical_path: str, pool: str = "", identity: int | None = None) -> Site:
        """Make a site bound to port 80 of all addresses, and start it if the port is free, as New-Website does."""
        number = identity if identity is not None else max((one.id for one in self.all()), default=0) + 1
        element = self._configuration.add(SECTION, "", {"name": name, "id": number}, tag="site")
        self._states[str(number)] = STOPPED
        application = _entry(element, "application", {"path": "/"} | ({"applicationPool": pool} if pool else {}))
        _entry(application, "virtualDirectory", {"path": "/", "physicalPath": physical_path})
        self.add_binding(name, "http", "*:80:")
        if not self._taken(number):
            self._states[str(number)] = STARTED
        return self._known(name)

    def remove(self, name: str) -> None:
        site = self._known(name)
        self._configuration.remove(SECTION, "", {"name": site.name}, tag="site")
        self._states.pop(str(site.id), None)
        self._configuration.forget(site.name)

    def start(self, name: str) -> None:
        """Start a site. ConfigurationError `no_bindings`, or `in_use` where a running site has one of its."""
        site = self._known(name)
        if not site.bindings:
            raise ConfigurationError("no_bindings")
        if self._taken(site.id):
            raise ConfigurationError("in_use")
        self._states[str(site.id)] = STARTED

    def stop(self, name: str) -> None:
        self._states[str(self._known(name).id)] = STOPPED

    def add_binding(self, name: str, protocol: str, information: str, flags: int = 0) -> None:
        values: dict[str, Any] = {"protocol": protocol, "bindingInformation": information}
        if flags:
            values["sslFlags"] = flags
        _entry(self._known(name).element.at("bindings"), "binding", values)

    def remove_binding(self, name: str, binding: Binding) -> None:
        """Remove a binding; its certificate stays with HTTP.sys."""
        bindings = self._known(name).element.at("bindings")
        bindings.items = [item for item in bindings.items if item.element is not binding.element]

    def bind_certificate(self, binding: Binding, thumbprint: str, store: str) -> None:
        """Give HTTP.sys the certificate of a binding, as its method AddSslCertificate does."""
        flags = int(binding.element.values.get("sslFlags", 0))
        endpoint = endpoint_of(binding.information, flags)
        self._http.put(SslCertificate(endpoint, thumbprint.upper(), store, sni=bool(flags & SNI)))

    def add_application(self, name: str, path: str, physical_path: str, pool: str) -> None:
        values = {"path": path} | ({"applicationPool": pool} if pool else {})
        application = _entry(self._known(name).element, "application", values)
        _entry(application, "virtualDirectory", {"path": "/", "physicalPath": physical_path})

    def remove_application(self, name: str, path: str) -> None:
        site = self._known(name)
        site.element.items = [
            item for item in site.element.items if str(item.element.values.get("path", "")).lower() != path.lower()
        ]
        self._configuration.forget(site.name + path)

    def add_directory(self, application: Application, path: str, physical_path: str) -> None:
        _entry(application.element, "virtualDirectory", {"path": path, "physicalPath": physical_path})

    def remove_directory(self, application: Application, directory: Directory) -> None:
        application.element.items = [
            item for item in application.element.items if item.element is not directory.element
        ]

    def _known(self, name: str) -> Site:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def _taken(self, number: int) -> bool:
        """Whether a site that runs already answers at one of this site's bindings."""
        sites = self.all()
        own = {one.information.lower() for site in sites if site.id == number for one in site.bindings}
        others = (site for site in sites if site.id != number and site.state == STARTED)
        return any(one.information.lower() in own for site in others for one in site.bindings)


def _entry(holder: Element, tag: str, values: dict[str, Any]) -> Element:
    collection = holder.schema.collection(tag)
    entry = entry_of(collection, values)
    check_entry(collection, entry, [item.element for item in holder.items if item.tag == tag])
    holder.items.append(Item("add", tag, entry))
    return entry

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.website"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis import ConfigurationError
from lab.windows.parts.iis.http_sys import CENTRAL_STORE, SNI
from lab.windows.parts.iis.sites import STARTED, STOPPED, Binding, Site
from lab.windows.support.web_administration import full_name, has_private_key, require, same

#: How the result looks in the middle of a text, where upstream puts it into its message.
RESULT = "System.Collections.Generic.Dictionary`2[System.String,System.Object]"
CENTRAL = f"""You set use_ccs to True.
{" " * 12}This indicates you wish to use the Central Certificate Store feature.
{" " * 12}This cannot be used in combination with certficiate_hash and certificate_store_name. When using """
CENTRAL += f"""the Central Certificate Store feature,
{" " * 12}the certificate is automatically retrieved from the store rather than manually assigned to the binding."""


@upstream(
    "microsoft.iis.website",
    mirrors="plugins/modules/website.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.website.yml", "tests/unit/lab/windows/test_iis_modules.py"),
    limits="bindings to add or set without ip or port; a certificate for a binding that becomes https in check mode",
    check_mode_leaks="another certificate of an existing binding is bound in check mode, too (AddSslCertificate)",
)
def website(call: Call) -> Result:
    require(call)
    try:
        return {"changed": _Website(call).run()}
    except ConfigurationError as error:
        text = error.text if error.kind in ("no_bindings", "in_use", "no_private_key") else error.framework
        raise ModuleFailure(f"{RESULT} - {text}", changed=False) from error


class _Website:
    def __init__(self, call: Call) -> None:
        self.arguments = call.arguments
        self.host = call.host
        self.sites = call.host.iis.sites
        self.check_mode = call.check_mode
        self.name: str = call.arguments["name"]
        self.changed = False

    def run(self) -> bool:
        state = self.arguments["state"]
        site = self.sites.get(self.name)
        if state != "absent" and site is None:
            self._create()
        if state == "absent" and site is not None:
            if not self.check_mode:
                self.sites.remove(self.name)
            self.changed = True
        site = self.sites.get(self.name)
        if site is not None:
            self._settings(site)
            self._bindings(site)
            self._state(state)
        return self.changed

    def _folder(self, *, required: bool) -> str:
        path = self.arguments["physical_path"]
        if not path:
            if required:
                raise ModuleFailure("missing required arguments: physical_path", changed=self.changed)
            return ""
        if not self.host.files.exists(path):
            raise ModuleFailure("specified folder must already exist: physical_path", changed=self.changed)
        return str(path)

    def _create(self) -> None:
        path = self._folder(required=True)
        identity = self.arguments["site_id"]
        if not self.check_mode:
            number = None
            if identity:
                if not str(identity).isdigit():
                    raise ModuleFailure(
                        f"{RESULT} - Cannot bind parameter 'Id'. Cannot convert value \"{identity}\" to type "
                        '"System.UInt32". Error: "Input string was not in a correct format."',
                        changed=False,
                    )
                number = int(identity)
            site = self.sites.create(self.name, path, self.arguments["application_pool"] or "", number)
            for binding in site.bindings:
                self.sites.remove_binding(self.name, binding)
        self.changed = True

    def _settings(self, site: Site) -> None:
        path = self._folder(required=False)
        root = site.application()
        directory = root.directory() if root else None
        if root is None or directory is None:
            raise NotModelled(f"the site {site.name}, which has no root application")
        if path and not same(full_name(path), directory.physical_path):
            self._write(directory.element.set, "physicalPath", full_name(path))
        pool = self.arguments["application_pool"]
        if pool and not same(pool, root.pool):
            self._write(root.element.set, "applicationPool", pool)
        preload = self.arguments["preload_enabled"]
        defaults = site.effective.at("applicationDefaults")
        if preload is not None and defaults.get("preloadEnabled") != preload:
            # Asking for the element makes it, so it is asked for only where it is written.
            self._write(
                lambda name, value: site.element.at("applicationDefaults").set(name, value), "preloadEnabled", preload
            )

    def _write(self, setter: Any, name: str, value: Any) -> None:
        if not self.check_mode:
            setter(name, value)
        self.changed = True

    def _bindings(self, site: Site) -> None:
        wish = self.arguments["bindings"] or {}
        wanted, added, removed = wish.get("set"), wish.get("add"), wish.get("remove")
        if wanted is None and not added and not removed:
            return
        present = [one for one in site.bindings if one.protocol in ("http", "https")]
        known = {one.information.lower(): one for one in reversed(present)}
        users = wanted if wanted is not None else added or []
        named = {_information(one).lower() for one in (wanted if wanted is not None else removed or [])}
        to_remove = [one for one in present if (one.information.lower() in named) == (wanted is None)]
        for one in users:
            if _information(one).lower() not in known:
                self._add(one)
        for one in users:
            if _information(one).lower() in known:
                self._edit(site, present, known[_information(one).lower()], dict(one))
        for binding in to_remove:
            if not self.check_mode:
                self.sites.remove_binding(self.name, binding)
            self.changed = True

    def _add(self, wanted: Mapping[str, Any]) -> None:
        flags = self._flags(wanted)
        if not wanted["ip"] or not wanted["port"]:
            raise NotModelled("a binding without ip or port: what New-WebBinding makes of an empty one is not known")
        if not self.check_mode:
            self.sites.add_binding(self.name, wanted["protocol"], _information(wanted), flags)
            if wanted["certificate_hash"]:
                self._certificate(wanted)
        self.changed = True

    def _edit(self, site: Site, present: list[Binding], binding: Binding, wanted: dict[str, Any]) -> None:
        if wanted["use_sni"] is None:
            wanted["use_sni"] = binding.flags % 2
        if wanted["use_ccs"] is None:
            wanted["use_ccs"] = binding.flags // 2
        flags = self._flags(wanted)
        # Upstream counts among http and https only, and then writes to all bindings of the site.
        element = site.bindings[present.index(binding)].element
        if not same(binding.protocol, wanted["protocol"]):
            if self.check_mode and wanted["certificate_hash"]:
                raise NotModelled("check mode of a binding that becomes https: upstream binds the certificate of http")
            self._write(element.set, "protocol", wanted["protocol"])
        if binding.flags != flags:
            self._write(element.set, "sslFlags", flags)
        thumbprint = wanted["certificate_hash"]
        if thumbprint and not (
            same(binding.thumbprint, thumbprint) and same(binding.store, wanted["certificate_store_name"])
        ):
            # Not only outside of check mode: the flaw is upstream's.
            self._certificate(wanted)
            self.changed = True

    def _certificate(self, wanted: Mapping[str, Any]) -> None:
        thumbprint, store = wanted["certificate_hash"], wanted["certificate_store_name"]
        if not has_private_key(self.host, store, thumbprint):
            raise ConfigurationError("no_private_key")
        site = self.sites.get(self.name)
        for binding in site.bindings if site else ():
            if same(binding.information, _information(wanted)):
                self.sites.bind_certificate(binding, thumbprint, store)

    def _flags(self, wanted: Mapping[str, Any]) -> int:
        protocol, hostname, thumbprint = wanted["protocol"], wanted["hostname"], wanted["certificate_hash"]
        flags = 0
        for option, flag in (("use_sni", SNI), ("use_ccs", CENTRAL_STORE)):
            if wanted[option]:
                if protocol != "https":
                    self._fail(f"{option} can only be set for https protocol")
                if not hostname:
                    self._fail(f"must specify hostname value when {option} is set.")
                if option == "use_ccs" and thumbprint:
                    self._fail(CENTRAL)
                flags += flag
        if protocol == "https" and not wanted["use_ccs"] and not thumbprint:
            self._fail("must either specify a certificate_hash or use_ccs.")
        if thumbprint:
            if protocol != "https":
                self._fail("You can only provide a certificate thumbprint when protocol is set to https")
            store = wanted["certificate_store_name"]
            if has_private_key(self.host, store, thumbprint) is None:
                self._fail(rf"Unable to locate certificate at cert:\LocalMachine\{store}\{thumbprint}")
        return flags

    def _fail(self, message: str) -> None:
        raise ModuleFailure(message, changed=self.changed)

    def _state(self, wanted: str) -> None:
        site = self.sites.get(self.name)
        running = site is not None and site.state == STARTED
        if wanted in ("stopped", "restarted") and running:
            if not self.check_mode:
                self.sites.stop(self.name)
            self.changed = True
        stopped = site is not None and site.state == STOPPED
        if (wanted == "started" and stopped) or wanted == "restarted":
            if not self.check_mode:
                self.sites.start(self.name)
            self.changed = True


def _information(binding: Mapping[str, Any]) -> str:
    parts = (binding["ip"], binding["port"], binding["hostname"])
    return ":".join("" if part is None else str(part) for part in parts)

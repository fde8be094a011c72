# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""applicationHost.config: the configuration as XML, written and read. Passwords in it are encrypted by the host."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as Tree
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from lab.windows.not_modelled import NotModelled

from .configuration import Configuration
from .element import Element, Item
from .facts import facts
from .schema import Attribute, Schema, Value, sections

#: A configuration that is larger than this is not read.
LIMIT = 8 * 1024 * 1024


class UnreadableConfiguration(Exception):  # noqa: N818  # what IIS calls malformed
    """Text that is no configuration: no XML, a document type, too large, or a password of another host."""


class Vault:
    """Encrypts and decrypts passwords with the key of a host. The same password always gives the same text."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def hide(self, attribute: Attribute, value: str) -> str:
        sealed = self._cipher.encrypt(value.encode(), [attribute.provider.encode()]) if value else b""
        return f"[enc:{attribute.provider}:{base64.b64encode(sealed).decode()}:enc]"

    def reveal(self, attribute: Attribute, text: str) -> str:
        """The password; one that stands in the file as it is, is taken as it is.

        Raises:
            UnreadableConfiguration: It was encrypted with another key.
        """
        if not (text.startswith("[enc:") and text.endswith(":enc]")):
            return text
        sealed = text[5:-5].partition(":")[2]
        try:
            opened = self._cipher.decrypt(base64.b64decode(sealed), [attribute.provider.encode()]) if sealed else b""
        except (InvalidTag, ValueError) as error:
            raise UnreadableConfiguration("Failed to decrypt attribute 'password'") from error
        return opened.decode()


def write(configuration: Configuration, vault: Vault) -> str:
    """The text of applicationHost.config, with `\\r\\n`."""
    root = Tree.Element("configuration")
    declarations = Tree.SubElement(root, "configSections")
    for path in configuration.declared():
        said = facts()["sections"][path]
        mode = configuration.modes.get("", {}).get(path, said["mode"])
        attributes = {"overrideModeDefault": mode}
        if "definition" in said:
            attributes["allowDefinition"] = said["definition"]
        group, name = _group(declarations, path, named="sectionGroup")
        Tree.SubElement(group, "section", {"name": name, **dict(sorted(attributes.items()))})
    for path, element in sorted(configuration.locations.get("", {}).items()):
        _section(root, path, element, vault)
    for location in sorted(set(configuration.locations) | set(configuration.modes)):
        if location:
            _location(root, configuration, location, vault)
    Tree.indent(root, "    ")
    text = Tree.tostring(root, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8"?>\r\n' + text.replace("\n", "\r\n") + "\r\n"


def _location(root: Tree.Element, configuration: Configuration, location: str, vault: Vault) -> None:
    # A location tag has one mode for all that it holds, so there is one tag a mode.
    place = configuration.locations.get(location, {})
    modes = configuration.modes.get(location, {})
    for mode in ("", "Allow", "Deny"):
        paths = sorted(path for path in set(place) | set(modes) if modes.get(path, "") == mode)
        if paths:
            holder = Tree.SubElement(root, "location", {"path": location, **({"overrideMode": mode} if mode else {})})
            for path in paths:
                schema = sections(configuration.version)[path]
                _section(holder, path, place.get(path, Element(schema)), vault)


def _group(holder: Tree.Element, path: str, *, named: str = "") -> tuple[Tree.Element, str]:
    *groups, name = path.split("/")
    for group in groups:
        tag, attributes = (named, {"name": group}) if named else (group, {})
        known = [one for one in holder.findall(tag) if not named or one.get("name") == group]
        holder = known[0] if known else Tree.SubElement(holder, tag, attributes)
    return holder, name


def _section(root: Tree.Element, path: str, element: Element, vault: Vault) -> None:
    group, name = _group(root, path)
    _fill(Tree.SubElement(group, name), element, vault)


def _fill(target: Tree.Element, element: Element, vault: Vault) -> None:
    for attribute in element.schema.attributes.values():
        if attribute.name in element.values:
            text = attribute.text(element.values[attribute.name])
            target.set(attribute.name, vault.hide(attribute, text) if attribute.provider else text)
    for name, child in element.elements.items():
        if not child.empty:
            _fill(Tree.SubElement(target, name), child, vault)
    for item in element.items:
        collection = element.schema.collections[item.tag]
        tag = {"add": collection.tag, "remove": collection.remove, "clear": collection.clear}[item.do]
        _fill(Tree.SubElement(target, tag), item.element, vault)


def read(text: str, version: str, features: set[str], vault: Vault) -> Configuration:
    """The configuration that a text says.

    Raises:
        UnreadableConfiguration: It is no configuration.
        ConfigurationError: The schema does not take it.
        NotModelled: It has a section that the lab does not know.
    """
    if len(text) > LIMIT or "<!DOCTYPE" in text:
        raise UnreadableConfiguration("Configuration file is not well-formed XML")
    try:
        root = Tree.fromstring(text.encode())
    except Tree.ParseError as error:
        raise UnreadableConfiguration(f"Configuration file is not well-formed XML: {error}") from error
    if root.tag != "configuration":
        raise UnreadableConfiguration("Configuration file is not well-formed XML")
    made = Configuration(version, features)
    for child in root:
        if child.tag == "configSections":
            _declarations(made, child, "")
        elif child.tag == "location":
            _read_place(made, child, "", child.get("path", ""), vault)
        else:
            _read_group(made, child, child.tag, "", vault)
    made._tidy()
    return made


def _declarations(made: Configuration, holder: Tree.Element, prefix: str) -> None:
    for child in holder:
        path = f"{prefix}{child.get('name', '')}"
        if child.tag == "sectionGroup":
            _declarations(made, child, path + "/")
        elif path in made.declared():
            mode = child.get("overrideModeDefault", "Allow")
            if mode != facts()["sections"][path]["mode"]:
                made.set_mode(path, mode)


def _read_place(made: Configuration, holder: Tree.Element, prefix: str, location: str, vault: Vault) -> None:
    mode = holder.get("overrideMode", "Inherit")
    for child in holder:
        _read_group(made, child, f"{prefix}{child.tag}", location, vault, "" if mode == "Inherit" else mode)


def _read_group(
    made: Configuration, holder: Tree.Element, path: str, location: str, vault: Vault, mode: str = ""
) -> None:
    if path in sections(made.version):
        schema = made.schema(path)
        if mode:
            made.set_mode(path, mode, location)
        element = _element(schema, holder, vault)
        if not element.empty:
            made.locations.setdefault(location, {})[path] = element
        return
    known = any(name.startswith(path + "/") for name in sections(made.version))
    if not known:
        raise NotModelled(f"the section {path} of applicationHost.config")
    for child in holder:
        _read_group(made, child, f"{path}/{child.tag}", location, vault, mode)


def _element(schema: Schema, source: Tree.Element, vault: Vault) -> Element:
    made = Element(schema)
    for name, text in source.attrib.items():
        attribute = schema.attribute(name)
        value: Value = vault.reveal(attribute, text) if attribute.provider else attribute.convert(text)
        made.values[attribute.name] = value
    for child in source:
        item = _item(schema, child, vault)
        if item is not None:
            made.items.append(item)
        else:
            below = schema.element(child.tag)
            made.elements[below.name] = _element(below, child, vault)
    return made


def _item(schema: Schema, source: Tree.Element, vault: Vault) -> Item | None:
    steps: dict[str, Any] = {}
    for collection in schema.collections.values():
        steps = {collection.tag: "add", collection.remove: "remove", collection.clear: "clear"}
        if source.tag in steps:
            return Item(steps[source.tag], collection.tag, _element(collection.entry, source, vault))
    return None

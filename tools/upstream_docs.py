# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installed upstream collections document of their modules: options and returned keys."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.tree import COLLECTIONS


def _plugins(collection: str) -> Path:
    return COLLECTIONS / "ansible_collections" / Path(*collection.split(".")) / "plugins"


def _texts(path: Path) -> dict[str, str]:
    """The texts that a Python file assigns to names, such as DOCUMENTATION."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def _sections(module: str) -> dict[str, Any]:
    collection, _dot, name = module.rpartition(".")
    folder = _plugins(collection) / "modules"
    sidecar = folder / f"{name}.yml"
    if sidecar.exists():
        loaded = _yaml(sidecar.read_text(encoding="utf-8"))
        return {name: content for name, content in loaded.items() if content is not None}
    return {name: _yaml(text) for name, text in _texts(folder / f"{name}.py").items() if name != "EXAMPLES"}


def options(module: str) -> dict[str, Any]:
    """The documented options of a module by name, those of its own collection's fragments too."""
    documented = _sections(module)["DOCUMENTATION"]
    found: dict[str, Any] = {}
    fragments = documented.get("extends_documentation_fragment", [])
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        collection, _dot, name = fragment.rpartition(".")
        path = _plugins(collection) / "doc_fragments" / f"{name}.py"
        if collection.count(".") == 1 and path.exists():
            found.update(_yaml(_texts(path)["DOCUMENTATION"]).get("options", {}))
    return {**found, **(documented.get("options") or {})}


def returned(module: str) -> dict[str, Any]:
    """The documented keys of a module's result by name, each with `returned` and perhaps `contains`."""
    return _sections(module).get("RETURN") or {}

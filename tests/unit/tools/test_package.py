# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package: what is in it, and that its descriptions of itself agree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.tree import TOP
from tools.upstream import VERSIONS

#: What belongs to the product. Each file of the package matches one of these.
BELONGS = (
    r"(MANIFEST|FILES)\.json",
    r"README\.md|COPYING|CHANGELOG\.rst|bindep\.txt|requirements\.(txt|yml)",
    r"meta/(runtime|execution-environment)\.yml",
    r"changelogs/(config|changelog)\.yaml",
    r"docs/[a-z0-9-]+\.md|docs/requirements\.yml|docs/audit-schema\.json",
    r"docs/docsite/.+\.(yml|rst)",
    r"plugins/(action|doc_fragments|filter|lookup|modules|module_utils|plugin_utils|test)/([a-z0-9_]+/)*[a-z0-9_]+\.(py|yml|ps1)",
    r"plugins/plugin_utils/report/(static|templates)/[a-z0-9_.]+\.(css|js|j2)",
    r"roles/[a-z_]+/README\.md",
    r"roles/[a-z_]+/(defaults|files|handlers|meta|tasks|templates|vars)/([a-z0-9_]+/)*[a-z0-9_]+\.(yml|j2)",
    r"playbooks/([a-z0-9_]+/)*[a-z0-9_]+\.yml",
    r"extensions/audit/event_query\.yml",
)

#: What every package has.
NEEDED = {
    *("MANIFEST.json", "README.md", "COPYING", "CHANGELOG.rst", "bindep.txt", "requirements.txt"),
    *("meta/runtime.yml", "meta/execution-environment.yml", "docs/requirements.yml"),
    "plugins/module_utils/directory/sid.py",
}


def load(name: str) -> Any:
    return yaml.safe_load((TOP / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tarfile.TarFile:
    """The package as ansible-galaxy builds it from this checkout."""
    folder = tmp_path_factory.mktemp("package")
    galaxy = [
        str(Path(sys.executable).with_name("ansible-galaxy")),
        "collection",
        "build",
        "--output-path",
        str(folder),
    ]
    environment = {**os.environ, "ANSIBLE_HOME": str(folder / "home")}
    subprocess.run([*galaxy, str(TOP)], env=environment, check=True, capture_output=True)
    (path,) = folder.glob("*.tar.gz")
    assert path.name == f"certops-intune-{load('galaxy.yml')['version']}.tar.gz"
    return tarfile.open(path)


def test_package_holds_the_product_alone(package: tarfile.TarFile) -> None:
    files = {member.name for member in package.getmembers() if not member.isdir()}
    assert {name for name in files if not any(re.fullmatch(rule, name) for rule in BELONGS)} == set()
    assert NEEDED - files == set()


def test_package_holds_every_plugin_and_role(package: tarfile.TarFile) -> None:
    product = ["git", "ls-files", "plugins", "roles", "playbooks", "meta"]
    tracked = subprocess.run(product, cwd=TOP, check=True, capture_output=True, text=True).stdout.split()
    assert set(tracked) - set(package.getnames()) == {name for name in tracked if not (TOP / name).exists()}


def test_package_holds_plain_files(package: tarfile.TarFile) -> None:
    assert [member.name for member in package.getmembers() if not (member.isfile() or member.isdir())] == []


def test_dependencies_agree() -> None:
    dependencies: dict[str, str] = load("galaxy.yml")["dependencies"]
    listed = {entry["name"]: entry["version"] for entry in load("requirements.yml")["collections"]}
    assert listed == dependencies
    for name, floor in dependencies.items():
        lowest, tested = (tuple(map(int, text.split("."))) for text in (floor.removeprefix(">="), VERSIONS[name]))
        assert lowest <= tested, f"{name} is tested below the version asked for"


def test_pinned_versions_fulfil_the_requirements() -> None:
    def entries(name: str, operator: str) -> dict[str, tuple[int, ...]]:
        lines = (TOP / name).read_text(encoding="utf-8").splitlines()
        pairs = (line.split(operator) for line in lines if line and not line.startswith("#"))
        return {package: tuple(map(int, version.split("."))) for package, version in pairs}

    pinned = entries("tools/pins/runtime.txt", "==")
    for name, floor in entries("requirements.txt", ">=").items():
        assert pinned[name] >= floor


def test_every_module_of_the_directory_is_in_the_action_group() -> None:
    runtime = load("meta/runtime.yml")
    assert runtime["requires_ansible"] == ">=2.18.0"
    speaking = {
        path.stem
        for path in (TOP / "plugins" / "modules").iterdir()
        if path.suffix in (".py", ".yml") and "certops.intune.directory" in path.read_text(encoding="utf-8")
    }
    assert set(runtime["action_groups"]["directory"]) == speaking


def test_execution_environment_finds_its_requirements() -> None:
    builder = [str(Path(sys.executable).with_name("ansible-builder")), "introspect", str(TOP / "build" / "collections")]
    done = subprocess.run(builder, check=True, capture_output=True, text=True)
    found = yaml.safe_load(done.stdout)
    mark = "# from collection certops.intune"
    ours = {kind: [line.split()[0] for line in found[kind] if line.endswith(mark)] for kind in ("python", "system")}
    assert {"python-ldap>=3.4.4", "krb5>=0.5.1"} <= set(ours["python"])
    assert {"krb5-workstation", "libsasl2-modules-gssapi-mit"} <= set(ours["system"])


def test_setup_installs_what_bindep_names() -> None:
    lines = (TOP / "bindep.txt").read_text(encoding="utf-8").splitlines()
    named = {line.split()[0] for line in lines if "platform:dpkg" in line}
    assert named
    assert named - set((TOP / "tools" / "packages.txt").read_text(encoding="utf-8").split()) == set()

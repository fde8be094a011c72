# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium for the tests, and pages as files."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.plugin_utils.report.audit import audit_page
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report import samples

from tools.chromium import Browser

Show: t.TypeAlias = Callable[..., Browser]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests. Where there is none, they fail: make setup brings it, or says that it cannot."""
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of the samples."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name in ("small", "large", "empty", "hostile"):
        made[name] = folder / f"{name}.html"
        made[name].write_text(audit_page(getattr(samples, name)()), encoding="utf-8")
    return made


@pytest.fixture
def show(chromium: Browser, files: dict[str, Path]) -> Show:
    """Show a sample in a window of a width, in a colour scheme."""

    def show(
        name: str, *, width: int = 1280, scheme: str = "light", script: bool = True, fragment: str = ""
    ) -> Browser:
        chromium.prefer(scheme)
        chromium.resize(width)
        if script:
            chromium.open(files[name], fragment)
        else:
            chromium.without_script(files[name])
        return chromium

    return show

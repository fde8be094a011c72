# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML file that needs nothing else and asks nobody for anything.

Every value is escaped by Jinja. The only style and script that a browser will take are those of this package, by their
hashes in the page's content security policy; everything else, the network included, is forbidden to it.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import typing as t
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .text import visible

_HERE = Path(__file__).parent


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates", encoding="utf-8"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: t.Any) -> t.Any:
    """What is put into the page for O(value): text made visible, whoever wrote it; markup of the templates as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def render(template: str, context: t.Mapping[str, t.Any], *, extra: t.Sequence[str] = ()) -> str:
    """The page.

    Args:
        template: its file in the folder templates, which extends base.html.j2.
        context: what it shows.
        extra: names of further files in the folder static beside base.css and base.js.
    """
    style = _joined("base.css", *(name for name in extra if name.endswith(".css")))
    script = _joined("base.js", *(name for name in extra if name.endswith(".js")))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    page = _environment().get_template(template)
    # These files are the package's own.
    return page.render(
        **context,
        page_style=Markup(style),
        page_script=Markup(script),
        page_policy=policy,
    )


def _joined(*names: str) -> str:
    return "\n" + "\n".join((_HERE / "static" / name).read_text(encoding="utf-8").strip() for name in names) + "\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

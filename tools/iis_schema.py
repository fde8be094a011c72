# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the sections of IIS's configuration schema that the lab models out of the whole schema.

`python -m tools.iis_schema SOURCE` writes lab/windows/data/iis_schema.json. The sections are those that
lab/windows/data/iis.yml declares; the source is the schema as JSON, kept beside the checkout by its maintainers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tools.tree import TOP

SOURCE = TOP.parent / "shared" / "data" / "windows" / "iis_schema.json"
DECLARED = TOP / "lab" / "windows" / "data" / "iis.yml"
EXTRACT = TOP / "lab" / "windows" / "data" / "iis_schema.json"


def extract(source: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """The wanted sections and the origin; KeyError for one that the schema does not have."""
    head = {
        "what": source["head"]["what"],
        "origin": "an extract of IIS's own schema, made by tools/iis_schema.py; nothing in it is changed",
        "source_commit": source["head"]["source_commit"],
    }
    return {"head": head, "sections": {name: source["sections"][name] for name in sorted(wanted)}}


def text(document: dict[str, Any]) -> str:
    """One line a section, so that a change can be read."""
    sections = ",\n".join(f" {json.dumps(name)}: {json.dumps(body)}" for name, body in document["sections"].items())
    return f'{{"head": {json.dumps(document["head"])},\n"sections": {{\n{sections}\n}}}}\n'


def declared() -> list[str]:
    return list(yaml.safe_load(DECLARED.read_text(encoding="utf-8"))["sections"])


def main(arguments: list[str]) -> int:
    source = Path(arguments[0]) if arguments else SOURCE
    EXTRACT.write_text(text(extract(json.loads(source.read_text(encoding="utf-8")), declared())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

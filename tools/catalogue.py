# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirement catalogue (docs/requirements.yml) and the ways its ids are written in files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.tree import TOP

#: The documents by the prefix of their ids, in the order of the catalogue.
DOCUMENTS = {
    "SCEP": "Configure and use SCEP certificates",
    "PKCS": "Configure and use PKCS certificates",
    "DIGI": "Set up the connector for DigiCert",
    "TPCA": "Add a partner certification authority",
    "TRBL": "Troubleshoot device to NDES",
}

KINDS = ("automate", "validate", "verify", "diagnose", "knowledge", "manual")

#: "SCEP-028", or "SCEP-028..SCEP-036" for all ids from the first to the last.
MENTION = re.compile(rf"\b((?:{'|'.join(DOCUMENTS)})-\d+)(?:\.\.((?:{'|'.join(DOCUMENTS)})-\d+))?\b")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of the catalogue."""

    identity: str
    kind: str
    where: str
    title: str

    @property
    def document(self) -> str:
        """The prefix of the id."""
        return self.identity.partition("-")[0]


def load_catalogue(path: Path = TOP / "docs" / "requirements.yml") -> dict[str, Requirement]:
    """Read the catalogue. Raises ValueError for an id given twice or an unknown kind or document."""
    catalogue: dict[str, Requirement] = {}
    for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        requirement = Requirement(entry["id"], entry["kind"], entry["where"], entry["title"])
        if requirement.identity in catalogue:
            raise ValueError(f"{path.name}: {requirement.identity} is there twice")
        if requirement.kind not in KINDS or requirement.document not in DOCUMENTS:
            raise ValueError(f"{path.name}: {requirement.identity} has an unknown kind or document")
        catalogue[requirement.identity] = requirement
    return catalogue


def mentioned(text: str) -> Iterator[str]:
    """Yield the ids that a text names, ranges written out. What is no id of the catalogue is yielded as it stands.

    A range across two documents or backwards is yielded as written, so that it is found to be unknown.
    """
    for match in MENTION.finditer(text):
        first, last = match.groups()
        if last is None:
            yield first
            continue
        prefix, _, start = first.partition("-")
        other, _, end = last.partition("-")
        if prefix != other or int(start) > int(end):
            yield match.group()
            continue
        for number in range(int(start), int(end) + 1):
            yield f"{prefix}-{number:03d}"

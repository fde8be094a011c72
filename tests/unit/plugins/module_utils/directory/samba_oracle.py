# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samba's own security descriptor code, asked from tests as an outside oracle.

Run as a program by a Python that has Samba's bindings (the system's), this file answers questions: one JSON object per
line in, one per line out. Imported by tests, it starts that program once and asks it.
"""

from __future__ import annotations

import importlib
import json
import select
import subprocess
import sys
import typing as t
from pathlib import Path

PYTHON = "/usr/bin/python3"
TIMEOUT = 60.0
"""Seconds to wait for an answer; importing Samba takes about one on a busy machine."""


class SambaError(Exception):
    """Samba refused what it was asked, with its words."""


class SambaMissingError(Exception):
    """There is no Samba to ask, with the reason."""


class Samba:
    """The running oracle."""

    def __init__(self) -> None:
        if not Path(PYTHON).exists():
            raise SambaMissingError(f"there is no {PYTHON}")
        self._process = self._start()
        hello = self._answer()
        if "missing" in hello:
            self.close()
            raise SambaMissingError(f"{PYTHON} cannot import Samba's bindings: {hello['missing']}")

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PYTHON, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.communicate()

    def structure(self, data: bytes) -> dict[str, t.Any]:
        """What Samba reads out of a descriptor, SIDs as bytes in hexadecimal."""
        return t.cast("dict[str, t.Any]", self._ask(operation="structure", data=data.hex()))

    def repacked(self, data: bytes) -> bytes:
        """The descriptor as Samba writes it after reading it."""
        return bytes.fromhex(t.cast(str, self._ask(operation="repacked", data=data.hex())))

    def to_sddl(self, data: bytes, domain: str) -> str:
        """Samba's SDDL of a descriptor."""
        return t.cast(str, self._ask(operation="to_sddl", data=data.hex(), domain=domain))

    def from_sddl(self, text: str, domain: str) -> bytes:
        """The bytes of Samba's descriptor for SDDL."""
        return bytes.fromhex(t.cast(str, self._ask(operation="from_sddl", text=text, domain=domain)))

    def sid(self, text: str) -> bytes:
        """The bytes of Samba's SID for its text."""
        return bytes.fromhex(t.cast(str, self._ask(operation="sid", text=text)))

    def sid_text(self, data: bytes) -> str:
        """Samba's text for a SID's bytes."""
        return t.cast(str, self._ask(operation="sid_text", data=data.hex()))

    def _ask(self, **question: str) -> object:
        if self._process.poll() is not None:
            # Some descriptors crash Samba's code; the next question shall not suffer for it.
            self._process = self._start()
            self._answer()
        assert self._process.stdin
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise SambaError(answer["error"])
        return answer["result"]

    def _answer(self) -> dict[str, t.Any]:
        assert self._process.stdout
        ready, _, _ = select.select([self._process.stdout], [], [], TIMEOUT)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self._process.kill()
            raise RuntimeError(f"Samba's bindings gave no answer: {self._process.communicate()[1][-2000:]}")
        return t.cast("dict[str, t.Any]", json.loads(line))


def serve() -> None:
    """Answer questions until there are no more."""
    # Not import statements: whoever checks the types of this file need not have Samba.
    ndr: t.Any = importlib.import_module("samba.ndr")
    security: t.Any = importlib.import_module("samba.dcerpc.security")

    def acl(value: t.Any) -> dict[str, t.Any] | None:
        if value is None:
            return None
        return {"revision": int(value.revision), "aces": [ace(entry) for entry in value.aces]}

    def ace(value: t.Any) -> dict[str, t.Any]:
        guids: dict[str, str | None] = {"object_type": None, "inherited_object_type": None}
        if 5 <= value.type <= 8:
            if value.object.flags & security.SEC_ACE_OBJECT_TYPE_PRESENT:
                guids["object_type"] = str(value.object.type)
            if value.object.flags & security.SEC_ACE_INHERITED_OBJECT_TYPE_PRESENT:
                guids["inherited_object_type"] = str(value.object.inherited_type)
        return {
            "type": int(value.type),
            "flags": int(value.flags),
            "mask": int(value.access_mask),
            "sid": sid(value.trustee),
            **guids,
        }

    def sid(value: object) -> str | None:
        return None if value is None else ndr.ndr_pack(value).hex()

    def answer(question: dict[str, str]) -> object:
        operation = question["operation"]
        if operation == "sid":
            return ndr.ndr_pack(security.dom_sid(question["text"])).hex()
        if operation == "sid_text":
            return str(ndr.ndr_unpack(security.dom_sid, bytes.fromhex(question["data"])))
        if operation == "from_sddl":
            domain = security.dom_sid(question["domain"])
            return ndr.ndr_pack(security.descriptor.from_sddl(question["text"], domain)).hex()
        # What lies behind the last section is none of its business here.
        descriptor = ndr.ndr_unpack(security.descriptor, bytes.fromhex(question["data"]), allow_remaining=True)
        if operation == "repacked":
            return ndr.ndr_pack(descriptor).hex()
        if operation == "to_sddl":
            return descriptor.as_sddl(security.dom_sid(question["domain"]))
        return {
            "control": int(descriptor.type),
            "owner": sid(descriptor.owner_sid),
            "group": sid(descriptor.group_sid),
            "dacl": acl(descriptor.dacl),
            "sacl": acl(descriptor.sacl),
        }

    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        try:
            reply = {"result": answer(json.loads(line))}
        # Samba raises what it likes, among others RuntimeError and TypeError; the test shall see its words.
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    try:
        serve()
    except ImportError as problem:
        print(json.dumps({"missing": str(problem)}), flush=True)

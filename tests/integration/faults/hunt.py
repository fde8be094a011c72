# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search for secrets in all the forms in which they travel, in files and in the tables of processes."""

from __future__ import annotations

import base64
import contextlib
import threading
import typing as t
import urllib.parse
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def forms(secret: bytes) -> dict[str, bytes]:
    """O(secret) as it may be written; base64 as it stands wherever in a longer text it begins."""
    wide = secret.decode("latin-1").encode("utf-16-le")
    found = {
        "plain": secret,
        "UTF-16": wide,
        "URL": urllib.parse.quote_from_bytes(secret, safe="").encode(),
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "backwards": secret[::-1],
    }
    for name, octets in (("base64", secret), ("base64 of UTF-16", wide)):
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + octets)
            # The first and the last group depend on what stands beside it.
            found[f"{name}, {shift}"] = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
    return {name: text for name, text in found.items() if len(text) >= 8}


class Hunt:
    """Looks for secrets.

    Args:
        secrets: by the name that a finding has.
    """

    def __init__(self, secrets: Mapping[str, str | bytes]) -> None:
        octets = {name: secret if isinstance(secret, bytes) else secret.encode() for name, secret in secrets.items()}
        self.wanted = [(name, form, text) for name, secret in octets.items() for form, text in forms(secret).items()]

    def in_text(self, place: str, content: str | bytes) -> list[str]:
        """What of the secrets is in O(content), as lines C(place: secret (form))."""
        octets = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        return [f"{place}: {name} ({form})" for name, form, text in self.wanted if text in octets]

    def in_files(self, folder: Path) -> list[str]:
        """The same for every file below a folder, and for its name."""
        found = []
        for path in sorted(folder.rglob("*")):
            found += self.in_text(f"name of {path}", str(path))
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):
                    found += self.in_text(str(path), path.read_bytes())
        return found

    @contextlib.contextmanager
    def in_processes(self) -> Iterator[list[str]]:
        """The same for arguments and environments of all processes of the machine, as long as this lasts."""
        found: list[str] = []
        over = threading.Event()

        def watch() -> None:
            seen: set[bytes] = set()
            while not over.wait(0.005):
                for process in Path("/proc").glob("[0-9]*"):
                    for table in ("cmdline", "environ"):
                        with contextlib.suppress(OSError):
                            content = (process / table).read_bytes()
                            if content not in seen:
                                seen.add(content)
                                command = (process / "comm").read_text().strip()
                                found.extend(self.in_text(f"{table} of {command}", content))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield found
        finally:
            over.set()
            watcher.join()

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as modules meet them: paths as PowerShell takes them, who may write, names of owners, hashes, local time."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab.windows.not_modelled import NotModelled
from lab.windows.parts.files import Denied, Entry, InvalidPath, paths
from lab.windows.people import principals, profiles

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.operation import Call
    from lab.windows.people.token import Token

_PROVIDER = re.compile(r"^[A-Za-z][A-Za-z0-9]+:")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Rights to a folder in which something is to be made or removed: FILE_ADD_FILE, FILE_DELETE_CHILD.
ADD = 0x2
DELETE_CHILD = 0x40
WRITE = 0x2
#: What every server shares for its administrators.
SHARES = {"C:\\": "C$", "C:\\WINDOWS": "ADMIN$"}


def full(host: Host, token: Token, path: str) -> str:
    """A path as a full one in its normal form. What is relative begins in the profile, where WinRM starts processes.

    Raises:
        NotModelled: A path on another computer, or of another provider than the file system.
    """
    plain = path.replace("/", "\\")
    if (plain.startswith("\\\\") and not plain.startswith("\\\\?\\")) or plain.upper().startswith("\\\\?\\UNC\\"):
        raise NotModelled(f"a path on another computer: {path}")
    if _PROVIDER.match(plain):
        raise NotModelled(f"a path outside of the file system: {path}")
    if re.match(r"^[A-Za-z]:[^\\]", plain):
        raise NotModelled(f"a path relative to the current folder of a drive: {path}")
    if plain.startswith("\\") and not plain.startswith("\\\\"):
        plain = "C:" + plain
    if not paths.is_full(plain):
        plain = profiles.folder(host, token) + "\\" + plain
    try:
        return paths.normal(plain)
    except InvalidPath as error:
        raise NotModelled(str(error)) from error


def check_write(call: Call, path: str) -> None:
    """Raise Denied if the caller may not write a file, or make one where there is none."""
    host, above = call.host, paths.above(path)
    existing = host.files.get(path, follow=True)
    if existing is not None and not existing.is_folder:
        allowed = host.security.allows(call.user, "file", existing.path, WRITE, container=False)
    else:
        allowed = not above or host.security.allows(call.user, "file", _existing(host, above), ADD)
    if not allowed:
        raise Denied(path)


def _existing(host: Host, path: str) -> str:
    while not host.files.exists(path) and paths.above(path):
        path = paths.above(path)
    return path


def digest(content: bytes, algorithm: str) -> str:
    """The hash of a content; `algorithm` as the modules name it (md5, sha1, sha256, sha384, sha512)."""
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def owner(host: Host, entry: Entry) -> str:
    """Name of an entry's owner; the SID if nobody has it."""
    return principals.name_of(host, host.security.owner("file", entry.path))


def share(path: str) -> str | None:
    """Name of the share that a folder is."""
    return SHARES.get(path.upper().rstrip("\\") + ("\\" if len(path.rstrip("\\")) == 2 else ""))


def seconds(moment: datetime) -> float:
    """Seconds since 1970, as win_stat and win_find give times."""
    return (moment - EPOCH) / timedelta(seconds=1)


def from_local(host: Host, moment: datetime) -> datetime:
    """A time without zone, as a clock on the host's wall shows it, in UTC."""
    guess = moment.replace(tzinfo=UTC)
    for _ in range(2):
        offset = host.clock.local(guess).utcoffset() or timedelta()
        guess = (moment - offset).replace(tzinfo=UTC)
    return guess


def size(host: Host, path: str) -> int:
    """Bytes of all files below a folder; links are not followed."""
    return sum(entry.size for entry in host.files.tree(path) if not entry.link)


def parse_time(text: str, pattern: str) -> datetime:
    """A time after .NET's custom format (ParseExact), without zone.

    ValueError if the text is not of the format. NotModelled for what the format has beside the numbers of date and
    time and literal characters that mean themselves in every language.
    """
    known = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
    made = ""
    for part in re.findall(r"([A-Za-z])(\1*)|(.)", pattern):
        run = part[0] + part[1]
        if run in known:
            made += known[run]
        elif (run and run != "T") or part[2] in "/%\\'\"":
            raise NotModelled(f"the format {pattern} of a time")
        else:
            made += run or part[2]
    found = datetime.strptime(text, made)  # noqa: DTZ007  # a wall clock
    if found.strftime(made) != text:
        raise ValueError(text)
    return found

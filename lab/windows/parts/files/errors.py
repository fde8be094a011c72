# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with files, in .NET's words and with the HRESULT that Windows gives."""

from __future__ import annotations


class FileError(Exception):
    """An operation that failed and changed nothing. str() is the text of .NET's exception (en-US)."""

    #: HRESULT, as an unsigned number.
    code = 0x80004005


class InvalidPath(FileError):  # noqa: N818
    """No path of a file. `illegal`: it has characters that no name has."""

    code = 0x8007007B

    def __init__(self, message: str, *, illegal: bool = False) -> None:
        super().__init__(message)
        self.illegal = illegal


class NoFile(FileError):  # noqa: N818
    code = 0x80070002

    def __init__(self, path: str) -> None:
        super().__init__(f"Could not find file '{path}'.")


class NoFolder(FileError):  # noqa: N818
    """A folder on the way does not exist or is a file."""

    code = 0x80070003

    def __init__(self, path: str) -> None:
        super().__init__(f"Could not find a part of the path '{path}'.")


class NoDrive(FileError):  # noqa: N818
    code = 0x80070003

    def __init__(self, drive: str) -> None:
        letter = drive.rstrip(":")
        super().__init__(f"Cannot find drive. A drive with the name '{letter}' does not exist.")


class Denied(FileError):  # noqa: N818
    """What is read or written as a file is a folder, is read-only, or is not for who asks."""

    code = 0x80070005

    def __init__(self, path: str) -> None:
        super().__init__(f"Access to the path '{path}' is denied.")


class Occupied(FileError):  # noqa: N818
    """There is a file where a folder is to be made."""

    code = 0x800700B7

    def __init__(self, path: str) -> None:
        super().__init__(f'Cannot create "{path}" because a file or directory with the same name already exists.')


class NoSpace(FileError):  # noqa: N818
    code = 0x80070070

    def __init__(self) -> None:
        super().__init__("There is not enough space on the disk.")


class LinkLoop(FileError):  # noqa: N818
    code = 0x80070781

    def __init__(self, path: str) -> None:
        super().__init__(f"The name of the file cannot be resolved by the system: '{path}'.")

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in child processes: for the second processor, and for what must not share a process."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class ChildError(Exception):
    """The function raised, or its process was killed; the message is that of the original error."""


class Child(Generic[R]):
    """A function that runs in a copy of this process; `result` waits for it."""

    def __init__(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> None:
        reader, writer = os.pipe()
        self.name = function.__name__
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                os.close(reader)
                answer = _outcome(function, *args, **kwargs)
                with os.fdopen(writer, "wb") as file:
                    pickle.dump(answer, file)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        self._reader = reader

    def result(self) -> R:
        """What the function returned; ChildError if it raised."""
        with os.fdopen(self._reader, "rb") as file:
            content = file.read()
        os.waitpid(self._pid, 0)
        if not content:
            raise ChildError(f"{self.name}: the process was killed")
        error, value = pickle.loads(content)
        if error is not None:
            raise ChildError(error)
        returned: R = value
        return returned


def _outcome(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> tuple[str | None, R | None]:
    try:
        return None, function(*args, **kwargs)
    except Exception as error:
        traceback.print_exc()
        return " ".join(f"{type(error).__name__}: {error}".split()), None

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A seam below the collection, at python-ldap: something happens at the n-th write of a run.

No code of the collection is changed or known here, so whatever a module writes is counted.
"""

from __future__ import annotations

import typing as t

WRITES = ("add_ext", "modify_ext", "delete_ext", "rename")

#: Gets the kind of a write, its distinguished name, and the function that sends it and waits for the answer.
#: Returns whether the answer is to reach the caller; without it the caller finds what the connection gives it now.
OnWrite: t.TypeAlias = t.Callable[[str, str, t.Callable[[], None]], bool]


def install(handle: t.Any, on_write: OnWrite) -> None:
    """Put O(on_write) between the class O(handle) of python-ldap and whoever uses it from now on in this process."""
    wait = handle.result3

    def result3(self: t.Any, msgid: int, *args: t.Any, **kwargs: t.Any) -> t.Any:
        answered: dict[int, t.Any] = self.__dict__.get("_answered", {})
        return answered.pop(msgid) if msgid in answered else wait(self, msgid, *args, **kwargs)

    def write(name: str) -> t.Callable[..., int]:
        send = getattr(handle, name)

        def method(self: t.Any, dn: str, *args: t.Any, **kwargs: t.Any) -> int:
            sent: list[int] = []

            def perform() -> None:
                sent.append(send(self, dn, *args, **kwargs))
                self.__dict__.setdefault("_answered", {})[sent[0]] = wait(self, sent[0])

            if not on_write(name, dn, perform):
                self.__dict__.get("_answered", {}).clear()
            return sent[0] if sent else send(self, dn, *args, **kwargs)

        return method

    handle.result3 = result3
    for name in WRITES:
        setattr(handle, name, write(name))

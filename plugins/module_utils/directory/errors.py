# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the directory: one class, with subclasses where callers decide by the kind.

This module is private to the collection and may change in any release.
"""

# ruff: noqa: N818 - the subclasses have the names of the results in RFC 4511, by which readers know them.

from __future__ import annotations

from .causes import CAUSES


class DirectoryError(Exception):
    """Something in or on the way to the directory failed.

    Attributes:
        code: what went wrong, a key of C(causes.CAUSES) or a code of the caller's own.
        attempted: what was being done, as an infinitive clause ("read the root entry").
        target: on what: a URL or a distinguished name.
        detail: the system's own text and number, empty when there is none.
        cause: the code in plain words, as a clause; None for a caller's own code without one.
        remedy: what to do about it, as an imperative clause; None when the evidence is not specific.
    """

    def __init__(
        self,
        code: str,
        attempted: str,
        target: str,
        detail: str = "",
        remedy: str | None = None,
        *,
        cause: str | None = None,
    ) -> None:
        known = CAUSES.get(code)
        self.code = code
        self.attempted = attempted
        self.target = target
        self.detail = detail
        self.cause = cause or (known.text if known else None)
        self.remedy = remedy or (known.remedy if known else None)
        reason = self.cause or detail or code
        if self.cause and detail:
            reason = f"{self.cause} ({detail})"
        advice = f" Remedy: {self.remedy}." if self.remedy else ""
        super().__init__(f"Failed to {attempted} ({target}): {reason}.{advice}")


class Unreachable(DirectoryError):
    """No answer from the server, or none any more. Another server may do better."""


class InvalidCredentials(DirectoryError):
    """The domain refused the account: unknown, wrong password, expired, disabled, locked."""


class InsufficientRights(DirectoryError):
    """The account is known but may not do this."""


class NoSuchObject(DirectoryError):
    """The object, or the one it should lie in, does not exist."""


class AlreadyExists(DirectoryError):
    """An object of this name exists, or an attribute has the value already."""


class ConcurrentChange(DirectoryError):
    """The object no longer has the values that the change started from. Nothing was written."""


class OutcomeUnknown(DirectoryError):
    """The connection broke during a write and nobody can say whether it was made."""


_CLASSES: dict[str, type[DirectoryError]] = {
    **dict.fromkeys(
        (
            "unknown_host",
            "refused",
            "timeout",
            "unreachable",
            "connection_lost",
            "all_unreachable",
            "server_busy",
            "server_unavailable",
            "bind_required",
        ),
        Unreachable,
    ),
    **dict.fromkeys(
        (
            "wrong_password",
            "unknown_user",
            "invalid_credentials",
            "password_expired",
            "must_change_password",
            "account_locked",
            "account_disabled",
            "account_expired",
            "account_revoked",
            "logon_hours",
            "logon_workstation",
            "logon_not_granted",
            "keytab_stale",
        ),
        InvalidCredentials,
    ),
    "insufficient_rights": InsufficientRights,
    "no_such_object": NoSuchObject,
    "already_exists": AlreadyExists,
    "concurrent_change": ConcurrentChange,
    "outcome_unknown": OutcomeUnknown,
}


def error(code: str, attempted: str, target: str, detail: str = "", remedy: str | None = None) -> DirectoryError:
    """The error of the class that belongs to O(code)."""
    return _CLASSES.get(code, DirectoryError)(code, attempted, target, detail, remedy)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local users and groups.

Exported layout:

    {"users": {RID: {"name", "full_name", "description", "flags" (UserFlags of ADSI), "password_expired", "locked",
                     "expires" (ISO 8601, null for never), "home_directory", "login_script", "profile",
                     "secret": {"nt_hash" (hexadecimal, null if no password was ever set)}}},
     "groups": {KEY: {"name", "description", "members": [SID, ...]}},
     "next_rid": 1000}

The KEY of a built-in group is its SID, `S-1-5-32-544`; that of a group that was made on the host is its RID, `1001`.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spnego._ntlm_raw.crypto import ntowfv1

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

ADMINISTRATORS = "S-1-5-32-544"
USERS = "S-1-5-32-545"
FIRST_RID = 1000

# UserFlags of ADSI (ADS_USER_FLAG_ENUM)
SCRIPT = 0x1
DISABLED = 0x2
NO_PASSWORD_NEEDED = 0x20
CANNOT_CHANGE_PASSWORD = 0x40
NORMAL = 0x200
PASSWORD_NEVER_EXPIRES = 0x10000

#: The Default Domain Policy of the lab's forest, which decides about local passwords of member servers too.
MINIMUM_PASSWORD_LENGTH = 7
KINDS_OF_CHARACTERS = 3

#: ERROR_SPECIAL_ACCOUNT
BUILT_IN = "Cannot perform this operation on built-in accounts.\r\n"


class AccountError(Exception):
    """The account database refuses something; the message is Windows' own."""


class PasswordRefused(AccountError):  # noqa: N818
    """NERR_PasswordTooShort."""

    def __init__(self) -> None:
        super().__init__(
            "The password does not meet the password policy requirements. Check the minimum password length, "
            "password complexity and password history requirements.\r\n"
        )


class MemberRefused(AccountError):  # noqa: N818
    """ERROR_NO_SUCH_MEMBER or ERROR_INVALID_MEMBER."""

    UNKNOWN = "A member could not be added to or removed from the local group because the member does not exist.\r\n"
    WRONG_TYPE = "A new member could not be added to a local group because the member has the wrong account type.\r\n"


class NameTaken(AccountError):  # noqa: N818
    """Another account has the name."""


@dataclass
class User:
    """A local user. `flags` are ADSI's UserFlags."""

    rid: int
    name: str
    full_name: str = ""
    description: str = ""
    flags: int = SCRIPT | NORMAL
    password_expired: bool = False
    locked: bool = False
    expires: str | None = None
    home_directory: str = ""
    login_script: str = ""
    profile: str = ""
    nt_hash: str | None = field(default=None, repr=False)

    @property
    def disabled(self) -> bool:
        return bool(self.flags & DISABLED)

    def flag(self, mask: int, wanted: bool) -> None:
        """Set or clear a flag."""
        self.flags = self.flags | mask if wanted else self.flags & ~mask


@dataclass
class Group:
    """A local group; `members` are SIDs, of which nobody may have one any more."""

    sid: str
    name: str
    description: str = ""
    members: list[str] = field(default_factory=list)


def _data() -> dict[str, Any]:
    content: dict[str, Any] = tables.load("local_accounts")
    return content


def _text(entry: dict[str, Any], key: str, language: str) -> str:
    swedish = "swedish" if key == "name" else f"swedish_{key}"
    value: str = entry.get(swedish, entry[key]) if language == "sv-SE" else entry[key]
    return value


def nt_hash(password: str) -> bytes:
    """The NT hash of a password (MS-NLMP 3.3.1)."""
    return ntowfv1(password)


def acceptable(password: str, name: str) -> bool:
    """Whether the password policy takes a password: length, three of four kinds of characters, not the name."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    used = sum(any(character in kind for character in password) for kind in kinds)
    used += any(not (character.isascii() and character.isalnum()) for character in password)
    contains_name = len(name) > 2 and name.casefold() in password.casefold()
    return len(password) >= MINIMUM_PASSWORD_LENGTH and used >= KINDS_OF_CHARACTERS and not contains_name


class Accounts:
    """The account database of the machine. Names are compared without regard to case."""

    def __init__(self, identity: Identity) -> None:
        self.machine_sid = identity.machine_sid
        self.none_group = _text(_data()["none_group"], "name", identity.language)
        self.next_rid = FIRST_RID
        self._users: dict[int, User] = {}
        self._groups: dict[str, Group] = {}

    @classmethod
    def blank(cls, identity: Identity) -> Accounts:
        accounts = cls(identity)
        releases = ("2012r2", "2016", "2019", "2022", "2025")
        here = releases.index(identity.release)

        def known(entry: dict[str, Any]) -> bool:
            return here >= releases.index(entry.get("since", releases[0]))

        for entry in filter(known, _data()["users"]):
            texts = [_text(entry, key, identity.language) for key in ("name", "description")]
            accounts._users[entry["rid"]] = User(entry["rid"], texts[0], description=texts[1], flags=entry["flags"])
        for entry in filter(known, _data()["groups"]):
            texts = [_text(entry, key, identity.language) for key in ("name", "description")]
            members = [_member(identity, member) for member in entry.get("members", ())]
            accounts._groups[entry["sid"]] = Group(entry["sid"], texts[0], texts[1], members)
        return accounts

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Accounts:
        accounts = cls(identity)
        accounts.next_rid = state["next_rid"]
        for rid, value in state["users"].items():
            kept = {key: each for key, each in value.items() if key != "secret"}
            accounts._users[int(rid)] = User(int(rid), nt_hash=value["secret"]["nt_hash"], **kept)
        for key, value in state["groups"].items():
            sid = key if key.startswith("S-") else f"{identity.machine_sid}-{key}"
            accounts._groups[sid] = Group(sid, value["name"], value["description"], list(value["members"]))
        return accounts

    def export(self) -> Json:
        return {
            "users": {str(rid): _exported(user) for rid, user in sorted(self._users.items())},
            "groups": {
                sid.removeprefix(f"{self.machine_sid}-"): {
                    "name": group.name,
                    "description": group.description,
                    "members": list(group.members),
                }
                for sid, group in self._groups.items()
            },
            "next_rid": self.next_rid,
        }

    # Users

    def users(self) -> tuple[User, ...]:
        return tuple(self._users.values())

    def user(self, rid: int) -> User | None:
        return self._users.get(rid)

    def by_name(self, name: str) -> User | None:
        return next((user for user in self._users.values() if user.name.casefold() == name.casefold()), None)

    def by_sid(self, sid: str) -> User | None:
        return next((user for user in self._users.values() if self.sid_of(user) == sid), None)

    def sid_of(self, user: User) -> str:
        return f"{self.machine_sid}-{user.rid}"

    def add_user(self, name: str, password: str | None = None, *, enforce: bool = True) -> User:
        """Make a user that is in no group.

        Args:
            name: Its name.
            password: Its password; None for an empty one.
            enforce: Whether the password policy applies.

        Raises:
            NameTaken: There is such a user or group.
            PasswordRefused: The password policy does not take the password.
        """
        self._must_be_free(name)
        if enforce:
            self.must_accept(password or "", name)
        user = User(self._new_rid(), name, nt_hash=nt_hash(password or "").hex())
        self._users[user.rid] = user
        return user

    def add_administrator(self, name: str, password: str) -> User:
        """Make a user that is in Administrators and whose password does not expire, whatever the policy says."""
        user = self.add_user(name, password, enforce=False)
        user.flag(PASSWORD_NEVER_EXPIRES, wanted=True)
        self.add_member(ADMINISTRATORS, self.sid_of(user))
        return user

    def remove_user(self, rid: int) -> None:
        """Remove a user; local groups lose it as a member too. AccountError for a built-in one."""
        if rid < FIRST_RID:
            raise AccountError(BUILT_IN)
        user = self._users.pop(rid)
        for group in self._groups.values():
            group.members = [member for member in group.members if member != self.sid_of(user)]

    def set_password(self, rid: int, password: str) -> None:
        """Set a password; the account is not made to change it.

        Raises:
            PasswordRefused: The password policy does not take it.
        """
        user = self._users[rid]
        self.must_accept(password, user.name)
        user.nt_hash = nt_hash(password).hex()
        user.password_expired = False

    def must_accept(self, password: str, name: str) -> None:
        """Hold a password for an account against the policy. PasswordRefused if that does not take it."""
        if not acceptable(password, name):
            raise PasswordRefused

    def matches(self, rid: int, password: str) -> bool:
        """Whether a password is the user's, whatever else is with the account."""
        return self._users[rid].nt_hash == nt_hash(password).hex()

    def nt_hash(self, name: str, now: datetime | None = None) -> bytes | None:
        """The NT hash for a logon of a user that may log on; None for every other.

        Args:
            name: Of the user.
            now: The host's time, with which it is seen whether the account has expired; not looked at without.
        """
        user = self.by_name(name)
        if user is None or user.nt_hash is None or user.disabled or user.locked or user.password_expired:
            return None
        if now is not None and user.expires is not None and datetime.fromisoformat(user.expires) <= now:
            return None
        return bytes.fromhex(user.nt_hash)

    def check_password(self, name: str, password: str, now: datetime | None = None) -> bool:
        """Whether a user may log on with a password; `now` as for nt_hash."""
        return self.nt_hash(name, now) == nt_hash(password)

    # Groups

    def groups(self) -> tuple[Group, ...]:
        return tuple(self._groups.values())

    def group(self, sid: str) -> Group | None:
        return self._groups.get(sid)

    def group_by_name(self, name: str) -> Group | None:
        return next((group for group in self._groups.values() if group.name.casefold() == name.casefold()), None)

    def add_group(self, name: str, description: str = "") -> Group:
        """Make an empty group. NameTaken if there is such a user or group."""
        self._must_be_free(name)
        group = Group(f"{self.machine_sid}-{self._new_rid()}", name, description)
        self._groups[group.sid] = group
        return group

    def remove_group(self, sid: str) -> None:
        """Remove a group. AccountError for a built-in one."""
        if sid.startswith("S-1-5-32-"):
            raise AccountError(BUILT_IN)
        del self._groups[sid]

    def members(self, sid: str) -> tuple[str, ...]:
        group = self._groups.get(sid)
        return () if group is None else tuple(group.members)

    def add_member(self, group_sid: str, sid: str) -> bool:
        """Add a member; whether it was none before."""
        group = self._groups[group_sid]
        if sid in group.members:
            return False
        group.members.append(sid)
        return True

    def remove_member(self, group_sid: str, sid: str) -> bool:
        """Remove a member; whether it was one."""
        group = self._groups[group_sid]
        if sid not in group.members:
            return False
        group.members.remove(sid)
        return True

    def groups_of(self, sid: str) -> tuple[Group, ...]:
        """The groups that have a SID itself among their members."""
        return tuple(group for group in self._groups.values() if sid in group.members)

    def groups_with(self, members: Iterable[str]) -> list[str]:
        """SIDs of the local groups that anybody of `members` is in. Local groups have no local groups as members."""
        wanted = set(members)
        return [sid for sid, group in self._groups.items() if wanted.intersection(group.members)]

    def _must_be_free(self, name: str) -> None:
        if self.by_name(name) is not None:
            raise NameTaken("The account already exists.\r\n")
        if self.group_by_name(name) is not None:
            raise NameTaken("The specified local group already exists.\r\n")

    def _new_rid(self) -> int:
        self.next_rid += 1
        return self.next_rid - 1


def _exported(user: User) -> dict[str, Any]:
    value = asdict(user)
    del value["rid"]
    value["secret"] = {"nt_hash": value.pop("nt_hash")}
    return value


def _member(identity: Identity, written: str) -> str:
    """A member as the data writes it: a SID, `USER-500` or `DOMAIN-512`."""
    kind, _, rid = written.partition("-")
    bases = {"USER": identity.machine_sid, "DOMAIN": identity.domain_sid}
    return f"{bases[kind]}-{rid}" if kind in bases else written

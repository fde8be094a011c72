# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_user: local users."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lab.windows import win32
from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.host import Host
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.accounts import (
    CANNOT_CHANGE_PASSWORD,
    DISABLED,
    PASSWORD_NEVER_EXPIRES,
    AccountError,
    Group,
    User,
)
from lab.windows.people import logons, principals, sids

#: Errors of LogonUser that say that the password is right (win_user.ps1).
PASSWORD_IS_RIGHT = (0x52F, 0x530, 0x531, 0x569)

BAD_EXPIRY = (
    "Failed to parse account_expires as datetime string. "
    "Expecting datetime in yyyy-MM-dd or yyyy-MM-ddTHH:mm:ss.FFFFFFFK format."
)
EXPIRY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(\.\d{1,7})?(Z|[+-]\d\d:?\d\d)?)?")

#: Texts that are compared with regard to case, and those that are not: option and attribute.
EXACT = {"fullname": "full_name", "description": "description"}
FOLDED = {"home_directory": "home_directory", "login_script": "login_script", "profile": "profile"}
FLAGS = {
    "password_never_expires": PASSWORD_NEVER_EXPIRES,
    "user_cannot_change_password": CANNOT_CHANGE_PASSWORD,
}


@upstream(
    "ansible.windows.win_user",
    mirrors="plugins/modules/win_user.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_user.yml"),
    limits="passwords are held against the Default Domain Policy (seven characters, three kinds); no history, no age",
)
def run(call: Call) -> Result:
    arguments, host = call.arguments, call.host
    if arguments["account_locked"]:
        raise ModuleFailure("account_locked must be set to 'no' if provided", changed=False)
    expires = _expiry(arguments["account_expires"])
    name, state = arguments["name"], arguments["state"]
    user = host.accounts.by_name(name)
    diff: Result = {"before": _shown(host, user), "after": ""}
    result: Result = {"changed": False, "diff": diff}
    if state == "present":
        user = _Present(call, user, expires, result).run()
        result["state"] = "present"
    elif state == "absent":
        _absent(call, user, result)
        if not call.check_mode:
            user = None
    else:
        result["msg"] = f"Querying user '{name}'"
        result["state"] = "absent" if user is None else "present"
        diff["after"] = diff["before"]
    result["name"] = name
    if user is not None:
        result.update(_returned(host, user))
    return result


def _absent(call: Call, user: User | None, result: Result) -> None:
    result["state"] = "absent"
    if user is None:
        result["msg"] = f"User '{call.arguments['name']}' was not found"
        return
    if not call.check_mode:
        try:
            call.host.accounts.remove_user(user.rid)
        except AccountError as error:
            raise Unhandled(method_failed("Delete", 2, str(error))) from error
    result["changed"] = True
    result["msg"] = f"User '{user.name}' deleted successfully"


@dataclass
class _Present:
    """`state: present`: first everything that can fail, then the changes, all at once."""

    call: Call
    user: User | None
    expires: datetime | str | None
    result: Result

    def run(self) -> User | None:
        """Do it; the user as it is then, None where check mode made none."""
        groups = self._groups()
        created = self.user is None
        if created:
            self.result["changed"] = True
            if self.call.check_mode:
                shown = {"name": self.call.arguments["name"]}
                if self.call.arguments["password"] is not None:
                    shown["password"] = "REDACTED"
                self.result["diff"]["after"] = shown
                return None
            self.user = self._create()
        assert self.user is not None
        after = _shown(self.call.host, self.user)
        self.result["diff"]["after"] = after
        wanted = replace(self.user)
        password = self._password(after)
        changed = self._properties(wanted, after)
        add, remove = self._memberships(groups, after)
        self.result["changed"] = bool(created or password is not None or changed or add or remove)
        if not self.call.check_mode:
            self._apply(wanted, password, add, remove)
        return self.user

    def _create(self) -> User:
        try:
            return self.call.host.accounts.add_user(self.call.arguments["name"], self.call.arguments["password"])
        except AccountError as error:
            raise Unhandled(method_failed("SetInfo", 0, str(error))) from error

    def _password(self, after: Result) -> str | None:
        """The password to set, None for none."""
        password: str | None = self.call.arguments["password"]
        user, host = self.user, self.call.host
        if user is None or password is None or self.call.arguments["update_password"] != "always":
            return None
        if not user.disabled and not user.password_expired:
            code = logons.check_local(host, user, password)
            if code and code != win32.LOGON_FAILURE and code not in PASSWORD_IS_RIGHT:
                text = win32.in_ansible("LogonUser failed", code, host.identity.language)
                raise ModuleFailure(f"Failed to validate the user's credentials: {text}", changed=False)
            if code != win32.LOGON_FAILURE:
                return None
        after["password"] = "CHANGED REDACTED"
        if not self.call.check_mode:
            self._refuse_weak(password)
        return password

    def _refuse_weak(self, password: str) -> None:
        assert self.user is not None
        try:
            self.call.host.accounts.must_accept(password, self.user.name)
        except AccountError as error:
            raise Unhandled(method_failed("SetPassword", 1, str(error))) from error

    def _properties(self, wanted: User, after: Result) -> bool:
        """Change `wanted` to what the options say; whether it differs then."""
        assert self.user is not None
        arguments, user = self.call.arguments, self.user
        changed = False

        def note(option: str, value: Any) -> None:
            nonlocal changed
            changed = True
            after[option] = value

        if arguments["account_disabled"] is not None and arguments["account_disabled"] != user.disabled:
            wanted.flag(DISABLED, arguments["account_disabled"])
            note("account_disabled", arguments["account_disabled"])
        if self.expires is not None and self.expires != _expires(user):
            never = isinstance(self.expires, str)
            wanted.expires = None if isinstance(self.expires, str) else self.expires.replace(microsecond=0).isoformat()
            note("account_expires", "never" if never else _expiry_text(self.call.host, self.expires, offset=True))
        if arguments["account_locked"] is not None and arguments["account_locked"] != user.locked:
            wanted.locked = False
            note("account_locked", False)
        for option, attribute in (EXACT | FOLDED).items():
            value, current = arguments[option], getattr(user, attribute)
            same = value == current if option in EXACT else str(value).casefold() == current.casefold()
            if value is not None and not same:
                setattr(wanted, attribute, value)
                note(option, value)
        if arguments["password_expired"] is not None and arguments["password_expired"] != user.password_expired:
            wanted.password_expired = arguments["password_expired"]
            note("password_expired", arguments["password_expired"])
        for option, mask in FLAGS.items():
            if arguments[option] is not None and arguments[option] != bool(user.flags & mask):
                wanted.flag(mask, arguments[option])
                note(option, arguments[option])
        return changed

    def _groups(self) -> list[Group] | None:
        """The groups that are asked for. Not looked at, as upstream, if check mode makes no user."""
        names = self.call.arguments["groups"]
        if names is None or (self.user is None and self.call.check_mode):
            return None
        return [_group(self.call.host, name) for name in names if name.strip()]

    def _memberships(self, groups: list[Group] | None, after: Result) -> tuple[list[Group], list[Group]]:
        """The groups to be added to, and those to be removed from."""
        if groups is None or self.user is None:
            return [], []
        accounts = self.call.host.accounts
        existing = list(accounts.groups_of(accounts.sid_of(self.user)))
        action = self.call.arguments["groups_action"]
        wanted = [group for index, group in enumerate(groups) if group not in groups[:index]]
        add = [] if action == "remove" else [group for group in wanted if group not in existing]
        remove = {
            "add": [],
            "remove": [group for group in wanted if group in existing],
            "replace": [group for group in existing if group not in wanted],
        }[action]
        # What is there is shown with its domain and what comes without; so upstream takes nothing away here.
        after["groups"].extend(group.name for group in add)
        return add, remove

    def _apply(self, wanted: User, password: str | None, add: list[Group], remove: list[Group]) -> None:
        assert self.user is not None
        accounts = self.call.host.accounts
        expired = self.call.arguments["password_expired"]
        keep = self.user.nt_hash, self.user.password_expired
        vars(self.user).update(vars(wanted))
        self.user.nt_hash = keep[0]
        if password is not None:
            accounts.set_password(self.user.rid, password)
            if expired is not None and expired != keep[1]:
                self.user.password_expired = expired
        sid = accounts.sid_of(self.user)
        for group in add:
            accounts.add_member(group.sid, sid)
        for group in remove:
            accounts.remove_member(group.sid, sid)


def _group(host: Host, name: str) -> Group:
    """A local group by what NTAccount takes: `Administrators`, `BUILTIN\\Administrators`, a SID."""
    sid = sids.parsed(name)
    if sid is None:
        try:
            sid = principals.translate(host, name).sid
        except principals.NoMapping as error:
            raise ModuleFailure(f"group '{name}' not found", changed=False) from error
    group = host.accounts.group(sid)
    if group is None:
        raise ModuleFailure(f"group '{name}' not found", changed=False)
    return group


def _expiry(text: str | None) -> datetime | str | None:
    """What account_expires says: a moment, `never`, or None where it says nothing."""
    if not text:
        return None
    if text.casefold() == "never":
        return "never"
    found = EXPIRY.fullmatch(text)
    if found is None:
        raise ModuleFailure(BAD_EXPIRY, changed=False)
    day, clock, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{(fraction or '')[:7]}{zone or 'Z'}")
    except ValueError:
        raise ModuleFailure(BAD_EXPIRY, changed=False) from None
    return moment.astimezone(UTC)


def _expires(user: User) -> datetime | str:
    return "never" if user.expires is None else datetime.fromisoformat(user.expires)


def _expiry_text(host: Host, moment: datetime | str, *, offset: bool) -> str:
    """A moment in .NET's `yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK`, in the host's time zone."""
    if isinstance(moment, str):
        return moment
    local = host.clock.local(moment)
    text = local.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    zone = local.strftime("%z")
    return f"{text}{zone[:3]}:{zone[3:5]}" if offset and zone else text


def _shown(host: Host, user: User | None) -> Any:
    """The user as a diff has it; "" for none."""
    if user is None:
        return ""
    groups = host.accounts.groups_of(host.accounts.sid_of(user))
    return {
        "account_disabled": user.disabled,
        "account_expires": _expiry_text(host, _expires(user), offset=False),
        "account_locked": user.locked,
        "description": user.description,
        "fullname": user.full_name,
        "groups": [principals.name_of(host, group.sid) for group in groups],
        "home_directory": user.home_directory,
        "login_script": user.login_script,
        "name": user.name,
        "password": "REDACTED",
        "password_expired": user.password_expired,
        "password_never_expires": bool(user.flags & PASSWORD_NEVER_EXPIRES),
        "profile": user.profile,
        "user_cannot_change_password": bool(user.flags & CANNOT_CHANGE_PASSWORD),
    }


def _returned(host: Host, user: User) -> Result:
    base = f"WinNT://{host.identity.netbios_domain}/{host.identity.computer}"
    groups = host.accounts.groups_of(host.accounts.sid_of(user))
    return {
        "fullname": user.full_name,
        "path": f"{base}/{user.name}",
        "description": user.description,
        "password_expired": user.password_expired,
        "password_never_expires": bool(user.flags & PASSWORD_NEVER_EXPIRES),
        "user_cannot_change_password": bool(user.flags & CANNOT_CHANGE_PASSWORD),
        "account_disabled": user.disabled,
        "account_locked": user.locked,
        "sid": host.accounts.sid_of(user),
        "groups": [{"name": group.name, "path": f"{base}/{group.name}"} for group in groups],
    }

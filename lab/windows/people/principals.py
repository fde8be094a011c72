# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is meant by a name, what a SID is called on a host, and who somebody is after a logon.

Names are in the host's language: `BUILTIN\\Administrators` is nobody on a Swedish host. Well-known and local accounts
come from data/principals.yml and from the host; everything else is asked of the directory.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal

from lab.windows import tables
from lab.windows.exceptions import method_failed
from lab.windows.parts.accounts import MemberRefused
from lab.windows.people import sids
from lab.windows.people.directory import NoDomainController, Principal
from lab.windows.people.token import ADMINISTRATORS, SYSTEM_SID, Token

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.parts.accounts import Group, User

EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
LOCAL_SERVICE = "S-1-5-19"
NETWORK_SERVICE = "S-1-5-20"
THIS_ORGANIZATION = "S-1-5-15"
LOCAL_ACCOUNT = "S-1-5-113"
LOCAL_ADMINISTRATOR_ACCOUNT = "S-1-5-114"
LOCAL = "S-1-2-0"
CONSOLE = "S-1-2-1"
NTLM = "S-1-5-64-10"
ASSERTED_BY_AUTHORITY = "S-1-18-1"
IIS_USERS = "S-1-5-32-568"
BUILTIN = "S-1-5-32-"
SERVICE = "S-1-5-80-"
APPLICATION_POOL = "S-1-5-82-"

#: What a kind of logon adds to a token, from `whoami /groups` of such logons.
LOGON_SIDS = {
    "network": ("S-1-5-2",),
    "batch": ("S-1-5-3", CONSOLE, LOCAL),
    "interactive": ("S-1-5-4", CONSOLE, LOCAL),
    "service": ("S-1-5-6", CONSOLE, LOCAL),
}

LogonType = Literal["network", "batch", "interactive", "service"]
Package = Literal["kerberos", "ntlm"]


class NoMapping(Exception):  # noqa: N818  # the name of what Windows raises is IdentityNotMappedException
    """Nobody has this name (ERROR_NONE_MAPPED), or nobody could be asked (ERROR_TRUSTED_RELATIONSHIP_FAILURE)."""

    #: The text of .NET's IdentityNotMappedException, in English whatever the language of Windows.
    TEXT = "Some or all identity references could not be translated."
    #: What Windows says where no domain controller answers. Which of its texts it is was not verified.
    UNREACHABLE = "The trust relationship between this workstation and the primary domain failed.\r\n"

    def __init__(self, name: str, text: str = TEXT) -> None:
        super().__init__(text)
        self.name = name

    @property
    def in_powershell(self) -> str:
        """The message as PowerShell shows it where a script did not catch this kind of exception by name."""
        return method_failed("Translate", 1, str(self))


def data() -> dict[str, Any]:
    """The content of principals.yml."""
    content: dict[str, Any] = tables.load("principals")
    return content


def localised(entry: dict[str, Any], language: str, key: str = "name") -> str:
    """What an entry of the data is called in a language; one without a Swedish name has the same in both."""
    swedish = "swedish" if key == "name" else f"swedish_{key}"
    name: str = entry.get(swedish, entry[key]) if language == "sv-SE" else entry[key]
    return name


def domain_name(language: str, domain: str) -> str:
    """The name of a domain of the data, such as `nt_authority`."""
    return localised(data()["domains"][domain], language)


@functools.cache
def _well_known(language: str) -> dict[str, Principal]:
    return {
        entry["sid"]: Principal(
            entry["sid"],
            domain_name(language, entry["domain"]),
            localised(entry, language),
            entry.get("kind", "well_known"),
        )
        for entry in data()["well_known"]
    }


# Names to SIDs


def find(host: Host, name: str) -> Principal:
    """Find whoever Ansible's modules mean by a name (Convert-ToSID of Ansible.ModuleUtils.SID).

    Args:
        host: Where the name is used.
        name: A SID; or `.\\x`, `HOST\\x`, `BUILTIN\\x`, `CORP\\x`, `x@corp.example`, `x` and so on. A local user comes
            before everybody else of the same name, and a local group is found under `.\\x` and `HOST\\x` as well.

    Returns:
        The principal. A SID that nobody has is returned as `kind` "unknown", named by itself.

    Raises:
        NoMapping: Nobody has the name.
    """
    sid = sids.parsed(name)
    if sid is not None:
        return by_sid(host, sid) or Principal(sid, "", sid, "unknown")
    domain, separator, account = name.partition("\\")
    if not separator:
        local = host.accounts.by_name(name)
        return _user(host, local) if local else translate(host, name)
    if domain == ".":
        domain = host.identity.computer
    if domain.casefold() == host.identity.name.casefold():
        group = host.accounts.group_by_name(account)
        if group is not None:
            return _group(host, group)
    return translate(host, f"{domain}\\{account}")


def translate(host: Host, name: str) -> Principal:
    """Find whoever Windows means by a name (LookupAccountName; NTAccount.Translate of .NET).

    Raises:
        NoMapping: Nobody has the name.
    """
    domain, separator, account = name.rpartition("\\")
    try:
        found = _qualified(host, domain, account) if separator else _isolated(host, account)
    except NoDomainController:
        raise NoMapping(name, NoMapping.UNREACHABLE) from None
    if found is None:
        raise NoMapping(name)
    return found


def _isolated(host: Host, name: str) -> Principal | None:
    """Somebody whose domain is not said: well-known, local, of the domain, in this order."""
    if "@" not in name:
        # HOST alone is the machine's own domain, which is no account; HOST$ is the account in the directory.
        for domain in data()["domains"].values():
            found = _well_known_named(host, localised(domain, host.identity.language), name)
            if found is not None:
                return found
        local = _local_named(host, name)
        if local is not None:
            return local
    return host.directory.by_name(name)


def _qualified(host: Host, domain: str, name: str) -> Principal | None:
    folded = domain.casefold()
    language = host.identity.language
    if folded == domain_name(language, "builtin").casefold():
        group = host.accounts.group_by_name(name)
        return _group(host, group) if group is not None and group.sid.startswith(BUILTIN) else None
    if folded == host.identity.name.casefold():
        found = _local_named(host, name)
        # The built-in groups are in the domain BUILTIN, not in that of the machine.
        return None if found is not None and found.sid.startswith(BUILTIN) else found
    if folded == domain_name(language, "nt_service").casefold():
        return _well_known_named(host, domain, name) or _service(host, name)
    if folded == domain_name(language, "iis_app_pool").casefold():
        return _application_pool(host, name)
    if folded == "nt authority" and name.casefold() in _english_everywhere():
        return by_sid(host, _english_everywhere()[name.casefold()])
    return _well_known_named(host, domain, name) or host.directory.by_name(f"{domain}\\{name}")


@functools.cache
def _english_everywhere() -> dict[str, str]:
    return {name.casefold(): sid for name, sid in data()["english_everywhere"].items()}


def _well_known_named(host: Host, domain: str, name: str) -> Principal | None:
    wanted = (domain.casefold(), name.casefold())
    for principal in _well_known(host.identity.language).values():
        if (principal.domain.casefold(), principal.name.casefold()) == wanted:
            return principal
    return None


def _local_named(host: Host, name: str) -> Principal | None:
    user = host.accounts.by_name(name)
    if user is not None:
        return _user(host, user)
    group = host.accounts.group_by_name(name)
    if group is not None:
        return _group(host, group)
    none = host.accounts.none_group
    return _none_group(host) if name.casefold() == none.casefold() else None


def _service(host: Host, name: str) -> Principal | None:
    found = host.services.get(name)
    if found is None:
        return None
    language = host.identity.language
    return Principal(sids.of_service(found.name), domain_name(language, "nt_service"), found.name, "service")


def _application_pool(host: Host, name: str) -> Principal | None:
    """Any name has a SID here, whether there is such a pool or not, once IIS is installed.

    Not verified on Windows: it is said of icacls that it takes the name of a pool that was not made yet.
    """
    if not host.iis.installed:
        return None
    return Principal(
        sids.of_application_pool(name), domain_name(host.identity.language, "iis_app_pool"), name, "service"
    )


# SIDs to names


def by_sid(host: Host, sid: str) -> Principal | None:
    """Whoever has a SID (LookupAccountSid); None if nobody has it, or no domain controller answers."""
    machine = f"{host.identity.machine_sid}-"
    if sid.startswith(BUILTIN):
        return _local_group(host, sid)
    if sid.startswith(machine):
        return _local_user(host, sids.relative(sid)) or _local_group(host, sid) or _none_group(host, sid)
    known = _well_known(host.identity.language).get(sid)
    if known is not None:
        return known
    if sid.startswith(SERVICE):
        return next(
            (_service(host, each.name) for each in host.services.all() if sids.of_service(each.name) == sid), None
        )
    if sid.startswith(APPLICATION_POOL):
        return _pool_of(host, sid)
    return host.directory.by_sid(sid) if sid.startswith("S-1-5-21-") else None


def name_of(host: Host, sid: str) -> str:
    """What a SID is called, with its domain; the SID itself if nobody has it."""
    found = by_sid(host, sid)
    return sid if found is None else found.account


def _pool_of(host: Host, sid: str) -> Principal | None:
    if not host.iis.installed:
        return None
    return next(
        (
            _application_pool(host, pool.name)
            for pool in host.iis.pools.all()
            if sids.of_application_pool(pool.name) == sid
        ),
        None,
    )


def _local_user(host: Host, rid: int) -> Principal | None:
    user = host.accounts.user(rid)
    return None if user is None else _user(host, user)


def _local_group(host: Host, sid: str) -> Principal | None:
    group = host.accounts.group(sid)
    return None if group is None else _group(host, group)


def _user(host: Host, user: User) -> Principal:
    return Principal(host.accounts.sid_of(user), host.identity.computer, user.name, "user")


def _group(host: Host, group: Group) -> Principal:
    builtin = group.sid.startswith(BUILTIN)
    domain = domain_name(host.identity.language, "builtin") if builtin else host.identity.computer
    return Principal(group.sid, domain, group.name, "alias")


def _none_group(host: Host, sid: str | None = None) -> Principal | None:
    own = f"{host.identity.machine_sid}-513"
    if sid not in (None, own):
        return None
    return Principal(own, host.identity.computer, host.accounts.none_group, "group")


def must_be_possible_member(host: Host, sid: str) -> None:
    """Raise MemberRefused if a SID cannot become a member of a local group: another local group, or nobody's."""
    if host.accounts.group(sid) is not None:
        raise MemberRefused(MemberRefused.WRONG_TYPE)
    if by_sid(host, sid) is None:
        raise MemberRefused(MemberRefused.UNKNOWN)


# Logons


def token_for(
    host: Host,
    principal: Principal,
    logon_type: LogonType,
    *,
    delegates: bool = False,
    package: Package = "kerberos",
) -> Token:
    """Who a principal is on a host after a logon.

    The groups: Everyone, those of the domain (nested ones too), those that the kind of logon brings, and the local
    groups in which any of these is a member. The SIDs of the domain controllers' own BUILTIN groups are not among
    them: to be an administrator of the domain's controllers makes nobody an administrator here.

    The filter that takes the administrators' group out of the token of a local account over the network
    (LocalAccountTokenFilterPolicy) is taken as switched off, as preparing a host for Ansible switches it off.
    """
    identity = host.identity
    if principal.sid == SYSTEM_SID:
        groups = [ADMINISTRATORS, EVERYONE, AUTHENTICATED_USERS]
        return Token(SYSTEM_SID, principal.account, tuple(groups), logon_type, delegates=True)
    local = principal.sid.startswith(f"{identity.machine_sid}-")
    groups = [EVERYONE]
    if local:
        groups += [f"{identity.machine_sid}-513", LOCAL_ACCOUNT]
    elif principal.sid.startswith("S-1-5-21-"):
        groups += [sid for sid in host.directory.groups(principal.sid) if sid.startswith("S-1-5-21-")]
    elif principal.sid.startswith(APPLICATION_POOL):
        groups.append(IIS_USERS)
    groups += LOGON_SIDS[logon_type]
    groups += [AUTHENTICATED_USERS, THIS_ORGANIZATION]
    if principal.sid.startswith("S-1-5-21-"):
        groups.append(NTLM if local or package == "ntlm" else ASSERTED_BY_AUTHORITY)
    groups += host.accounts.groups_with({principal.sid, *groups})
    if local and ADMINISTRATORS in groups:
        groups.append(LOCAL_ADMINISTRATOR_ACCOUNT)
    return Token(principal.sid, principal.account, tuple(dict.fromkeys(groups)), logon_type, delegates)

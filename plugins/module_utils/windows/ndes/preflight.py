# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server can be made an NDES server: what was found, what it means, what to do. Pure.

Everything is told by number, SID, thumbprint or DNS name. What cannot be known is told so and does not refuse: V(later)
in check mode for what an earlier task would have brought, V(unknown) for what nobody told.

serves: SCEP-001, SCEP-002, SCEP-004, SCEP-005, SCEP-006, SCEP-027

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .. import numbers
from ..server import Server
from .current import Current
from .forest import AccountFacts, Forest
from .preflight_texts import FOR_THE_ACCOUNT, TEXTS

OK, FAILED, UNKNOWN, LATER = "ok", "failed", "unknown", "later"

#: DomainRole of domain controllers (Win32_ComputerSystem), from this one on.
_BACKUP_DOMAIN_CONTROLLER = 4

#: Build of Windows Server 2012 R2.
_OLDEST_BUILD = 9600


@dataclass(frozen=True)
class Surroundings:
    """What the findings are made of.

    Attributes:
        groups: SIDs of the groups of who runs the task on the server.
        secrets: Whether the wish has passwords, which the domain can be asked about.
        passwords: What the domain said of passwords that were tried: why it refused, by account.
        tried: Whether passwords were tried at all.
        providers: Whether the server has the cryptographic service providers that were looked for, by name.
    """

    server: Server
    current: Current
    forest: Forest
    groups: frozenset[str]
    feature_state: str | None
    allowed: frozenset[str] = frozenset()
    check_mode: bool = False
    secrets: bool = False
    passwords: t.Mapping[str, str] = field(default_factory=dict)
    tried: bool = False
    providers: t.Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One finding. O(cause) and O(fix) stand only with what failed."""

    id: str
    status: str
    evidence: str
    cause: str | None = None
    fix: str | None = None


def findings(found: Surroundings) -> tuple[Finding, ...]:
    """All findings, in the order of V(TEXTS)."""
    made = {
        "domain_member": _domain_member(found.server),
        "same_forest": _same_forest(found.server, found.forest),
        "supported_release": _release(found.server),
        "not_a_domain_controller": _not_a_domain_controller(found.server),
        "not_the_authority": _not_the_authority(found.server, found.forest),
        "desktop_experience": _desktop(found.server),
        "feature_installed": _feature(found),
        "site_present": _site(found),
        "chain_trusted": _chain(found),
        "caller_rights": _caller(found.server),
        "installer_rights": _installer(found),
        "no_pending_reboot": _reboot(found),
        "providers_present": _providers(found),
        "account_usable": _account(found.forest.account),
        "account_unprivileged": _unprivileged(found.forest.account),
        "account_password": _password(found),
        "built_in_templates": _templates(found.forest),
    }
    return tuple(_finding(name, *made[name]) for name in TEXTS)


def refusal(found: t.Sequence[Finding], allowed: t.Collection[str], *, configures: bool) -> str | None:
    """Why nothing may be changed, all reasons in one message; None when nothing stands against it.

    Args:
        configures: Whether the role service is to be configured, or only its account changed.
    """
    failed = [
        one for one in found
        if one.status == FAILED and one.id not in allowed and (configures or one.id in FOR_THE_ACCOUNT)
    ]  # fmt: skip
    if not failed:
        return None
    told = " ".join(f"{one.id}: {one.evidence}; {one.cause}. Remedy: {one.fix}." for one in failed)
    return f"The server cannot be made an NDES server as it is, and nothing was changed. {told}"


def warnings(found: t.Sequence[Finding], allowed: t.Collection[str]) -> list[str]:
    """What to say about findings that refuse and were accepted."""
    return [
        f"{one.id} was accepted: {one.evidence}; {one.cause}."
        for one in found
        if one.status == FAILED and one.id in allowed
    ]


_Answer: t.TypeAlias = tuple[str, str]


def _finding(name: str, status: str, evidence: str) -> Finding:
    if status != FAILED:
        return Finding(name, status, evidence)
    return Finding(name, status, evidence, TEXTS[name].cause, TEXTS[name].fix)


def _domain_member(server: Server) -> _Answer:
    if server.domain_member:
        return OK, f"{server.computer_name} is a member of {server.domain}"
    return FAILED, f"{server.computer_name} is in no domain"


def _same_forest(server: Server, forest: Forest) -> _Answer:
    if not server.domain:
        return FAILED, "the server is in no domain"
    known = forest.domains
    if not known:
        return UNKNOWN, "the directory did not tell the domains of the forest"
    if server.domain.casefold() not in {name.casefold() for name in known}:
        return FAILED, f"{server.domain} is none of the domains of the forest: {', '.join(known)}"
    if server.domain.casefold() == forest.bound.casefold() and forest.domain_sid and server.domain_sid:
        if server.domain_sid != forest.domain_sid:
            return FAILED, f"{server.domain} has the SID {server.domain_sid}, and the forest's has {forest.domain_sid}"
        return OK, f"{server.domain} ({server.domain_sid}) is a domain of the forest"
    return OK, f"{server.domain} is a domain of the forest by its name"


def _release(server: Server) -> _Answer:
    if server.product_type == numbers.WORKSTATION:
        return FAILED, f"ProductType is {server.product_type}, a workstation"
    return OK if server.build >= _OLDEST_BUILD else FAILED, f"the build is {server.build}"


def _not_a_domain_controller(server: Server) -> _Answer:
    status = FAILED if server.domain_role >= _BACKUP_DOMAIN_CONTROLLER else OK
    return status, f"DomainRole is {server.domain_role}"


def _not_the_authority(server: Server, forest: Forest) -> _Answer:
    host = forest.authority.host
    same = host.casefold() in (server.fqdn.casefold(), server.host_name.casefold())
    return FAILED if same else OK, f"the authority's host is {host}, and this is {server.fqdn}"


def _desktop(server: Server) -> _Answer:
    if server.desktop_experience is None:
        return UNKNOWN, f"InstallationType is {server.installation_type}"
    return OK if server.desktop_experience else FAILED, f"InstallationType is {server.installation_type}"


def _feature(found: Surroundings) -> _Answer:
    if found.current.feature:
        return OK, "ADCS-Device-Enrollment is installed"
    status = found.feature_state or "unknown to the server"
    return LATER if found.check_mode else FAILED, f"ADCS-Device-Enrollment is {status}"


def _site(found: Surroundings) -> _Answer:
    iis = found.current.iis
    if iis is None:
        return LATER if found.check_mode else FAILED, "IIS is not installed"
    if iis.site is None:
        return FAILED, "IIS has no site with the number 1"
    name, path = iis.site.name, found.current.path
    if not path:
        return FAILED, f"'{name}' has no folder"
    if "%" in path:
        return UNKNOWN, f"the folder of '{name}' is {path}, with a variable that was not resolved"
    return OK if found.current.path_exists else FAILED, (
        f"'{name}' is the site with the number 1, and its folder {path} "
        + ("is there" if found.current.path_exists else "is missing")
    )


def _chain(found: Surroundings) -> _Answer:
    root = found.forest.authority.root
    if root is None:
        return UNKNOWN, "the directory does not hold the root certificate of the authority"
    if root.upper() in found.current.roots:
        return OK, f"the store Root has {root}"
    return FAILED, f"the store Root does not have {root}, the root of '{found.forest.authority.config}'"


def _caller(server: Server) -> _Answer:
    if server.caller_is_administrator:
        return OK, "who runs this acts as an administrator of the server"
    return FAILED, "who runs this does not act as an administrator of the server"


def _installer(found: Surroundings) -> _Answer:
    wanted = found.forest.enterprise_admins
    if wanted is None:
        return UNKNOWN, "the directory does not tell the SID of the root domain"
    installer = found.forest.installer
    if installer is not None:
        if installer.expected or installer.groups is None:
            return UNKNOWN, f"the directory does not tell the groups of {installer.name}"
        member = wanted in installer.groups
        return (OK if member else FAILED), f"{installer.name} is {'' if member else 'not '}in {wanted}"
    if wanted in found.groups:
        return OK, f"who runs this is in {wanted}; whether the logon can be handed on to the authority is not known"
    return FAILED, f"who runs this is not in {wanted}, and installer_username is not given"


def _reboot(found: Surroundings) -> _Answer:
    reasons = found.server.reboot_reasons
    if not reasons:
        return OK, "no restart is pending"
    return LATER if found.check_mode else FAILED, f"a restart is pending ({', '.join(reasons)})"


def _providers(found: Surroundings) -> _Answer:
    missing = [name for name, there in found.providers.items() if not there]
    if missing:
        return FAILED, f"the server has no cryptographic service provider {' and no '.join(map(repr, missing))}"
    return OK, "the server has the cryptographic service providers"


def _judged(account: AccountFacts | None, wrong: str | None, right: str) -> _Answer:
    """What O(wrong) says is wrong with an account, or that it is O(right); neither where there is none to judge."""
    if account is None:
        return OK, "the pool runs as itself"
    if account.expected:
        return LATER, f"{account.name} does not exist yet"
    if account.problems is None:
        return UNKNOWN, f"the directory that was asked does not hold {account.name}"
    return (FAILED, f"{account.name} {wrong}") if wrong else (OK, f"{account.name} {right}")


def _account(account: AccountFacts | None) -> _Answer:
    return _judged(account, ", ".join((account.problems if account else None) or ()), "can log on")


def _unprivileged(account: AccountFacts | None) -> _Answer:
    return _judged(account, account.power if account else None, "has no rights of administration in the forest")


def _password(found: Surroundings) -> _Answer:
    if found.passwords:
        return FAILED, "; ".join(f"{name}: {reason}" for name, reason in sorted(found.passwords.items()))
    if not found.secrets:
        return OK, "no password is given"
    if not found.tried:
        return (LATER if found.check_mode else UNKNOWN), "no password was tried"
    return OK, "the domain took the passwords"


def _templates(forest: Forest) -> _Answer:
    if forest.missing_templates:
        return FAILED, f"the forest has no {', '.join(forest.missing_templates)}"
    unpublished = forest.authority.unpublished
    if unpublished:
        return OK, f"the set-up will publish {', '.join(unpublished)}"
    return OK, f"'{forest.authority.config}' issues all three"

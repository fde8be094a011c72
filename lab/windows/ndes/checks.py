# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the set-up looks at before it writes anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.authority import Caller, LogonRefused, NetworkIdentity
from lab.windows.ndes.facts import facts
from lab.windows.ndes.failures import failure, logon_failure, no_cmdlet
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.accounts import nt_hash
from lab.windows.people import principals
from lab.windows.people.logons import REFUSED
from lab.windows.people.token import SYSTEM_SID
from lab.windows.win32 import LOGON_FAILURE

if TYPE_CHECKING:
    from lab.authority.enterprise import Service
    from lab.windows.host import Host
    from lab.windows.ndes.request import InstallRequest
    from lab.windows.people.directory import Principal
    from lab.windows.people.token import Token


@dataclass(frozen=True)
class Account:
    """As whom the pool runs.

    Attributes:
        sid: Of the account, or of the pool itself.
        network_sid: Of the account as whom it goes to the network.
        name: `CORP\\svc-ndes`; "" for the pool itself.
        password: Its password.
    """

    sid: str
    network_sid: str
    name: str = ""
    password: str = ""


@dataclass(frozen=True)
class Checked:
    """What was found: who acts towards directory and CA, the CA, the account of the pool."""

    caller: Caller
    service: Service
    account: Account


def require_role(host: Host, user: Token, cmdlet: str) -> None:
    """What both cmdlets need: their module, the role service, an administrator."""
    if not host.features.is_installed(facts()["role"]):
        raise no_cmdlet(cmdlet)
    if not host.features.is_installed(facts()["role_service"]):
        raise failure(host, "not_installed")
    if not user.is_administrator:
        raise failure(host, "denied")


def is_configured(host: Host) -> bool:
    """Whether an earlier set-up left something that has to go first."""
    status = facts()["status"]
    value = host.registry.get(status["key"], status["value"])
    return host.registry.key_exists(facts()["mscep"]) or (value is not None and value.data == status["after"])


def check(host: Host, user: Token, request: InstallRequest) -> Checked:
    """Check a request.

    Raises:
        ScriptError: What is asked for cannot be.
        Unreachable, NoDomainController: Somebody who was asked does not answer.
    """
    require_role(host, user, facts()["cmdlet"])
    if is_configured(host):
        raise failure(host, "configured")
    _providers(host, request)
    if not request.ca_config:
        if host.identity.role == "certification_authority":
            raise NotModelled("the set-up of NDES on the host of a CA without -CAConfig")
        raise failure(host, "no_authority")
    caller = log_on(host, user, request.credential)
    service = caller.service(request.ca_config)
    if service is None:
        raise failure(host, "unknown_authority")
    if not caller.authority_answers:
        raise failure(host, "authority_gone")
    return Checked(caller, service, _account(host, request, service))


def log_on(host: Host, user: Token, credential: tuple[str, str] | None) -> Caller:
    """Prove to the domain who acts: whom the credential names, or else the caller.

    A logon over the network that nothing was delegated to cannot prove itself further (the "double hop").
    """
    identity = NetworkIdentity(*credential) if credential else user.network
    if identity is None and user.sid == SYSTEM_SID:
        identity = host.enterprise.computer(host.identity.name)
    if identity is None:
        raise failure(host, "denied")
    try:
        return host.enterprise.log_on(identity)
    except LogonRefused as refusal:
        raise logon_failure(host, refusal.code) from refusal


def _providers(host: Host, request: InstallRequest) -> None:
    lengths = facts()["key_lengths"]
    for purpose in ("signing", "encryption"):
        name, length = request.provider(purpose), request.key_length(purpose)
        if _among(name, facts()["key_storage_providers"]):
            raise failure(host, "provider_type")
        if not _among(name, facts()["providers"]):
            raise failure(host, "provider")
        if not lengths["least"] <= length <= lengths["most"] or length % lengths["step"]:
            raise failure(host, "key_length")


def _among(name: str, known: list[str]) -> bool:
    return name.casefold() in {one.casefold() for one in known}


def _account(host: Host, request: InstallRequest, service: Service) -> Account:
    if request.application_pool_identity:
        if service.host.casefold() == host.identity.fqdn.casefold():
            raise failure(host, "pool_identity_here")
        pool = principals.find(host, f"IIS AppPool\\{facts()['iis']['pool']}")
        computer = host.directory.by_name(f"{host.identity.computer}$")
        return Account(pool.sid, computer.sid if computer else "")
    if request.service_account is None:
        raise NotModelled("the set-up of NDES with neither an account nor the identity of the pool")
    return _service_account(host, request.service_account, request.service_account_password or "")


def _service_account(host: Host, name: str, password: str) -> Account:
    try:
        principal = principals.find(host, name)
    except principals.NoMapping:
        raise logon_failure(host, LOGON_FAILURE) from None
    if principal.sid.startswith(f"{host.identity.machine_sid}-"):
        raise NotModelled("NDES with an account of the host itself")
    _check_password(host, principal, password)
    # Groups of the domain may be members of the local group, too.
    mine = {principal.sid, *host.directory.groups(principal.sid)}
    if principals.IIS_USERS not in host.accounts.groups_with(mine):
        raise failure(host, "not_a_member")
    return Account(principal.sid, principal.sid, principal.account, password)


def _check_password(host: Host, principal: Principal, password: str) -> None:
    logon = host.directory.logon(principal.account)
    if logon is None or logon.nt_hash != nt_hash(password):
        raise logon_failure(host, LOGON_FAILURE)
    if logon.refused:
        raise logon_failure(host, REFUSED[logon.refused])

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NDES as the module returns it, and what changed in the words of its options. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .. import mscep
from . import sids, web_server
from .current import CONFIGURED, Current
from .drift import Drift
from .plan import GROUP_MANAGED, POOL, Account, Configure, Grant, Join, Revoke, Run, Step, Wanted
from .ra_certificates import RaCertificate


def ndes(current: Current, drift: t.Sequence[Drift] = ()) -> dict[str, t.Any]:
    """The return value C(ndes)."""
    iis = current.iis or web_server.WebServer()
    return {
        "state": current.state,
        "half": list(current.half),
        "ca_config": current.ca_config,
        "account": _account(current),
        "registration_authority_certificates": [_certificate(one) for one in current.certificates],
        "drift": [dataclasses.asdict(one) for one in drift],
        "site": None if iis.site is None else _site(iis.site, current),
        "pool": None if iis.pool is None else {**dataclasses.asdict(iis.pool), "state": current.pool_state},
        "applications": [dataclasses.asdict(one) for one in iis.applications],
        "iis_backups": list(current.backups),
        "iis_installed": current.iis is not None,
        "iis_ready": current.iis_ready,
    }


def _account(current: Current) -> dict[str, t.Any] | None:
    pool = current.pool
    if pool is None:
        return None
    return {"identity_type": pool.identity_type, "name": current.identity or None, "sid": current.identity_sid}


def _certificate(one: RaCertificate) -> dict[str, t.Any]:
    return {
        "thumbprint": one.thumbprint,
        "purpose": one.purpose,
        "template": one.template,
        "subject": one.subject,
        "issuer": one.issuer,
        "provider": one.provider,
        "provider_kind": one.provider_kind,
        "key_length": one.key_length,
        "not_after": one.not_after.isoformat(),
    }


def _site(site: web_server.Site, current: Current) -> dict[str, t.Any]:
    return {
        "id": site.id,
        "name": site.name,
        "physical_path": current.path or site.physical_path,
        "exists": current.path_exists,
        "bindings": [dict(one) for one in site.bindings],
    }


def difference(current: Current, wanted: Wanted, steps: t.Sequence[Step]) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """What O(steps) change, before and after; both empty when there are none."""
    if any(isinstance(step, Configure) for step in steps):
        return {"state": current.state}, {"state": CONFIGURED, **_options(wanted)}
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    for step in steps:
        if isinstance(step, Run):
            before |= _identity(current)
            after |= _run_by(step.account)
        elif isinstance(step, Join):
            before["group_members"] = {sids.IIS_USERS: sorted(current.members or ())}
            after["group_members"] = {sids.IIS_USERS: sorted({*(current.members or ()), *filter(None, [step.sid])})}
        elif isinstance(step, Grant | Revoke):
            readers = _readers(current, step.thumbprint)
            before.setdefault("private_key_readers", {}).setdefault(step.thumbprint, readers)
            now = set(after.setdefault("private_key_readers", {}).get(step.thumbprint, readers))
            now = now | {step.sid} if isinstance(step, Grant) else now - {step.sid}
            after["private_key_readers"][step.thumbprint] = sorted(now)
    return before, after


def removal(current: Current, steps: t.Sequence[Step]) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """What is taken away, before and after; both empty when nothing is."""
    if not steps:
        return {}, {}
    return {"state": current.state, "certification_authority": current.ca_config, **_identity(current)}, {
        "state": "not_configured" if current.feature else current.state
    }


def left_behind(current: Current) -> str | None:
    """What a removal does not take with it, for a warning; None when nothing is left."""
    if not current.certificates:
        return None
    shown = ", ".join(one.thumbprint for one in current.certificates)
    return (
        f"Certificates of the registration authority stay with their keys in LocalMachine\\My: {shown}. Feature, "
        "service account and templates stay too. Revoke and delete the certificates when nobody needs them any more."
    )


def _options(wanted: Wanted) -> dict[str, t.Any]:
    keys = {
        f"{purpose}_{name}": value
        for purpose, key in wanted.keys.items()
        for name, value in (("provider", key.provider), ("key_length", key.length))
    }
    return {
        "certification_authority": wanted.ca_config,
        **_run_by(wanted.account),
        "registration_authority": dict(wanted.subject),
        **keys,
    }


def _identity(current: Current) -> dict[str, t.Any]:
    if current.identity == "":
        return {"application_pool_identity": True}
    return {"service_account": current.identity}


def _run_by(account: Account) -> dict[str, t.Any]:
    return {"application_pool_identity": True} if account.kind == POOL else {"service_account": account.name}


def _readers(current: Current, thumbprint: str) -> list[str]:
    found = next((one for one in current.certificates if one.thumbprint == thumbprint), None)
    return sorted(sid for sid in (found.rights or {}) if found.readable_by(sid)) if found else []


def spelled(account: Account) -> dict[str, str]:
    """Attributes of the pool, as microsoft.iis.web_app_pool names them, with which it runs as O(account).

    A user's password is not among them. That of a managed account is empty: Windows fetches it.
    """
    if account.kind == POOL:
        return {"processModel.identityType": web_server.POOL_IDENTITY}
    attributes = {"processModel.identityType": web_server.SPECIFIC_USER, "processModel.userName": account.name}
    return {**attributes, "processModel.password": ""} if account.kind == GROUP_MANAGED else attributes


#: The pool that all this is about.
POOL_NAME = mscep.POOL

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for NDES: its steps in every state, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import plan
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.current import (
    CONFIGURED,
    HALF_CONFIGURED,
    Current,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.drift import drift
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.plan import (
    Configure,
    Grant,
    HalfConfigured,
    Join,
    RemoveApplication,
    RemoveCertificate,
    RemoveKey,
    RemovePool,
    ResetStatus,
    Revoke,
    Run,
    SetPassword,
    Uninstall,
    absent,
    present,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.wish import Key
from hypothesis import given
from hypothesis import strategies as st

from .samples import (
    BLANK,
    CONFIG,
    ITSELF,
    MANAGED,
    OTHER,
    POOL_SID,
    READY,
    USER,
    certificate,
    configured,
    pool,
    wanted,
    without,
)

S, E = certificate("signing").thumbprint, certificate("encryption").thumbprint


@pytest.mark.requirement("SCEP-054", "SCEP-056", "SCEP-057")
@pytest.mark.parametrize("current, wish, steps", [
    # The user's account is in the group before the set-up.
    (READY, wanted(USER), (Join(USER.sid), Configure(USER.name))),
    (replace(READY, members=frozenset({str(USER.sid)})), wanted(USER), (Configure(USER.name),)),
    (replace(READY, members=None), wanted(USER), (Join(USER.sid), Configure(USER.name))),
    (BLANK, wanted(USER), (Join(USER.sid), Configure(USER.name))),
    (BLANK, wanted(replace(USER, sid=None)), (Join(None), Configure(USER.name))),
    # A managed account is not given to the set-up.
    (READY, wanted(MANAGED), (Configure(),)),
    (READY, wanted(ITSELF), (Configure(),)),
    # There is nothing to do.
    (configured(USER), wanted(USER), ()),
    (configured(USER), wanted(USER, has_password=False), ()),
    (configured(MANAGED), wanted(MANAGED), ()),
    (configured(ITSELF), wanted(ITSELF), ()),
    # The set-up was made for the managed account, and what follows was not.
    (configured(ITSELF), wanted(MANAGED), (
        Join(MANAGED.sid), Grant(S, str(MANAGED.sid)), Revoke(S, POOL_SID), Grant(E, str(MANAGED.sid)),
        Revoke(E, POOL_SID), Run(MANAGED))),
    # Parts of that were.
    (configured(MANAGED, members=frozenset()), wanted(MANAGED), (Join(MANAGED.sid),)),
    (configured(MANAGED, certificates=(
        certificate("signing", 1, str(MANAGED.sid), POOL_SID), certificate("encryption", 1))), wanted(MANAGED),
     (Revoke(S, POOL_SID), Grant(E, str(MANAGED.sid)))),
    # Another account.
    (configured(USER), wanted(OTHER), (
        Join(OTHER.sid), Grant(S, str(OTHER.sid)), Revoke(S, str(USER.sid)), Grant(E, str(OTHER.sid)),
        Revoke(E, str(USER.sid)), Run(OTHER))),
    (configured(USER), wanted(ITSELF), (
        Grant(S, POOL_SID), Revoke(S, str(USER.sid)), Grant(E, POOL_SID), Revoke(E, str(USER.sid)), Run(ITSELF))),
    # Rights that are not told, as those of a CNG key, are left alone.
    (configured(USER, certificates=(certificate("signing", 1, rights=None), certificate("encryption", 1, rights=None))),
     wanted(OTHER), (Join(OTHER.sid), Run(OTHER))),
    # Whoever may write to the key loses all of it.
    (configured(USER, certificates=(
        certificate("signing", 1, str(USER.sid), rights={str(USER.sid): 0x80120089, POOL_SID: 0xD01F01FF}),
        certificate("encryption", 1, str(USER.sid)))), wanted(USER), (Revoke(S, POOL_SID, whole=True),)),
    # The password again.
    (configured(USER), wanted(USER, update_password=True), (SetPassword(),)),
    (configured(USER), wanted(USER, update_password=True, has_password=False), ()),
    (configured(MANAGED), wanted(MANAGED, update_password=True), ()),
    # Only the certificates that are in use count.
    (configured(USER, certificates=(*configured(USER).certificates, certificate("signing", 9, issuer="Other CA"))),
     wanted(USER), ()),
])  # fmt: skip
def test_present(current: Current, wish: plan.Wanted, steps: tuple[plan.Step, ...]) -> None:
    assert present(current, wish) == steps


@pytest.mark.parametrize("current, steps", [
    (READY, ()),
    (BLANK, ()),
    (replace(READY, certificates=configured().certificates), ()),
    (configured(USER), (Uninstall(),)),
    # An earlier removal was ended before it was done.
    (replace(READY, key=True, status=1), (RemoveKey(),)),
    (replace(BLANK, key=True), (RemoveKey(),)),
])  # fmt: skip
def test_absent(current: Current, steps: tuple[plan.Step, ...]) -> None:
    assert absent(current, repair=False) == steps


HALVES = {
    "certificates": configured(certificates=()),
    "one certificate": configured(certificates=(certificate("signing"),)),
    "a certificate without its key": configured(certificates=(
        certificate("signing"), certificate("encryption", provider=None, provider_kind=None))),
    "certificates of another authority": configured(certificates=(
        certificate("signing", issuer="Other"), certificate("encryption", issuer="Other"))),
    "status": configured(status=1),
    "application": without(configured(), mscep.APPLICATION),
    "applications": without(configured(), mscep.APPLICATION, mscep.ADMIN_APPLICATION),
    "pool": without(configured(), "pool"),
    "key": configured(key=False, ca_config=None),
    "authority": configured(ca_config=None),
    "only the status": replace(READY, status=2),
    "IIS": configured(iis=None),
}  # fmt: skip


@pytest.mark.parametrize("name", HALVES)
def test_half_configured_is_left_alone_unless_repair_is_wished(name: str) -> None:
    current = HALVES[name]
    assert current.state == HALF_CONFIGURED
    with pytest.raises(HalfConfigured, match="repair: true") as caught:
        present(current, wanted())
    assert all(reason in str(caught.value) for reason in current.half)
    with pytest.raises(HalfConfigured):
        absent(current, repair=False)
    steps = present(current, wanted(repair=True))
    # Its certificates go first: Windows takes the key by which they are known.
    certificates = tuple(RemoveCertificate(one.thumbprint) for one in current.own)
    assert steps[: len(certificates) + 1] == (*certificates, Uninstall(tolerated=True))
    assert steps[-1] == Configure(USER.name)
    assert absent(current, repair=True) == tuple(step for step in steps if not isinstance(step, Join | Configure))


def test_what_a_repair_takes_away() -> None:
    current = configured(
        status=1,
        certificates=(
            certificate("signing", 3, built_in=False, template="1.2.3"),
            certificate("signing", 2, issuer="Other CA"),
            *configured().certificates,
        ),
    )
    assert present(current, wanted(repair=True)) == (
        RemoveCertificate(S),
        RemoveCertificate(E),
        Uninstall(tolerated=True),
        RemoveApplication("Default Web Site", mscep.APPLICATION),
        RemoveApplication("Default Web Site", mscep.ADMIN_APPLICATION),
        RemovePool("SCEP"),
        RemoveKey(),
        Configure(USER.name),
    )


@pytest.mark.parametrize("current, reasons", [
    (HALVES["certificates"], ["for signing", "for encryption"]),
    (HALVES["one certificate"], ["for encryption"]),
    (HALVES["status"], ["ConfigurationStatus is 1 and not 2"]),
    (HALVES["application"], ["no application CertSrv/mscep, and CertSrv/mscep_admin is there"]),
    (HALVES["applications"], ["no application CertSrv/mscep."]),
    (HALVES["pool"], ["no pool SCEP"]),
    (HALVES["key"], ["no key HKLM"]),
    (HALVES["authority"], ["which authority"]),
])  # fmt: skip
def test_the_reasons_are_told(current: Current, reasons: list[str]) -> None:
    assert len(current.half) == len(reasons)
    for told, reason in zip(current.half, reasons, strict=True):
        assert reason in told


@pytest.mark.parametrize("current", [
    without(configured(), mscep.ADMIN_APPLICATION),
    configured(status=None),
    configured(certificates=(
        *configured().certificates, certificate("signing", 5, provider=None, provider_kind=None))),
    configured(ITSELF),
])  # fmt: skip
def test_what_is_not_half_configured(current: Current) -> None:
    assert (current.state, current.half) == (CONFIGURED, ())


def test_a_password_is_needed_where_one_is_used() -> None:
    with pytest.raises(OptionError, match="service_account_password: is needed to configure the role service"):
        present(READY, wanted(USER, has_password=False))
    with pytest.raises(OptionError, match="service_account_password: is needed to let the pool run as"):
        present(configured(ITSELF), wanted(USER, has_password=False))


def test_an_identity_that_nobody_knows_is_compared_by_name() -> None:
    unknown = configured(USER).identified(None)
    assert present(unknown, wanted(USER)) == ()
    assert Run(OTHER) in present(unknown, wanted(OTHER))
    without_pool = replace(unknown, iis=replace(unknown.iis, pool=None)) if unknown.iis else unknown
    assert not plan.is_run_by(without_pool, USER)


@pytest.mark.requirement("SCEP-058", "SCEP-059")
@pytest.mark.parametrize("changes, options", [
    ({"ca_config": r"ca2.corp.example\Other"}, ["certification_authority"]),
    ({"ca_config": CONFIG.upper()}, []),
    ({"subject": {"name": "NDES1-MSCEP-RA"}}, []),
    ({"subject": {"name": "RA", "city": "Lund"}}, ["registration_authority.name", "registration_authority.city"]),
    ({"keys": {"signing": Key(length=4096), "encryption": Key("Other CSP")}},
     ["signing_key_length", "encryption_provider"]),
])  # fmt: skip
def test_what_is_written_once_is_reported_and_never_written(changes: dict[str, Any], options: list[str]) -> None:
    wish = wanted(USER, **changes)
    assert [one.option for one in drift(configured(USER), wish)] == options
    assert present(configured(USER), wish) == ()
    assert drift(READY, wish) == ()
    assert drift(configured(status=1), wish) == ()


def test_the_provider_of_a_cng_key_is_not_known() -> None:
    current = configured(certificates=(
        certificate("signing", provider=None, provider_kind="ksp"), certificate("encryption")))  # fmt: skip
    [found] = drift(current, wanted())
    assert (found.option, found.current) == ("signing_provider", None)


# What holds for every plan. `after` makes a step on the value, as the modules and the cmdlet make it on a server.


def after(current: Current, wish: plan.Wanted, step: plan.Step) -> Current:
    assert current.iis is not None
    iis = current.iis
    match step:
        case Uninstall():
            emptied = without(current, mscep.APPLICATION, mscep.ADMIN_APPLICATION, "pool")
            # What Windows finds too little of, it leaves.
            return current if step.tolerated else replace(emptied, key=False, ca_config=None, status=1)
        case RemoveCertificate():
            return replace(
                current, certificates=tuple(one for one in current.certificates if one.thumbprint != step.thumbprint)
            )
        case RemoveApplication():
            return without(current, step.name)
        case RemovePool():
            return without(current, "pool")
        case RemoveKey():
            return replace(current, key=False, ca_config=None)
        case ResetStatus():
            return replace(current, status=step.value)
        case Join():
            return replace(current, members=frozenset({*(current.members or ()), step.sid or ""}))
        case Configure():
            account = wish.account if step.account else ITSELF
            # The cmdlet refuses a server that has these.
            assert not current.key
            assert current.status != mscep.CONFIGURED
            assert account.kind == plan.POOL or account.sid in (current.members or ())
            # New certificates, newer than those that are there.
            number = 2 + len(current.certificates)
            pair = (
                certificate("signing", number, account.sid or POOL_SID),
                certificate("encryption", number, account.sid or POOL_SID),
            )
            made = configured(account, certificates=(*pair, *current.certificates))
            return replace(made, members=current.members)
        case Grant() | Revoke():
            changed = []
            for one in current.certificates:
                rights = dict(one.rights or {})
                if one.thumbprint == step.thumbprint and isinstance(step, Grant):
                    rights[step.sid] = 0x80120089
                elif one.thumbprint == step.thumbprint:
                    del rights[step.sid]
                changed.append(replace(one, rights=rights))
            return replace(current, certificates=tuple(changed))
        case Run():
            return replace(current, iis=replace(iis, pool=pool(step.account))).identified(step.account.sid)
        case SetPassword():
            return current


ACCOUNTS = st.sampled_from([USER, OTHER, MANAGED, ITSELF])
STARTS = st.one_of(
    st.just(READY),
    ACCOUNTS.map(configured),
    st.sampled_from([current for current in HALVES.values() if current.iis is not None]),
    ACCOUNTS.map(lambda account: configured(account, members=None)),
)


def brought(current: Current, wish: plan.Wanted, stop: int) -> tuple[Current, bool]:
    """The server after a run that ends after O(stop) steps, and whether it came to its end."""
    made = 0
    for _round in range(2):
        steps = present(current, wish)
        for step in steps:
            if made == stop:
                return current, False
            current = after(current, wish, step)
            made += 1
        if not plan.configures(steps):
            break
    return current, True


@given(STARTS, ACCOUNTS, st.integers(0, 20))
def test_a_run_that_is_ended_anywhere_and_made_again_ends_the_same(
    start: Current, account: plan.Account, stop: int
) -> None:
    wish = wanted(account, has_password=True, repair=True)
    current, _done = brought(start, wish, stop)
    current, done = brought(current, wish, 100)
    assert done
    assert current.state == CONFIGURED
    assert plan.is_run_by(current, account)
    assert all(one.readable_by(str(account.sid)) for one in current.pair)
    others = {USER.sid, OTHER.sid, MANAGED.sid, POOL_SID} - {account.sid}
    assert not any(one.readable_by(str(sid)) for one in current.pair for sid in others)
    assert account.kind == plan.POOL or account.sid in (current.members or ())
    assert drift(current, wish) == ()
    assert present(current, wish) == ()


@given(STARTS, st.booleans())
def test_what_is_taken_away_stays_away(start: Current, repair: bool) -> None:
    try:
        steps = absent(start, repair=repair)
    except HalfConfigured:
        assert not repair
        return
    current = start
    for step in steps:
        current = after(current, wanted(), step)
    assert current.state == "not_configured"
    assert absent(current, repair=False) == ()
    if start.state == CONFIGURED:
        assert current.certificates == start.certificates


@given(STARTS, ACCOUNTS)
def test_nothing_but_a_repair_touches_a_half_configured_server(start: Current, account: plan.Account) -> None:
    if start.half:
        with pytest.raises(HalfConfigured):
            present(start, wanted(account, has_password=True))

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and wishes for the tests, as other tools and other years may have left them."""

from __future__ import annotations

import typing as t

from ansible_collections.certops.intune.plugins.module_utils.accounts import account as accounts
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import Account
from ansible_collections.certops.intune.plugins.module_utils.accounts.plan import Edit, Wish
from ansible_collections.certops.intune.plugins.module_utils.accounts.readers import with_readers
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import NEVER
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import strategies as st

DOMAIN = Sid.parse("S-1-5-21-1-2-3")
USERS = DOMAIN.child(513)
DN = "CN=svc,CN=Users,DC=corp,DC=example"
GROUPS = [DOMAIN.child(rid) for rid in (1201, 1202, 1203)]
HOSTS = [DOMAIN.child(rid) for rid in (1301, 1302)]

words = st.one_of(
    st.sets(st.integers(0, 30), max_size=6).map(lambda bits: sum(1 << bit for bit in bits)), st.integers(0, 2**31 - 1)
)
moments = st.sampled_from([0, NEVER, 130_000_000_000_000_000, 140_000_000_000_000_000])
texts = st.sampled_from(["", "x", "Ünïcode", "*)(cn=*"])


def readers(sids: t.Iterable[Sid]) -> bytes | None:
    return with_readers(None, frozenset(sids))


def accounts_of(kind: str) -> st.SearchStrategy[Account]:
    return st.builds(
        Account,
        dn=st.just(DN),
        sid=st.just(DOMAIN.child(1104)),
        name=st.just("svc"),
        kind=st.just(kind),
        control=words,
        texts=st.dictionaries(st.sampled_from(accounts.TEXTS), texts.filter(bool)),
        expires=moments,
        locked=st.booleans(),
        lockout_time=st.sampled_from([0, 5]),
        password_expired=st.booleans(),
        password_last_set=st.sampled_from([0, 130_000_000_000_000_000]),
        encryption_types=words,
        managed_password_interval=st.just(30 if kind == accounts.GROUP_MANAGED else None),
        readers=st.lists(st.sampled_from(HOSTS), max_size=2).map(readers)
        if kind == accounts.GROUP_MANAGED
        else st.none(),
        groups=st.frozensets(st.sampled_from(GROUPS)),
        primary_group=st.just(USERS),
    )


def edits(values: t.Sequence[t.Any]) -> st.SearchStrategy[Edit[t.Any] | None]:
    some = st.none() | st.frozensets(st.sampled_from(values))
    return st.none() | st.builds(Edit, add=some, remove=some, set=some).filter(
        lambda edit: (
            not (edit.add or frozenset()) & (edit.remove or frozenset()) and not (edit.set is not None and edit.remove)
        )
    )


def wishes(kind: str) -> st.SearchStrategy[Wish]:
    managed = kind == accounts.GROUP_MANAGED
    options = ["display_name", "description", "user_principal_name", *(["dns_host_name"] if managed else [])]
    flags = ["enabled", "sensitive", *([] if managed else ["password_never_expires"])]
    return st.builds(
        Wish,
        name=st.just("svc"),
        kind=st.just(kind),
        texts=st.dictionaries(st.sampled_from(options), texts),
        flags=st.dictionaries(st.sampled_from(flags), st.booleans()),
        has_password=st.just(False) if managed else st.booleans(),
        update_password=st.booleans(),
        expires=st.none() | moments,
        unlocked=st.booleans(),
        encryption_types=edits(list(accounts.ENCRYPTION_TYPES)),
        groups=edits(GROUPS),
        readers=edits(HOSTS) if managed else st.none(),
        interval=st.none() | st.just(30) if managed else st.none(),
    )

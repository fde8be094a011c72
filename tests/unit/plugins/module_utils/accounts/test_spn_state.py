# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may hold service principal names, and what a domain controller's refusal of one means."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import spn_state
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_search import Holder
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_state import bring_about, decode_target
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError, error
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import Modify, Step
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Session

from .strategies import DN, DOMAIN

USER = [b"top", b"person", b"organizationalPerson", b"user"]


def entry(classes: list[bytes], **attributes: list[bytes]) -> Entry:
    return Entry(
        DN,
        {
            "objectClass": classes,
            "objectSid": [DOMAIN.child(1104).to_bytes()],
            "sAMAccountName": [b"svc"],
            **attributes,
        },
    )


@pytest.mark.parametrize(
    ("classes", "attributes", "refused"),
    [
        (USER, {"primaryGroupID": [b"513"]}, None),
        (
            USER,
            {"adminCount": [b"1"]},
            "has adminCount 1, so it is or was a member of a protected group, and whoever asks",
        ),
        (USER, {"tokenGroups": [DOMAIN.child(512).to_bytes()]}, "is a member of Domain Admins, and whoever asks"),
        ([*USER, b"computer"], {"primaryGroupID": [b"515"]}, None),
        # A managed account's password cannot be guessed, nor a computer's.
        ([*USER, b"computer"], {"tokenGroups": [DOMAIN.child(517).to_bytes()]}, None),
        ([*USER, b"computer"], {"primaryGroupID": [b"516"]}, "is a domain controller"),
        ([*USER, b"computer"], {"primaryGroupID": [b"521"]}, "is a domain controller"),
        ([*USER, b"computer", b"msDS-GroupManagedServiceAccount"], {"primaryGroupID": [b"515"]}, None),
    ],
)
def test_who_may_hold_names(classes: list[bytes], attributes: dict[str, list[bytes]], refused: str | None) -> None:
    target = decode_target(entry(classes, **attributes), "svc")
    assert (target.refused or "").startswith(refused or "")
    assert bool(target.refused) is bool(refused)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (entry([b"top", b"group"]), "group"),
        (entry([b"top", b"person", b"organizationalPerson", b"contact"]), "contact"),
        (Entry(DN, {"objectClass": [b"top", b"user"]}), "user"),
    ],
)
def test_what_holds_no_names(found: Entry, kind: str) -> None:
    with pytest.raises(
        OptionError, match=f"^name: 'x' is a {kind}; only users, computers and managed accounts hold such"
    ):
        decode_target(found, "x")


class Forest:
    """A session with one account; others have what they are given."""

    class root_dse:  # noqa: N801 - an attribute of sessions
        default_naming_context = "DC=corp,DC=example"
        root_domain_naming_context = default_naming_context
        configuration_naming_context = f"CN=Configuration,{default_naming_context}"
        domain_sid = root_domain_sid = DOMAIN

    def __init__(self, names: list[bytes]) -> None:
        self.names = names

    def read(self, dn: str, _attributes: t.Any) -> Entry | None:
        return entry(USER, servicePrincipalName=self.names) if dn.startswith("<SID=") else None


def carry_out(
    monkeypatch: pytest.MonkeyPatch,
    names: list[bytes],
    others: list[Holder],
    failure: DirectoryError | None,
    **edit: t.Any,
) -> list[Step]:
    """The steps of an edit of the account of that SID, which end with O(failure)."""
    done: list[Step] = []

    def apply(_session: t.Any, steps: list[Step], **_options: t.Any) -> None:
        done.extend(steps)
        if failure is not None:
            raise failure

    monkeypatch.setattr(spn_state, "apply", apply)
    monkeypatch.setattr(spn_state, "holders", lambda *_given: others)
    bring_about(t.cast(Session, Forest(names)), str(DOMAIN.child(1104)), edit, (), write=True)
    return done


@pytest.mark.requirement("SCEP-055")
@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("constraint_violation", "0000202F: samldb: spn[http/x] would cause a conflict, LDAP result 19"),
        ("not_unique", "000021C7: SvcErr: DSID-031A0BF4, LDAP result 19"),
    ],
)
def test_a_refusal_by_the_domain_controller(monkeypatch: pytest.MonkeyPatch, code: str, detail: str) -> None:
    with pytest.raises(DirectoryError, match=re.escape(detail)) as caught:
        carry_out(monkeypatch, [], [], error(code, "change servicePrincipalName", DN, detail), add=["http/x"])
    assert caught.value.code == "not_unique"
    assert "find the object that has it (setspn -Q)" in str(caught.value)
    computer = Holder("CN=X,DC=corp", "X$", ("HOST/x",))
    with pytest.raises(
        DirectoryError, match=r"connect as a domain administrator: with the updates of November 2021 \(KB5"
    ):
        carry_out(monkeypatch, [], [computer], error(code, "change", DN, detail), add=["http/x"])


def test_other_failures_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = error("insufficient_rights", "change servicePrincipalName", DN)
    with pytest.raises(DirectoryError) as caught:
        carry_out(monkeypatch, [], [], failure, add=["http/x"])
    assert caught.value is failure


def test_names_are_written_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (step,) = carry_out(monkeypatch, [b"HTTP/a", b"http/b"], [], None, add=["http/c"], remove=["http/A"])
    assert step.operation == Modify(
        DN,
        (Change("delete", "servicePrincipalName", (b"HTTP/a",)), Change("add", "servicePrincipalName", (b"http/c",))),
    )


def test_the_end_of_a_duplicate_is_written_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Holder("CN=Other,DC=corp", "other", ("http/a",))
    (step,) = carry_out(monkeypatch, [b"HTTP/a", b"http/b"], [other], None, remove=["http/A"])
    assert step.operation == Modify(
        DN,
        (Change("replace", "servicePrincipalName", (b"http/b",)),),
        expected={"servicePrincipalName": (b"HTTP/a", b"http/b")},
    )


def test_nothing_to_do_is_nothing_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert carry_out(monkeypatch, [b"HTTP/a"], [], None, set=["http/a"]) == []

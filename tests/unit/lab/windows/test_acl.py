# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control: inheritance, rules added and removed as .NET does, SDDL, and who may do what."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.parts.security import Securities, generic
from lab.windows.people.token import Token
from lab.windows.security import access_rights, acl, sddl, securables
from lab.windows.security.acl import (
    CONTAINER_INHERIT,
    INHERIT_ONLY,
    INHERITED,
    NO_PROPAGATE,
    OBJECT_INHERIT,
    Ace,
    Unrepresentable,
)
from tests.unit.lab.windows.hosts import ADMINISTRATOR, USER, host, identity, run

ALICE, BOB = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"
BOTH = CONTAINER_INHERIT | OBJECT_INHERIT
FULL = 0x1F01FF
FLAGS = [inherit | more for inherit in (1, 2, 3) for more in (0, NO_PROPAGATE, INHERIT_ONLY)] + [0]
SIDS = st.sampled_from([ALICE, BOB, acl.CREATOR_OWNER, "S-1-5-32-545"])
MASKS = st.sampled_from([0x1, 0x2, 0x120089, 0x1F01FF, acl.GENERIC_ALL, acl.GENERIC_READ | acl.GENERIC_EXECUTE])
ACES = st.builds(Ace, SIDS, MASKS, st.booleans(), st.sampled_from(FLAGS))
LISTS = st.lists(ACES, max_size=5)


@pytest.mark.parametrize(
    ("flags", "folder", "file"),
    [
        (0, None, None),
        (OBJECT_INHERIT, OBJECT_INHERIT | INHERIT_ONLY, 0),
        (CONTAINER_INHERIT, CONTAINER_INHERIT, None),
        (BOTH, BOTH, 0),
        (BOTH | INHERIT_ONLY, BOTH, 0),
        (BOTH | NO_PROPAGATE, 0, 0),
        (OBJECT_INHERIT | NO_PROPAGATE, None, 0),
        (CONTAINER_INHERIT | NO_PROPAGATE | INHERIT_ONLY, 0, None),
    ],
)
def test_inherit(flags: int, folder: int | None, file: int | None) -> None:
    """The table of MS-DTYP 2.5.3.4.1 for entries without generic rights."""
    for container, expected in ((True, folder), (False, file)):
        found = acl.inherit([Ace(ALICE, 1, True, flags)], container=container, owner=BOB, mapping=generic("file"))
        assert found == (() if expected is None else (Ace(ALICE, 1, True, expected | INHERITED),))


def test_what_is_made_concrete_is_passed_on_as_it_was() -> None:
    given_ = [Ace(acl.CREATOR_OWNER, acl.GENERIC_ALL, True, BOTH | INHERIT_ONLY)]
    onward = Ace(acl.CREATOR_OWNER, acl.GENERIC_ALL, True, BOTH | INHERIT_ONLY | INHERITED)
    here = Ace(BOB, FULL, True, INHERITED)
    found = acl.inherit(given_, container=True, owner=BOB, mapping=generic("file"))
    assert found == (here, onward)
    assert acl.inherit(given_, container=False, owner=BOB, mapping=generic("file")) == (here,)


@given(LISTS, st.booleans())
def test_inherited_entries_say_nothing_new(aces: list[Ace], container: bool) -> None:
    mapping = generic("file")
    found = acl.inherit(aces, container=container, owner=BOB, mapping=mapping)
    for ace in found:
        assert ace.inherited
        assert container or not ace.flags & ~INHERITED
        assert not (ace.effective and ace.mask & acl.GENERIC)
        assert ace.sid != acl.CREATOR_OWNER or not ace.effective
        assert any(
            ace.allow == above.allow and acl.mapped(above.mask, mapping) == acl.mapped(ace.mask, mapping)
            for above in aces
        )


@given(LISTS, ACES)
def test_a_rule_that_is_added_holds_and_is_in_order(aces: list[Ace], rule: Ace) -> None:
    before = acl.canonical(aces)
    after = acl.add(before, rule)
    assert [ace.allow for ace in after] == sorted(ace.allow for ace in after)
    for place in acl._reach(rule.flags):
        held = 0
        for ace in after:
            if ace.sid == rule.sid and ace.allow == rule.allow and place in acl._reach(ace.flags):
                held |= ace.mask
        assert held & rule.mask == rule.mask


@given(LISTS, ACES)
def test_a_rule_that_is_removed_holds_nowhere(aces: list[Ace], rule: Ace) -> None:
    try:
        after = acl.remove(acl.canonical(aces), rule)
    except Unrepresentable:
        return
    for ace in after:
        if (ace.sid, ace.allow) == (rule.sid, rule.allow):
            assert not (acl._reach(ace.flags) & acl._reach(rule.flags) and ace.mask & rule.mask)
    others = [ace for ace in acl.canonical(aces) if (ace.sid, ace.allow) != (rule.sid, rule.allow)]
    assert [ace for ace in after if (ace.sid, ace.allow) != (rule.sid, rule.allow)] == others


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Ace(ALICE, 2, True, BOTH), (Ace(ALICE, 3, True, BOTH),)),
        (Ace(ALICE, 1, True, 0), (Ace(ALICE, 1, True, BOTH),)),
        (Ace(ALICE, 2, True, 0), (Ace(ALICE, 1, True, BOTH), Ace(ALICE, 2, True, 0))),
        (Ace(ALICE, 2, False, 0), (Ace(ALICE, 2, False, 0), Ace(ALICE, 1, True, BOTH))),
        (Ace(BOB, 1, True, BOTH), (Ace(ALICE, 1, True, BOTH), Ace(BOB, 1, True, BOTH))),
    ],
)
def test_add(rule: Ace, expected: tuple[Ace, ...]) -> None:
    assert acl.add([Ace(ALICE, 1, True, BOTH)], rule) == expected


@pytest.mark.parametrize(
    "text",
    [
        "D:",
        "O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)(D;;CCDC;;;S-1-5-21-1-2-3-1001)",
        "O:SYG:BAD:P(A;CI;KR;;;AC)(A;CIIO;GA;;;CO)",
        "O:BAD:AI(A;OICIID;FA;;;SY)",
    ],
)
def test_sddl_is_written_as_it_was_read(text: str) -> None:
    assert str(sddl.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "X", "D:(A;;FA;;;DA)", "D:(A;;FA;;SY)", "D:(OA;;CR;;;SY)", "D:(A;XX;FA;;;SY)", "D:(A;;ZZ;;;SY)", "D:AR"],
)
def test_sddl_that_is_none_is_refused(text: str) -> None:
    if text == "":
        assert sddl.parse(text).aces == ()
        return
    with pytest.raises(sddl.InvalidSddl):
        sddl.parse(text)


@given(LISTS, st.booleans(), st.booleans())
def test_sddl_keeps_everything(aces: list[Ace], protected: bool, automatic: bool) -> None:
    told = sddl.Descriptor(BOB, "S-1-5-18", tuple(aces), protected, automatic)
    assert sddl.parse(str(told)) == told


def test_bytes_of_a_descriptor() -> None:
    """Against the layout of MS-DTYP 2.4.6, worked out by hand."""
    found = sddl.parse("O:BAG:BAD:(A;;0x200;;;AU)").to_bytes()
    sid = "01020000000000052000000020020000"
    ace = "0000" + "1400" + "00020000" + "01010000000000050b000000"
    head = "01000480" + "30000000" + "40000000" + "00000000" + "14000000"
    assert found.hex() == head + "02001c0001000000" + ace + sid + sid


def security() -> Securities:
    return Securities.blank(identity())


@given(st.lists(st.tuples(st.sampled_from(["C:\\a", "C:\\a\\b", "C:\\a\\b\\c"]), LISTS, st.booleans()), max_size=4))
def test_a_child_has_its_own_entries_and_those_from_above(changes: list[tuple[str, list[Ace], bool]]) -> None:
    model = security()
    for path, aces, protected in changes:
        model.set_dacl("file", path, aces, protected=protected)
    for path, above in (("C:\\a\\b", "C:\\a"), ("C:\\a\\b\\c", "C:\\a\\b")):
        dacl = model.dacl("file", path)
        own = model.explicit("file", path)
        assert dacl[: len(own)] == own
        assert not any(ace.inherited for ace in own)
        inherited = dacl[len(own) :]
        if model.protected("file", path):
            assert not inherited
        else:
            expected = acl.inherit(
                model.dacl("file", above), container=True, owner="S-1-5-32-544", mapping=generic("file")
            )
            assert inherited == expected
    assert Securities.restore(identity(), model.export()).export() == model.export()


@pytest.mark.parametrize(
    ("token", "path", "mask", "allowed"),
    [
        (USER, "C:\\Windows", 0x1, False),
        (replace(USER, groups=("S-1-5-32-545",)), "C:\\Windows", 0x1, True),
        (replace(USER, groups=("S-1-5-32-545",)), "C:\\Windows", 0x2, False),
        (replace(USER, groups=("S-1-5-32-545",)), "C:\\new", 0x4, True),
        (ADMINISTRATOR, "C:\\Windows", 0x2, True),
        (ADMINISTRATOR, "C:\\Windows", 0x40000, False),
        (ADMINISTRATOR, "C:\\Windows\\new", 0x40000, True),
        (ADMINISTRATOR, "C:\\Windows\\new", acl.GENERIC_ALL, True),
    ],
)
def test_allows(token: Token, path: str, mask: int, allowed: bool) -> None:
    assert security().allows(token, "file", path, mask) is allowed


def test_a_denial_comes_before_what_is_allowed() -> None:
    model = security()
    model.set_dacl("file", "C:\\a", [Ace(USER.sid, FULL), Ace(USER.sid, 0x2, allow=False)], protected=True)
    assert model.allows(USER, "file", "C:\\a", 0x1)
    assert not model.allows(USER, "file", "C:\\a", 0x3)


def test_who_made_a_thing_may_change_its_rights() -> None:
    model = security()
    model.set_dacl("file", "C:\\a", [], protected=True)
    model.created("file", "C:\\a", USER)
    assert model.allows(USER, "file", "C:\\a", 0x40000)
    assert not model.allows(USER, "file", "C:\\a", 0x1)
    model.set_owner("file", "C:\\a", ALICE)
    assert not model.allows(USER, "file", "C:\\a", 0x40000)


@pytest.mark.parametrize(
    ("kind", "text", "allow", "expected"),
    [
        ("file", "Read", True, 0x120089),
        ("file", "readandexecute,write", True, 0x1201BF),
        ("file", "FullControl", True, FULL),
        ("file", "FullControl", False, FULL),
        ("file", "Modify", False, 0x301BF),
        ("file", "Modify, Synchronize", False, 0x301BF),
        ("file", "FullC", True, FULL),
        ("file", "1", True, 0x100001),
        ("registry", "ReadKey", True, 0x20019),
        ("key_container", "Read", True, 0x80120089),
    ],
)
def test_rights_by_name(kind: str, text: str, allow: bool, expected: int) -> None:
    assert access_rights.mask(kind, text, allow=allow) == expected


def certificate(target: Host) -> str:
    """A certificate with a key in LocalMachine\\My; its thumbprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "case")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = made.public_bytes(serialization.Encoding.DER)
    return target.certificates.add_machine_certificate(der, encoded).thumbprint


def test_the_private_key_of_a_certificate() -> None:
    target = host()
    path = f"Cert:\\LocalMachine\\My\\{certificate(target)}"
    (container,) = target.certificates.containers()
    service = Token("S-1-5-20", "NT AUTHORITY\\NETWORK SERVICE")
    arguments = {"path": path, "user": "NETWORK SERVICE", "rights": "Read", "type": "allow"}
    assert not securables.may_use_key(target, service, container.name)
    assert securables.may_use_key(target, ADMINISTRATOR, container.name)
    before = target.export()
    assert run(target, "ansible.windows.win_acl", {**arguments, "_ansible_check_mode": True})["changed"]
    assert target.export() == before
    assert run(target, "ansible.windows.win_acl", arguments) == {"changed": True}
    assert run(target, "ansible.windows.win_acl", arguments) == {"changed": False}
    assert securables.may_use_key(target, service, container.name)
    assert securables.may_use_key(target, ADMINISTRATOR, container.name)
    restored = Host(Identity(**target.identity.as_json()), None, target.export())
    assert securables.may_use_key(restored, service, container.name)
    assert run(target, "ansible.windows.win_acl", {**arguments, "state": "absent"}) == {"changed": True}
    assert not securables.may_use_key(target, service, container.name)


def test_a_certificate_without_a_key() -> None:
    target = host()
    thumbprint = certificate(target)
    (container,) = target.certificates.containers()
    target.certificates.remove_key(container.name)
    arguments = {"path": f"Cert:\\LocalMachine\\My\\{thumbprint}", "user": "Users", "rights": "Read", "type": "allow"}
    result = run(target, "ansible.windows.win_acl", arguments)
    assert result["failed"]
    assert "Cannot find the certificate and private key for decryption" in result["msg"]

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of plans: names, revisions, security, what is refused, and that a plan that was carried out is fulfilled."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.creation import Origin
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.plan import (
    Wish,
    check_names,
    is_built_in,
    plan_change,
    plan_new,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import (
    Template,
    changed_attributes,
    decode,
    encode,
    security_changed,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Control,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls, forest, strategies, wishes
from hypothesis import given, settings
from hypothesis import strategies as st

Options: t.TypeAlias = dict[str, t.Any]

READ_BY_NDES: Options = {"rights": {"add": [{"principal": "NDES", "rights": ["read"]}]}}


def own(source: str = "User", **attributes: t.Any) -> Template:
    """A template that is no built-in one."""
    return replace(forest.create({}, source), oid=f"{forest.OID_ROOT}.6616009.14891906", **attributes)


def secured(sddl: str) -> SecurityDescriptor:
    for name, sid in forest.SIDS.items():
        sddl = sddl.replace(f";{name})", f";{sid})")
    return from_sddl(sddl, forest.DOMAIN, forest.DOMAIN)


@pytest.mark.parametrize(
    ("name", "display_name"),
    [
        ("WebServer", None),
        ("Copy of Web Server", "Copy of Web Server"),
        ("x" * 64, "y" * 256),
        ("Önskad mall", "Önskad mall"),
        ("テンプレート", "テンプレート: 新規"),
        ("*)(cn=*".replace("=", "-"), "*)(cn=*"),
        ("C#", 'C#, F# <and> "friends"; a=b/c\\d'),
        ("#1", "#1"),
        ("a'b&c|d!e~f@g$h%i^j`k{l}m[n]o?p:q.r-s_t", None),
        ("😀" * 32, "😀" * 128),
    ],
)
def test_names_that_a_template_can_have(name: str, display_name: str | None) -> None:
    check_names(name, display_name)


@pytest.mark.parametrize(
    ("name", "display_name", "message"),
    [
        ("", None, "name: '' is empty or begins or ends with a blank"),
        (" X", None, "name: ' X' is empty or begins or ends with a blank"),
        ("X\t", None, "name: 'X\t' is empty or begins or ends with a blank"),
        ("X", "", "display_name: '' is empty or begins or ends with a blank"),
        ("X", "Web Server ", "display_name: 'Web Server ' is empty or begins or ends with a blank"),
        ("x" * 65, None, "name: has 65 characters; 64 are allowed"),
        ("😀" * 33, None, "name: has 66 characters; 64 are allowed"),
        ("X", "x" * 257, "display_name: has 257 characters; 256 are allowed"),
        ('a"b', None, "name: 'a\"b' holds '\"', which a template name cannot have"),
        ("a+b,c", None, "name: 'a+b,c' holds '+' ',', which a template name cannot have"),
        ("a;b<c=d>e", None, "name: 'a;b<c=d>e' holds ';' '<' '=' '>', which a template name cannot have"),
        ("a/b\\c", None, "name: 'a/b\\c' holds '/' '\\\\', which a template name cannot have"),
        ("CN=a", None, "name: 'CN=a' holds '=', which a template name cannot have"),
        ("a\x00b", None, "name: 'a\x00b' holds '\\x00', which a template name cannot have"),
        ("a\nb", None, "name: 'a\nb' holds '\\n', which a template name cannot have"),
        ("a\u202eb", None, "name: 'a\u202eb' holds '\\u202e', which a template name cannot have"),
        ("a\ud800b", None, "name: 'a\ud800b' holds '\\ud800', which a template name cannot have"),
        ("X", "a\nb", "display_name: 'a\nb' holds '\\n', which a template name cannot have"),
    ],
)
def test_names_that_no_template_can_have(name: str, display_name: str | None, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_names(name, display_name)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        (f"{forest.OID_ROOT}.1.1", True),
        (f"{forest.OID_ROOT}.1.33", True),
        (f"{forest.OID_ROOT}.6616009.14891906", False),
        (f"{forest.OID_ROOT}.1.400", False),  # an issuance policy
        (f"{forest.OID_ROOT}.12.33", False),
        (f"{forest.OID_ROOT}.1", False),
        (f"{forest.OID_ROOT}.7.1.33", False),
        ("1.3.6.1.4.1.99999.1.33", False),
        ("", False),
    ],
)
def test_built_in_templates_are_known_by_their_oid(oid: str, expected: bool) -> None:
    assert is_built_in(replace(forest.built_in("User"), oid=oid)) is expected


@pytest.mark.parametrize("name", forest.BUILT_IN_NAMES)
@pytest.mark.parametrize(
    "options",
    [
        {"general": {"validity_period": "17 days", "renewal_period": "1 day"}},
        {"display_name": "Changed"},
        {"minimum_revision": 1000},
        {"extensions": {"critical": {"add": ["1.2.3"]}}},
    ],
)
def test_built_in_templates_are_not_changed(name: str, options: Options) -> None:
    with pytest.raises(OptionError) as caught:
        forest.change(forest.built_in(name), options)
    assert str(caught.value) == (
        f"name: '{name}' is a built-in template, of which only the rights may be changed; "
        "give a new name and duplicate_of to change a copy"
    )


@pytest.mark.parametrize("name", forest.BUILT_IN_NAMES)
def test_rights_of_built_in_templates_are_changed(name: str) -> None:
    template = forest.built_in(name)
    changed = forest.change(template, READ_BY_NDES)
    assert changed == replace(template, minor_revision=template.minor_revision + 1)
    assert security_changed(template, changed)


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        pytest.param((100, 7), {}, (100, 7), id="nothing"),
        pytest.param((100, 7), {"general": {"validity_period": "1 year"}}, (100, 7), id="nothing new"),
        pytest.param((100, 7), {"general": {"validity_period": "2 years"}}, (100, 8), id="an attribute"),
        pytest.param((100, 7), {"display_name": "Other"}, (100, 8), id="a display name"),
        pytest.param((100, 7), READ_BY_NDES, (100, 8), id="security alone"),
        pytest.param((100, 7), {"owner": "EA"}, (100, 8), id="owner alone"),
        pytest.param((100, 7), {"inherit_rights": True}, (100, 8), id="protection alone"),
        pytest.param(
            (100, 7),
            {"general": {"validity_period": "2 years"}, "display_name": "Other", **READ_BY_NDES},
            (100, 8),
            id="much at once",
        ),
        pytest.param((100, 7), {"minimum_revision": 100}, (100, 7), id="revision that it has"),
        pytest.param((100, 7), {"minimum_revision": 99}, (100, 7), id="revision that it had"),
        pytest.param((100, 7), {"minimum_revision": 101}, (101, 0), id="enroll again"),
        pytest.param(
            (100, 7), {"minimum_revision": 105, "general": {"validity_period": "2 years"}}, (105, 0), id="and change"
        ),
        pytest.param(
            (100, 7), {"minimum_revision": 100, "general": {"validity_period": "2 years"}}, (100, 8), id="change only"
        ),
    ],
)
def test_revisions(before: tuple[int, int], options: Options, after: tuple[int, int]) -> None:
    template = own(revision=before[0], minor_revision=before[1])
    changed = forest.change(template, options)
    assert (changed.revision, changed.minor_revision) == after
    assert (changed is template) == (before == after)
    assert forest.change(changed, options) is changed


@pytest.mark.parametrize(
    ("minimum", "revision"), [(None, 100), (0, 100), (7, 100), (100, 100), (250, 250), (0x7FFFFFFF, 0x7FFFFFFF)]
)
def test_revision_of_a_new_template(minimum: int | None, revision: int) -> None:
    assert forest.create({"minimum_revision": minimum}, "User").revision == revision


@pytest.mark.parametrize("minimum", [-1, 0x80000000])
def test_revision_that_the_directory_cannot_hold_is_refused(minimum: int) -> None:
    message = f"minimum_revision: {minimum} is not between 0 and 2147483647"
    with pytest.raises(OptionError) as caught:
        forest.change(own(), {"minimum_revision": minimum})
    assert str(caught.value) == message
    with pytest.raises(OptionError) as caught:
        forest.create({"minimum_revision": minimum}, "User")
    assert str(caught.value) == message


PERIODS = "general.renewal_period: is not shorter than the validity period"


@pytest.mark.parametrize(
    ("attributes", "options", "message"),
    [
        pytest.param(
            {},
            {"general": {"validity_period": "6 weeks"}},
            f"{PERIODS} (6 weeks and 6 weeks)",
            id="validity as long as renewal",
        ),
        pytest.param(
            {},
            {"general": {"validity_period": "1 day", "renewal_period": "36 hours"}},
            f"{PERIODS} (36 hours and 1 day)",
            id="validity shorter than renewal",
        ),
        pytest.param(
            {},
            {"general": {"validity_period": "0 days", "renewal_period": "0 days"}},
            "general.validity_period: is zero",
            id="no validity",
        ),
        pytest.param(
            {},
            {"extensions": {"key_usage": []}},
            "extensions.key_usage: is empty; a certificate needs at least one use of its key",
            id="no key usage",
        ),
        pytest.param(
            {"renewal_period": 315_360_000_000_000},
            {"general": {"validity_period": "300 days"}},
            f"{PERIODS} (1 year and 10 months)",
            id="wrong before, and wrong otherwise",
        ),
        pytest.param(
            {"security": None},
            READ_BY_NDES,
            "rights: the security of 'Copy' cannot be read with these credentials",
            id="security that cannot be read",
        ),
        pytest.param(
            {"security": SecurityDescriptor(Control.DACL_PRESENT)},
            READ_BY_NDES,
            "rights: 'Copy' has no access control list at all: everyone has full control; give it one by hand first",
            id="no access control list",
        ),
        pytest.param(
            {"security": SecurityDescriptor(Control.DACL_PRESENT)},
            {"inherit_rights": False},
            "inherit_rights: 'Copy' has no access control list at all: everyone has full control; give it one by hand "
            "first",
            id="no access control list to protect",
        ),
        pytest.param(
            {},
            {"advanced": {"schema_version": 4}},
            "advanced.schema_version: is fixed when a template is created; 'Copy' has 2, not 4",
            id="schema version",
        ),
        pytest.param(
            {},
            {"cryptography": {"provider_category": "key_storage_provider"}},
            "cryptography.provider_category: a template of schema version 2 has legacy_cryptographic_service_provider "
            "for good; create a new template for key_storage_provider",
            id="provider category",
        ),
        pytest.param(
            {},
            {"display_name": "x" * 257},
            "display_name: has 257 characters; 256 are allowed",
            id="display name",
        ),
    ],
)
def test_changes_that_cannot_be(attributes: Options, options: Options, message: str) -> None:
    template = replace(own(), name="Copy", **attributes)
    with pytest.raises(OptionError) as caught:
        forest.change(template, options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"renewal_period": 1 << 60}, id="renewal longer than validity"),
        pytest.param({"key_usage": b""}, id="no key usage"),
        pytest.param(
            {
                "schema_version": 4,
                "private_key_flags": 0x06060000,
                "ra_application_policies": ("msPKI-Asymmetric-Algorithm`PZPWSTR`ECDSA_P256`",),
            },
            id="ECDSA to encrypt",
        ),
    ],
)
def test_what_was_wrong_before_stands_in_nobodys_way(attributes: Options) -> None:
    template = own(**attributes)
    changed = forest.change(template, {"issuance_requirements": {"manager_approval": True}})
    assert forest.changes(template, changed) == {"msPKI-Enrollment-Flag": "43"}


def test_new_display_name_of_an_existing_template() -> None:
    template = own(display_name="Old")
    assert forest.changes(template, forest.change(template, {"display_name": "old"})) == {"displayName": "old"}
    assert forest.change(template, {"display_name": "Old"}) is template
    assert forest.change(template, {}) is template


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        pytest.param(
            "O:EAG:EAD:PAI(A;;LCRPRC;;;AU)", {"owner": "NDES"}, "O:NDESG:EAD:PAI(A;;LCRPRC;;;AU)", id="another owner"
        ),
        pytest.param("O:EAG:EAD:PAI(A;;LCRPRC;;;AU)", {"owner": "EA"}, None, id="owner that it has"),
        pytest.param(
            "O:EAG:EAD:PAI(A;;LCRPRC;;;AU)",
            {"inherit_rights": True},
            "O:EAG:EAD:AI(A;;LCRPRC;;;AU)",
            id="begins to inherit",
        ),
        pytest.param("O:EAG:EAD:AI(A;;LCRPRC;;;AU)", {"inherit_rights": True}, None, id="inherits already"),
        pytest.param("O:EAG:EAD:PAI(A;;LCRPRC;;;AU)", {"inherit_rights": False}, None, id="is protected already"),
        pytest.param(
            "O:EAG:EAD:AI(A;;LCRPRC;;;AU)(A;CIID;GA;;;EA)",
            {"inherit_rights": False},
            "O:EAG:EAD:PAI(A;;LCRPRC;;;AU)",
            id="what was inherited goes with the protection",
        ),
        pytest.param(
            "O:EAG:EAD:AI(A;;LCRPRC;;;AU)(A;CIID;LCRPRC;;;NDES)",
            {"inherit_rights": False, **READ_BY_NDES},
            "O:EAG:EAD:PAI(A;;LCRPRC;;;AU)(A;;LCRPRC;;;NDES)",
            id="and has to be given anew",
        ),
        pytest.param(
            "O:EAG:EAD:AI(A;;LCRPRC;;;AU)(A;CIID;LCRPRC;;;NDES)",
            {"inherit_rights": False, "rights": {"remove": [{"principal": "NDES", "rights": ["read"]}]}},
            "O:EAG:EAD:PAI(A;;LCRPRC;;;AU)",
            id="and can be taken",
        ),
        pytest.param(
            "O:EAG:EAD:AI(A;;LCRPRC;;;AU)(A;CIID;GA;;;EA)",
            {"rights": {"set": [{"principal": "NDES", "rights": ["read"]}]}},
            "O:EAG:EAD:AI(A;;LCRPRC;;;NDES)(A;CIID;GA;;;EA)",
            id="what is inherited stays",
        ),
    ],
)
def test_security(before: str, options: Options, after: str | None) -> None:
    def descriptor(sddl: str) -> SecurityDescriptor:
        return secured(sddl.replace("O:NDES", f"O:{forest.SIDS['NDES']}"))

    template = own(security=descriptor(before))
    changed = forest.change(template, options)
    if after is None:
        assert changed is template
        return
    assert changed.security == descriptor(after)
    assert forest.changes(template, changed) == {}
    assert forest.change(changed, options) is changed


@pytest.mark.parametrize(
    ("options", "sddl"),
    [
        pytest.param({"inherit_rights": True}, "D:AI", id="inherits"),
        pytest.param({"inherit_rights": False}, "D:PAI", id="does not inherit"),
        pytest.param({}, "D:PAI", id="not said"),
        pytest.param({"owner": "NDES"}, f"O:{forest.SIDS['NDES']}D:PAI", id="owner"),
        pytest.param(
            {"rights": {"set": [{"principal": "AU", "rights": ["read"]}]}}, "D:PAI(A;;LCRPRC;;;AU)", id="exact"
        ),
        pytest.param({"rights": {"set": []}}, "D:PAI", id="nobody"),
    ],
)
def test_security_of_a_new_template(options: Options, sddl: str) -> None:
    security = forest.create(options, "User").security
    assert security is not None
    text = to_sddl(security, forest.DOMAIN, forest.DOMAIN)
    rest = text.removeprefix(sddl)
    assert rest != text
    assert rest == "" if "rights" in options else rest.startswith("(OA;;")


def _as_stored(template: Template) -> Template:
    """What the directory gives back: attributes in octets, no order that one could rely on."""
    encoded = {name: list(reversed(values)) for name, values in encode(template).items()}
    return replace(decode(encoded), security=template.security)


_rights = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(
            st.fixed_dictionaries(
                {
                    "principal": st.sampled_from(["NDES", "INTUNE", "AU"]),
                    "rights": st.lists(st.sampled_from(["read", "enroll", "write", "manage"]), min_size=1, unique=True),
                },
                optional={"type": st.sampled_from(["allow", "deny"])},
            ),
            max_size=2,
        )
        for key in ("add", "set")
    },
)
_wishes = st.builds(
    lambda options, more: {**options, **more},
    wishes.options(most=5),
    st.fixed_dictionaries(
        {},
        optional={
            "rights": _rights,
            "display_name": st.sampled_from(["Wanted", "Another"]),
            "minimum_revision": st.integers(0, 0x7FFFFFFF),
            "owner": st.sampled_from(["EA", "NDES"]),
            "inherit_rights": st.booleans(),
        },
    ),
)
_secured = st.builds(
    lambda template, aces, control: replace(template, security=SecurityDescriptor(control).with_dacl(aces)),
    strategies.templates,
    dacls.dacls,
    st.sampled_from([Control.DACL_PROTECTED, 0]),
)


@settings(deadline=None, max_examples=100)
@given(_secured, _wishes)
def test_plan_that_was_carried_out_is_fulfilled(template: Template, options: Options) -> None:
    try:
        changed = forest.change(template, options)
    except OptionError:
        return
    assert forest.change(_as_stored(changed), options) == _as_stored(changed)
    assert forest.change(changed, options) is changed
    if changed is not template:
        assert changed_attributes(template, changed) or security_changed(template, changed)
        assert (changed.revision, changed.minor_revision) in (
            (template.revision, template.minor_revision + 1),
            (options.get("minimum_revision"), 0),
        )


_sources = st.sampled_from([None, *forest.BUILT_IN_NAMES])
_basis: Options = {
    "subject_name": {"source": "supply_in_request"},
    "extensions": {"application_policies": {"set": ["Client Authentication"]}},
}


@settings(deadline=None, max_examples=100)
@given(_sources, _wishes)
def test_new_template_is_as_wished(source: str | None, options: Options) -> None:
    if source is None:
        options = {
            **options,
            **{tab: {**values, **(options.get(tab) or {})} for tab, values in _basis.items()},
        }
    try:
        made = forest.create(options, source)
    except OptionError:
        return
    assert (made.general_flags & 0x30000 == 0x20000) or "advanced" in options
    assert made.security is not None
    stored = replace(_as_stored(made), oid=f"{forest.OID_ROOT}.6616009.14891906")
    assert forest.change(stored, options) is stored


def test_wish_by_itself_manages_nothing() -> None:
    template = own()
    empty = Wish("Copy", None, forest.wish({}).wanted, None)
    assert plan_change(template, empty, forest.VOCABULARY) is template
    with pytest.raises(OptionError) as caught:
        plan_new(empty, Origin(None, None, None, None), forest.VOCABULARY)
    assert str(caught.value) == (
        "subject_name.source: is required for a template that duplicates no other one (duplicate_of)"
    )

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies for templates as other tools, other years and other consoles may have left them."""

from __future__ import annotations

from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.adcs.triplets import Triplet, format_triplets
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest
from hypothesis import strategies as st

#: Any word of 32 bits, most with few bits set, as real ones are.
flag_words = st.one_of(
    st.sets(st.integers(0, 31), max_size=6).map(lambda bits: sum(1 << bit for bit in bits)),
    st.integers(0, 0xFFFFFFFF),
)
numbers = st.integers(0, 0x7FFFFFFE)

OIDS = (
    "1.3.6.1.5.5.7.3.1",
    "1.3.6.1.5.5.7.3.2",
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.4.1.311.10.3.4",
    "2.5.29.32.0",
    "2.5.29.15",
    "2.5.29.7",
    f"{forest.OID_ROOT}.7.1",
    f"{forest.OID_ROOT}.1.402",
    "1.2.3.4.5",
)
oid_lists = st.lists(st.sampled_from(OIDS), unique=True, max_size=4).map(tuple)

_PROVIDERS = ("Microsoft Enhanced Cryptographic Provider v1.0", "Microsoft Software Key Storage Provider", "Ours, Inc.")
providers = st.lists(
    st.tuples(st.sampled_from(["1,", "2,", "3,", "10,", "", "²,"]), st.sampled_from(_PROVIDERS)).map("".join),
    unique=True,
    max_size=3,
).map(tuple)

_triplet = st.sampled_from(
    [
        Triplet("msPKI-Asymmetric-Algorithm", "PZPWSTR", "RSA"),
        Triplet("msPKI-Asymmetric-Algorithm", "PZPWSTR", "ECDH_P384"),
        Triplet("msPKI-Future", "BLOB", "00ff"),
        Triplet("msPKI-Hash-Algorithm", "PZPWSTR", "SHA1"),
        Triplet("msPKI-Hash-Algorithm", "PZPWSTR", "SHA256"),
        Triplet("msPKI-Key-Security-Descriptor", "PZPWSTR", "D:P(A;;GA;;;BA)"),
        Triplet("msPKI-Key-Usage", "DWORD", "2"),
        Triplet("msPKI-Key-Usage", "DWORD", "16777215"),
        Triplet("msPKI-RA-Application-Policies", "PZPWSTR", "1.3.6.1.4.1.311.20.2.1, 1.2.3.4.5"),
        Triplet("msPKI-Symmetric-Algorithm", "PZPWSTR", "3DES"),
        Triplet("msPKI-Symmetric-Key-Length", "DWORD", "168"),
    ]
)
_triplet_text = st.lists(_triplet, min_size=1, max_size=7, unique_by=lambda triplet: triplet.name).map(
    lambda found: format_triplets(sorted(found))
)
#: Plain OIDs, triplets, or both, which happens when the provider category was changed.
ra_application_policies = st.builds(
    lambda plain, text: (*plain, *text), oid_lists, st.lists(_triplet_text, max_size=1).map(tuple)
)

templates = st.builds(
    Template,
    name=st.just("Wanted"),
    display_name=st.sampled_from(["", "Wanted", "Önskad mall"]),
    oid=st.just(f"{forest.OID_ROOT}.6616009.14891906"),
    general_flags=flag_words,
    revision=numbers,
    minor_revision=numbers,
    schema_version=st.sampled_from([1, 2, 3, 4]),
    name_flags=flag_words,
    enrollment_flags=flag_words,
    private_key_flags=flag_words,
    minimum_key_size=st.integers(0, 65536),
    ra_signatures=numbers,
    ra_policies=oid_lists,
    ra_application_policies=ra_application_policies,
    application_policies=oid_lists,
    extended_key_usage=oid_lists,
    certificate_policies=oid_lists,
    superseded_templates=st.lists(st.sampled_from([*forest.BUILT_IN_NAMES[:3], "Gone"]), unique=True, max_size=2).map(
        tuple
    ),
    key_usage=st.binary(max_size=3),
    key_spec=st.sampled_from([1, 2]),
    providers=providers,
    critical_extensions=oid_lists,
    validity_period=st.integers(0, 1 << 63),
    renewal_period=st.integers(0, 1 << 63),
    maximum_issuing_depth=st.integers(-1, 0x7FFFFFFF),
)

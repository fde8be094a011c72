# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate stores and key containers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab.windows.parts.certificates import CertificateStores, Entry, thumbprint
from lab.windows.people.token import SYSTEM_SID
from lab.windows.security import key_containers

from . import certificate_samples as samples
from .fake_directory import identified, member

SERVER = samples.der(samples.server())
OTHER = samples.der(samples.server("other.corp.example"))
KEY = samples.pkcs8(samples.key())


def test_a_blank_server_has_empty_stores() -> None:
    stores = member().certificates
    assert {"My", "Root", "CA", "Disallowed", "TrustedPublisher", "AuthRoot"} <= set(stores.names("LocalMachine"))
    assert all(not stores.visible("LocalMachine", name) for name in stores.names("LocalMachine"))
    assert stores.store("LocalMachine", "WebHosting") is None


def test_names_and_thumbprints_are_taken_in_any_case() -> None:
    stores = member().certificates
    stores.trust(SERVER, OTHER)
    root = stores.store("LocalMachine", "ROOT")
    assert root is not None
    assert root.get(thumbprint(SERVER).lower()) is not None
    assert root.get(thumbprint(OTHER)) is None
    assert [entry.der for entry in stores.visible("LocalMachine", "ca")] == [OTHER]


def test_users_see_the_machine_s_certificates_but_in_my() -> None:
    stores = member().certificates
    stores.trust(SERVER, OTHER)
    stores.add_machine_certificate(SERVER, KEY)
    user = "S-1-5-21-4-5-6-1108"
    stores.create("CurrentUser", "Root", user).put(Entry(SERVER))
    assert [entry.der for entry in stores.visible("CurrentUser", "Root", user)] == [SERVER]
    assert [entry.der for entry in stores.visible("CurrentUser", "CA", user)] == [OTHER]
    assert stores.visible("CurrentUser", "My", user) == ()


def test_a_container_outlives_its_certificate() -> None:
    stores = member().certificates
    entry = stores.add_machine_certificate(SERVER, KEY)
    my = stores.store("LocalMachine", "My")
    assert my is not None
    assert my.remove(entry.thumbprint)
    assert not my.remove(entry.thumbprint)
    assert stores.key(entry.key) is not None
    my.put(entry)
    assert stores.has_private_key(entry)
    assert stores.remove_key(str(entry.key))
    assert not stores.has_private_key(entry)


def test_providers_follow_the_kind_of_key() -> None:
    stores = member().certificates
    made = [
        stores.add_key(samples.pkcs8(each), machine=True, owner=SYSTEM_SID, exportable=True)
        for each in (samples.key(), samples.curve_key())
    ]
    assert [(key.provider, key.kind, key.key_spec) for key in made] == [
        ("Microsoft Enhanced Cryptographic Provider v1.0", "csp", 1),
        ("Microsoft Software Key Storage Provider", "ksp", 0),
    ]


def test_new_containers_are_for_system_and_administrators_or_for_their_user() -> None:
    host = member()
    machine = host.certificates.add_key(KEY, machine=True, owner=SYSTEM_SID, exportable=False)
    user = host.certificates.add_key(KEY, machine=False, owner="S-1-5-21-4-5-6-1108", exportable=False)
    key_containers.protect_all(host)
    sids = [{ace.sid for ace in host.security.explicit("key_container", key.name)} for key in (machine, user)]
    assert sids == [{SYSTEM_SID, "S-1-5-32-544"}, {SYSTEM_SID, "S-1-5-21-4-5-6-1108"}]


def test_keys_are_under_secret_only() -> None:
    stores = member().certificates
    entry = stores.add_machine_certificate(SERVER, KEY)
    exported = stores.export()
    secret = exported["keys"][entry.key].pop("secret")["pkcs8"]
    assert secret not in repr(exported)
    assert repr(KEY) not in repr(stores.key(entry.key))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["LocalMachine", "CurrentUser", "Service"]),
            st.sampled_from(["My", "Root", "Åre"]),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_every_state_is_read_as_it_was_written(puts: list[tuple[str, str, bool, bool]]) -> None:
    identity = identified()
    stores = CertificateStores.blank(identity)
    for location, name, other, with_key in puts:
        key = stores.add_key(KEY, machine=True, owner=SYSTEM_SID, exportable=other).name if with_key else None
        owner = "machine" if location == "LocalMachine" else "S-1-5-18"
        stores.create(location, name, owner).put(Entry(OTHER if other else SERVER, "name", archived=other, key=key))
    state = stores.export()
    assert CertificateStores.restore(identity, state).export() == state

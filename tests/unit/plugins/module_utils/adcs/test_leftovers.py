# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What replication left of a template when two domain controllers made it: recognised, told apart, removed in order."""

from __future__ import annotations

import types
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import leftovers, store
from ansible_collections.certops.intune.plugins.module_utils.adcs.oids import ISSUANCE_POLICY_OID, TEMPLATE_OID
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import Delete
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

if t.TYPE_CHECKING:
    from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session

GUID = "76b2d083-9626-4a00-ad40-d1b7fb19e042"
OWN, SPARE, TWIN = (f"{forest.OID_ROOT}.{arc}" for arc in ("1.1", "2.2", "3.3"))


class Directory:
    """A session that finds the OID object of the twin, and no template with another OID."""

    root_dse = types.SimpleNamespace(configuration_naming_context="CN=Configuration,DC=corp,DC=example")

    def search(self, base: str, wanted: str, *_arguments: object, **_options: object) -> list[Entry]:
        if TWIN not in wanted or not base.startswith("CN=OID,"):
            return []
        values = {"displayName": [b"User"], "msPKI-Cert-Template-OID": [TWIN.encode()], "flags": [b"1"]}
        return [Entry("CN=twin,CN=OID", values)]


SESSION = t.cast("Session", Directory())


def stored(name: str, oid: str, **changed: t.Any) -> store.StoredTemplate:
    template = replace(forest.built_in("User"), name=name, oid=oid, **changed)
    return store.StoredTemplate(f"CN={name}", Entry(f"CN={name}", {}), template)


def oid(value: str, *, kind: int = TEMPLATE_OID, display_name: str = "User") -> store.StoredOid:
    return store.StoredOid(f"CN={value},CN=OID", value, kind, display_name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"Mine\nCNF:{GUID}", True),
        (f"mine\ncnf:{GUID}", True),
        ("Mine", False),
        (f"MineToo\nCNF:{GUID}", False),
        ("Mine CNF", False),
        (f"Mine\nDEL:{GUID}", False),
    ],
)
def test_names_that_replication_gives(name: str, expected: bool) -> None:
    assert leftovers.is_renamed(name, "Mine") is expected


def test_a_twin_goes_with_its_oid_object_and_then_the_spare_one() -> None:
    own, twin = stored("Mine", OWN), stored(f"Mine\nCNF:{GUID}", TWIN, revision=101, minor_revision=5)
    snapshot = store.Snapshot((own, twin), (oid(OWN), oid(SPARE), oid(TWIN)), (), forest.OID_ROOT)
    found = leftovers.find(SESSION, snapshot, own)
    assert (found.twins, found.strangers, [spare.oid for spare in found.oids]) == ((twin,), (), [SPARE])
    operations = [step.operation for step in found.steps(SESSION)]
    assert all(isinstance(operation, Delete) for operation in operations)
    assert [operation.dn for operation in operations] == [twin.dn, "CN=twin,CN=OID", f"CN={SPARE},CN=OID"]
    assert found.shown == {"conflict_objects": [twin.dn], "oid_objects_without_template": [SPARE]}
    assert found.warnings == ()


@pytest.mark.parametrize("changed", [{"minimum_key_size": 4096}, {"display_name": "Other"}, {"security": None}])
def test_a_twin_that_differs_stays_and_is_told(changed: dict[str, t.Any]) -> None:
    own, other = stored("Mine", OWN), stored(f"Mine\nCNF:{GUID}", TWIN, **changed)
    found = leftovers.find(SESSION, store.Snapshot((own, other), (oid(TWIN),), (), forest.OID_ROOT), own)
    assert found.steps(SESSION) == ()
    assert len(found.warnings) == 1
    assert other.dn in found.warnings[0]


def test_what_is_nobodys_leftover() -> None:
    own, neighbour = stored("Mine", OWN), stored("Other", SPARE)
    others = (oid(SPARE), oid("1.2.3", kind=ISSUANCE_POLICY_OID), oid("1.2.4", display_name="Another"))
    found = leftovers.find(SESSION, store.Snapshot((own, neighbour), (oid(OWN), *others), (), forest.OID_ROOT), own)
    assert found == leftovers.Leftovers()
    assert found.shown == {}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain controller that goes away in the middle of the creation of a template, which takes two writes."""

from __future__ import annotations

import subprocess
import threading
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import writing
from ansible_collections.certops.intune.plugins.module_utils.directory.connection import Connection
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import error

from ..conftest import LAB
from .conftest import SERVICES, Ldapsearch, Modules
from .test_certificate_template import SCEP, TEMPLATES, oid_objects, stored

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

OIDS = f"CN=OID,{SERVICES}"


class Outage:
    """dc1 goes away at the second creation of the next run of a module, which is that of the template.

    Attributes:
        made: whether the domain controller carries it out before it goes.
        comes_back: whether it is there again after a moment.
    """

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = False
        self.comes_back = True
        self._lab = lab
        self._creations = 0
        self._starting: threading.Thread | None = None
        self._inner = Connection.add

        def add(connection: Connection, dn: str, attributes: t.Any) -> None:
            self._add(connection, dn, attributes)

        monkeypatch.setattr(Connection, "add", add)

    def _add(self, connection: Connection, dn: str, attributes: t.Any) -> None:
        self._creations += 1
        if self._creations != 2:
            self._inner(connection, dn, attributes)
            return
        if self.made:
            self._inner(connection, dn, attributes)
        self._tell("stop")
        if self.comes_back:
            self._starting = threading.Thread(target=self._tell, args=("start",))
            self._starting.start()
        # What libldap says once the server's end of the connection is gone.
        raise error("connection_lost", "create the object", f"{dn} on {connection.url}", "LDAP result -1")

    def _tell(self, verb: str) -> None:
        subprocess.run([LAB, verb, "--dir", self._lab.dir, "dc1"], check=True, capture_output=True)

    def end(self) -> None:
        if self._starting is not None:
            self._starting.join()
        else:
            self._tell("start")


@pytest.fixture
def outage(lab: Lab, monkeypatch: pytest.MonkeyPatch, modules: Modules) -> Iterator[Outage]:
    """After `modules`, so that dc1 is back before templates are removed."""
    outage = Outage(lab, monkeypatch)
    # The lab's domain controller is back sooner than people's.
    monkeypatch.setattr(writing, "_PAUSES", (0, 1, 1, 2))
    # One domain controller: another would have what dc1 had replicated, which is up to chance.
    modules.connection["domain_server"] = ["dc1.corp.example"]
    yield outage
    outage.end()


def test_template_that_was_made_is_kept(outage: Outage, modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    outage.made = True
    done = modules.template(name, **SCEP)
    assert (done["failed"], done["changed"]) == (False, True)
    assert len(oid_objects(ldapsearch, done["oid"])) == 1
    assert stored(ldapsearch, name)["msPKI-Cert-Template-OID"] == [done["oid"].encode()]
    assert modules.template(name, **SCEP)["changed"] is False


def test_oid_object_of_a_template_that_was_not_made_is_taken_back(
    outage: Outage, modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    done = modules.template(name, **SCEP)
    dn = f"CN={name},{TEMPLATES}"
    assert done["msg"] == (
        f"Failed to create the object ({dn} on ldap://dc1.corp.example:389): the connection was lost before the answer "
        "came; the change was not made (LDAP result -1). Remedy: run again."
    )
    assert ldapsearch(TEMPLATES, f"(cn={name})") == {}
    assert ldapsearch(OIDS, f"(displayName={name})") == {}
    assert modules.template(name, **SCEP)["changed"]


@pytest.mark.parametrize("made", [True, False])
def test_nothing_is_taken_back_while_nobody_can_say(
    made: bool, outage: Outage, modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    outage.made, outage.comes_back = made, False
    done = modules.template(name, **SCEP)
    assert done["cause"] == "outcome_unknown"
    assert "whether the change was made is unknown" in done["msg"]
    assert "What was written before it is left: create CN=" in done["msg"]
    outage.end()
    outage.comes_back = True
    assert len(ldapsearch(OIDS, f"(displayName={name})")) == 1
    assert len(ldapsearch(TEMPLATES, f"(cn={name})")) == made
    again = modules.template(name, **SCEP)
    assert (again["failed"], again["changed"]) == (False, not made)
    (oid_object,) = ldapsearch(OIDS, f"(displayName={name})").values()
    assert oid_object["msPKI-Cert-Template-OID"] == stored(ldapsearch, name)["msPKI-Cert-Template-OID"]

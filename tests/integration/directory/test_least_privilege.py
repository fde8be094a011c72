# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delegation that the guide on directory credentials describes is enough to manage and publish templates."""

from __future__ import annotations

import subprocess
import typing as t
import uuid
from uuid import UUID

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.principals import Principals
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Session

from ..modules.conftest import Modules, connection

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Domain

DACL = 4
GROUP = "PKI Operators"
AUTHORITY = "CORP Issuing CA 1"


@pytest.fixture
def operator(administrator: Session, domain: Domain) -> Iterator[Modules]:
    """Modules run by a member of the group, which has the three rights of the guide as long as the test runs."""
    services = f"CN=Public Key Services,CN=Services,{administrator.root_dse.configuration_naming_context}"
    attribute = administrator.read(
        f"CN=Certificate-Templates,{administrator.root_dse.schema_naming_context}", ("schemaIDGUID",)
    )
    assert attribute is not None
    property_guid = UUID(bytes_le=attribute.raw("schemaIDGUID"))
    group = Principals(administrator).resolve([GROUP])[GROUP]
    delegations = {
        f"CN=Certificate Templates,{services}": f"(A;CI;GA;;;{group})",
        f"CN=OID,{services}": f"(A;CI;GA;;;{group})",
        f"CN={AUTHORITY},CN=Enrollment Services,{services}": f"(OA;;RPWP;{property_guid};;{group})",
    }
    files = domain.lab.dir / "dc1"
    before: dict[str, bytes] = {}
    for dn, entry in delegations.items():
        found = administrator.read(dn, ("nTSecurityDescriptor",), sd_flags=DACL)
        assert found is not None
        before[dn] = found.raw("nTSecurityDescriptor") or b""
        subprocess.run(
            ["samba-tool", "dsacl", "set", "-H", files / "private" / "sam.ldb", "-s", files / "smb.conf",
             f"--objectdn={dn}", f"--sddl={entry}"],
            text=True,
            check=True,
            capture_output=True,
        )  # fmt: skip
    yield Modules({**connection(domain.lab, "pkioperator"), "domain_server": [administrator.server]})
    for dn, descriptor in before.items():
        administrator.modify(dn, [Change("replace", "nTSecurityDescriptor", (descriptor,))], sd_flags=DACL)


def test_the_delegated_rights_are_enough(operator: Modules, administrator: Session) -> None:
    name = f"T{uuid.uuid4().hex[:12]}"
    made = operator.template(name, duplicate_of="WebServer", display_name=name)
    assert not made["failed"], made
    changed = operator.template(name, display_name=f"{name} changed")
    assert not changed["failed"], changed
    published = operator.run("template_publication", certification_authority=AUTHORITY, templates={"add": [name]})
    assert not published["failed"], published
    removed = operator.template(name, state="absent")
    assert not removed["failed"], removed


def test_without_them_nothing_is_made(domain: Domain) -> None:
    modules = Modules(connection(domain.lab, "pkioperator"))
    refused = modules.run("certificate_template", name=f"T{uuid.uuid4().hex[:12]}", duplicate_of="WebServer")
    assert refused["failed"]
    assert refused["cause"] == "insufficient_rights"

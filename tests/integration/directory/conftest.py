# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's domain as the directory library reaches it, and accounts that last as long as a test."""

from __future__ import annotations

import typing as t
import uuid
from dataclasses import dataclass, replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

PASSWORD = "Sommar-2026-i-skogen"
NORMAL_ACCOUNT = 512


@dataclass(frozen=True)
class Domain:
    """How the lab's domain is reached."""

    lab: Lab

    @property
    def name(self) -> str:
        return str(self.lab.credentials["domain"])

    @property
    def controller(self) -> str:
        """The name of the host that the tests run on. Not localhost: libldap takes that for this name too."""
        return f"controller.{self.name}"

    @property
    def dn(self) -> str:
        return ",".join(f"DC={label}" for label in self.name.split("."))

    @property
    def ca_certificates(self) -> str:
        return str(self.lab.dir / "ca" / "root.pem")

    def password(self, account: str) -> str:
        return str(self.lab.credentials["accounts"][account]["password"])

    def kerberos(self, account: str, password: str | None = None, **changed: t.Any) -> ConnectionSettings:
        """Kerberos with a password, on port 389."""
        settings = ConnectionSettings(
            self.name, username=account, password=password or self.password(account), timeout=10
        )
        return replace(settings, **changed)

    def simple(self, account: str, password: str | None = None, **changed: t.Any) -> ConnectionSettings:
        """A simple bind inside TLS."""
        settings = ConnectionSettings(
            self.name,
            auth="simple",
            username=f"{account}@{self.name}",
            password=password or self.password(account),
            tls="ldaps",
            ca_certificates=self.ca_certificates,
            timeout=10,
        )
        return replace(settings, **changed)


def failure(settings: ConnectionSettings) -> DirectoryError:
    """Why no session comes about."""
    with pytest.raises(DirectoryError) as caught, connect(settings):
        pass
    return caught.value


@pytest.fixture(scope="session")
def domain(lab: Lab) -> Domain:
    return Domain(lab)


@pytest.fixture
def administrator(domain: Domain) -> Iterator[Session]:
    """A session that may do everything, with the domain controller whose files lie in the lab's directory dc1."""
    with connect(domain.kerberos("administrator", servers=(f"dc1.{domain.name}",))) as session:
        yield session


class Accounts:
    """Users of this test alone."""

    def __init__(self, session: Session, domain: Domain) -> None:
        self.session = session
        self.domain = domain
        self.made: list[str] = []

    def add(self, name: str | None = None, **attributes: bytes) -> str:
        """The name of a new user with PASSWORD and O(attributes)."""
        name = name or f"t{uuid.uuid4().hex[:12]}"
        dn = self.dn(name)
        self.session.add(
            dn,
            {
                "objectClass": (b"user",),
                "sAMAccountName": (name.encode(),),
                "userPrincipalName": (f"{name}@{self.domain.name}".encode(),),
                "unicodePwd": (f'"{PASSWORD}"'.encode("utf-16-le"),),
                "userAccountControl": (str(NORMAL_ACCOUNT).encode(),),
                **{key: (value,) for key, value in attributes.items()},
            },
        )
        self.made.append(dn)
        return name

    def dn(self, name: str) -> str:
        return f"CN={name},CN=Users,{self.domain.dn}"

    def change(self, name: str, attribute: str, value: bytes) -> None:
        self.session.modify(self.dn(name), [Change("replace", attribute, (value,))])

    def remove_all(self) -> None:
        for dn in self.made:
            self.session.delete(dn)


@pytest.fixture
def accounts(administrator: Session, domain: Domain) -> Iterator[Accounts]:
    made = Accounts(administrator, domain)
    yield made
    made.remove_all()

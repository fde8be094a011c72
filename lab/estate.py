# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What exists in the lab: domain, hosts, groups, people, certification authorities. Data only."""

from __future__ import annotations

from dataclasses import dataclass

DNS_DOMAIN = "corp.example"
REALM = DNS_DOMAIN.upper()
NETBIOS_DOMAIN = "CORP"
DOMAIN_DN = ",".join(f"DC={label}" for label in DNS_DOMAIN.split("."))
PUBLIC_KEY_SERVICES = f"CN=Public Key Services,CN=Services,CN=Configuration,{DOMAIN_DN}"
SITE = "Default-First-Site-Name"

ROOT_CA = "CORP Root CA"
ISSUING_CA = "CORP Issuing CA 1"

#: The host that holds the root CA is never online: only its name occurs, in the CDP container.
ROOT_CA_HOST = "rootca"

PREFIX_LENGTH = 16
REVERSE_ZONE = "0.77.10.in-addr.arpa"


@dataclass(frozen=True)
class Host:
    """A host of the lab; its group is the one it has in the inventory."""

    name: str
    address: str
    group: str
    description: str

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{DNS_DOMAIN}"

    @property
    def account(self) -> str:
        return f"{self.name.upper()}$"


@dataclass(frozen=True)
class Group:
    """A global security group in CN=Users."""

    name: str
    description: str


@dataclass(frozen=True)
class Person:
    """A user in CN=Users; `groups` may name groups that every domain has."""

    name: str
    display_name: str
    groups: tuple[str, ...] = ()


CONTROLLER = Host("controller", "10.77.0.1", "directory", "Where commands run that bin/lab exec starts")
DOMAIN_CONTROLLERS = (
    Host("dc1", "10.77.0.10", "domain_controllers", "Domain controller, holds all roles"),
    Host("dc2", "10.77.0.11", "domain_controllers", "Domain controller for fail-over"),
)
MEMBERS = (
    Host("ca1", "10.77.0.20", "certification_authorities", "Enterprise issuing CA"),
    Host("ndes1", "10.77.0.31", "ndes", "Network Device Enrollment Service"),
    Host("ndes2", "10.77.0.32", "ndes", "Network Device Enrollment Service"),
    Host("conn1", "10.77.0.40", "connectors", "Certificate Connector for Microsoft Intune"),
)
CA_HOST = MEMBERS[0]

#: The group of the servers that a lab has beyond those with a part of their own, and how many there can be.
SERVERS = "servers"
MOST_SERVERS = 250


def members(servers: int = 0) -> tuple[Host, ...]:
    """The Windows hosts of a lab: those with a part of their own, and as many plain member servers."""
    plain = (Host(f"srv{n:03}", f"10.77.1.{n}", SERVERS, "Member server") for n in range(1, servers + 1))
    return (*MEMBERS, *plain)


#: The local account that every Windows host has for Ansible, an administrator. It has the same name in all languages.
LOCAL_ADMINISTRATOR = "ansible"

GROUPS = (
    Group("PKI Operators", "Manage certificate templates by delegation; no rights until they are granted"),
    Group("Intune Admins", "Read certificate templates in the Intune admin center"),
)
PEOPLE = (
    Person("pkiadmin", "PKI Admin", ("Domain Admins", "Enterprise Admins")),
    Person("pkioperator", "PKI Operator", ("PKI Operators",)),
    Person("intuneadmin", "Intune Admin", ("Intune Admins",)),
    Person("alice", "Alice Andersson"),
    Person("svc-ndes", "NDES service account"),
)
ADMINISTRATOR = "administrator"
#: Accounts that are not there yet: a playbook makes them, with the password that the lab has made up for each.
PLANNED = ("svc-scep",)

#: Where the installation medium of a Windows host has the payload of features that are not on its disk.
PAYLOAD = "D:\\sources\\sxs"

#: The name by which clients call the NDES servers, whichever of them answers.
SCEP_NAME = f"scep.{DNS_DOMAIN}"
SCEP_HOSTS = tuple(host for host in MEMBERS if host.group == "ndes")

#: An organizational unit at the top of the domain, empty until a service account is made in it.
SERVICE_ACCOUNTS = "Service Accounts"
SERVICE_ACCOUNTS_DN = f"OU={SERVICE_ACCOUNTS},{DOMAIN_DN}"

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of the lab, for ansible-playbook, ansible-inventory and Molecule as it is."""

from __future__ import annotations

import hashlib
import json
import ssl
from typing import Any

import yaml

from . import estate
from .layout import Layout, write

HEAD = "---\n# Made by bin/lab. No secret is in here: passwords are read from credentials.json when they are used.\n"


def write_inventory(layout: Layout) -> None:
    """Write hosts.yml and group_vars beside it, once the hosts have their certificates."""
    directory = layout.inventory.parent
    for path, content in (
        (layout.inventory, hosts(layout)),
        (directory / "group_vars" / "all.yml", common(layout)),
        (directory / "group_vars" / "directory.yml", wishes(layout)),
        (directory / "group_vars" / "windows.yml", windows(layout)),
        (directory / "group_vars" / "ndes.yml", ndes_servers(layout)),
    ):
        write(path, HEAD + yaml.safe_dump(content, sort_keys=False, width=120))


def hosts(layout: Layout) -> dict[str, Any]:
    """Groups and hosts. `directory` is the machine that speaks LDAP, the controller itself."""
    groups: dict[str, Any] = {}
    for host in layout.hosts():
        group = groups.setdefault(host.group, {"hosts": {}})
        group["hosts"][host.name] = {"ansible_host": host.fqdn}
        if host.group == "ndes":
            group["hosts"][host.name]["ndes_server_certificate_thumbprint"] = _thumbprint(layout, host)
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {
        "all": {
            "children": {
                "directory": {"hosts": {"localhost": local}},
                # Samba: nothing answers WinRM there.
                "domain_controllers": groups.pop("domain_controllers"),
                "windows": {"children": groups},
            }
        }
    }


def common(layout: Layout) -> dict[str, Any]:
    """What every play needs to reach the directory. No domain_server: DNS names the domain controllers."""
    return {
        "domain": estate.DNS_DOMAIN,
        "domain_username": f"pkiadmin@{estate.REALM}",
        "domain_password": _secret(layout, "accounts", "pkiadmin"),
        "domain_ca_certificates": str(layout.root_certificate),
        "certification_authority": estate.ISSUING_CA,
        # The connection of every directory module, as playbooks/site.yml gives it to them.
        "intune_directory": {name: "{{ " + name + " }}" for name in ("domain", "domain_username", "domain_password")},
    }


def _thumbprint(layout: Layout, host: estate.Host) -> str:
    """Of the certificate that a host has from the beginning, as Windows shows it."""
    chain = (layout.certificates / f"{host.name}.pem").read_text(encoding="ascii")
    own = chain.partition(ssl.PEM_FOOTER)[0] + ssl.PEM_FOOTER
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(own), usedforsecurity=False).hexdigest().upper()


def _secret(layout: Layout, kind: str, account: str) -> str:
    """An expression for the password of an account, which is read when it is used."""
    credentials = f"lookup('ansible.builtin.file', {json.dumps(str(layout.credentials))}) | from_json"
    return "{{ (" + credentials + f")['{kind}']['{account}'].password " + "}}"


def wishes(layout: Layout) -> dict[str, Any]:
    """What playbooks/site.yml makes here: all that the role has a recipe for, for the accounts of this forest."""

    def computers(group: str) -> list[str]:
        return [f"{estate.NETBIOS_DOMAIN}\\{host.account}" for host in layout.members() if host.group == group]

    recipes = ("scep", "scep_signature", "scep_encryption", "scep_apple", "pkcs", "web_server", "client_authentication")
    service = estate.PLANNED[0]
    return {
        "service_account_wanted": [
            {
                "name": service,
                "options": {
                    "path": estate.SERVICE_ACCOUNTS_DN,
                    "display_name": "SCEP service account",
                    "user_principal_name": f"{service}@{estate.DNS_DOMAIN}",
                    "password_never_expires": True,
                },
                "service_principal_names": {"set": [f"http/{estate.SCEP_NAME}"]},
            }
        ],
        "service_account_passwords": {service: _secret(layout, "planned", service)},
        # For playbooks/delegate.yml, which site.yml does not need.
        "delegation_principal": f"{estate.NETBIOS_DOMAIN}\\{estate.GROUPS[0].name}",
        "delegation_organizational_unit": estate.SERVICE_ACCOUNTS_DN,
        "certificate_templates_authority": "{{ certification_authority }}",
        "certificate_templates_ndes_account": f"{estate.NETBIOS_DOMAIN}\\{service}",
        "certificate_templates_ndes_computers": computers("ndes"),
        "certificate_templates_connector_computers": computers("connectors"),
        "certificate_templates_intune_administrators": [f"{estate.NETBIOS_DOMAIN}\\Intune Admins"],
        "certificate_templates_wanted": [{"recipe": recipe} for recipe in (*recipes, "ra_signing", "ra_encryption")],
    }


def ndes_servers(layout: Layout) -> dict[str, Any]:
    """What playbooks/site.yml makes of the servers: everything, the parts for the connectors of old among it."""
    return {
        "ndes_server_certification_authority": "{{ certification_authority }}",
        "ndes_server_service_account": f"{estate.NETBIOS_DOMAIN}\\{estate.PLANNED[0]}",
        "ndes_server_service_account_password": _secret(layout, "planned", estate.PLANNED[0]),
        # Whoever makes templates here is in Enterprise Admins.
        "ndes_server_installer_username": "{{ domain_username }}",
        "ndes_server_installer_password": "{{ domain_password }}",
        "ndes_server_templates": {
            "signature": "IntuneSCEPSignature",
            "encryption": "IntuneSCEPEncryption",
            "general_purpose": "IntuneSCEP",
        },
        "ndes_server_shared_name": estate.SCEP_NAME,
        "ndes_server_legacy_framework": True,
        "ndes_server_features_source": estate.PAYLOAD,
    }


def windows(layout: Layout) -> dict[str, Any]:
    """How Windows hosts are reached: WinRM over TLS, Kerberos, the certificate checked."""
    return {
        "ansible_connection": "winrm",
        "ansible_port": 5986,
        "ansible_user": "{{ domain_username }}",
        "ansible_password": "{{ domain_password }}",
        "ansible_winrm_transport": "kerberos",
        "ansible_winrm_server_cert_validation": "validate",
        "ansible_winrm_ca_trust_path": str(layout.root_certificate),
    }

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files of the lab's machines: names, Kerberos, Samba."""

from __future__ import annotations

from pathlib import Path

from . import estate
from .estate import Host
from .layout import Layout, write

#: What a domain controller of the lab serves. No file shares, NetBIOS, winbind or dynamic DNS updates: nothing here
#: uses them, and the DNS records are written when the forest is made.
SERVICES = ("rpc", "ldap", "cldap", "kdc", "drepl", "kcc", "dns")

SMB_CONF = """\
[global]
netbios name = {netbios_name}
realm = {realm}
workgroup = {workgroup}
server role = active directory domain controller
server services = {services}
interfaces = {address}/{prefix_length}
bind interfaces only = yes
dns forwarder =
private dir = {home}/private
state directory = {home}/state
cache directory = {home}/cache
lock directory = {home}/lock
pid directory = {home}
ncalrpc dir = {home}/ncalrpc
binddns dir = {home}/bind-dns
logging = file
log file = {log}
log level = 1
max log size = 0
tls enabled = yes
tls certfile = {certificates}/{name}.pem
tls keyfile = {certificates}/{name}.key
tls cafile = {certificates}/root.pem
prefork children = 2
# The full mesh that the built-in checker makes of two domain controllers is right, and there in a second.
kccsrv:samba_kcc = no
kccsrv:periodic_startup_interval = 1
dreplsrv:periodic_startup_interval = 1
dreplsrv:notify_interval = 1

[sysvol]
path = {home}/state/sysvol
read only = no

[netlogon]
path = {home}/state/sysvol/{domain}/scripts
read only = no
"""

KRB5_CONF = """\
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = true
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
default_ccache_name = FILE:{run}/krb5cc_%{{uid}}

[domain_realm]
.{domain} = {realm}
{domain} = {realm}
"""


def write_all(layout: Layout) -> None:
    """Write what must be there before the supervisor starts. Files that exist are replaced."""
    name_servers = "".join(f"nameserver {host.address}\n" for host in estate.DOMAIN_CONTROLLERS)
    # A name server that is stopped refuses at once; one second covers the moment in which it starts.
    options = "options timeout:1 attempts:2\n"
    controller = estate.CONTROLLER
    files = {
        "resolv.conf": f"{name_servers}search {estate.DNS_DOMAIN}\n{options}",
        "hosts": f"127.0.0.1 localhost\n{controller.address} {controller.fqdn} {controller.name}\n",
        "hostname": f"{controller.name}\n",
        "nsswitch.conf": name_service_switch(),
        "krb5.conf": KRB5_CONF.format(realm=estate.REALM, domain=estate.DNS_DOMAIN, run=layout.run),
    }
    for name, text in files.items():
        write(layout.etc / name, text)
    for host in estate.DOMAIN_CONTROLLERS:
        write(layout.smb_conf(host.name), smb_conf(layout, host))


def smb_conf(layout: Layout, host: Host) -> str:
    return SMB_CONF.format(
        netbios_name=host.name.upper(),
        realm=estate.REALM,
        workgroup=estate.NETBIOS_DOMAIN,
        domain=estate.DNS_DOMAIN,
        services=", ".join(SERVICES),
        address=host.address,
        prefix_length=estate.PREFIX_LENGTH,
        home=layout.domain_controller(host.name),
        certificates=layout.certificates,
        name=host.name,
        log=layout.log(host.name),
    )


def name_service_switch(path: Path = Path("/etc/nsswitch.conf")) -> str:
    """The machine's own switch, but host names from files and DNS only.

    A resolver behind a socket (systemd-resolved) would answer from outside the lab.
    """
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if not line.startswith("hosts:")]
    return "\n".join([*kept, "hosts: files dns"]) + "\n"

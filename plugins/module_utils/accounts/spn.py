# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service principal names as values: their syntax, and which of them a domain controller takes for one another.

A name is C(class/host), with C(:port) or C(:instance) and C(/name) behind it where a service has more to say
(MS-ADTS 5.1.1.4). Domain controllers compare them without regard to letter case.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

_CLASS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\Z", re.ASCII)
_INSTANCE = re.compile(r"[A-Za-z0-9_$#-]{1,64}\Z", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_DASHES = {
    "\u2010": "hyphen",
    "\u2011": "non-breaking hyphen",
    "\u2013": "en dash",
    "\u2014": "em dash",
    "\u2212": "minus sign",
}
_MAX_HOST = 255
_MAX_LABEL = 63
_MAX_PORT = 65535

#: Classes that no client asks for, and the one that all ask for instead: browsers, WinHTTP and .NET ask for http,
#: whatever the scheme of the address is.
ASKED_AS: t.Final[t.Mapping[str, str]] = {"https": "http"}

#: What the attribute sPNMappings of a new forest says, for one that cannot be read. As Samba provisions it, which has
#: it from Microsoft.
DEFAULT_MAPPINGS: t.Final = (
    "host=alerter,appmgmt,cisvc,clipsrv,browser,dhcp,dnscache,replicator,eventlog,eventsystem,policyagent,oakley,"
    "dmserver,dns,mcsvc,fax,msiserver,ias,messenger,netlogon,netman,netdde,netddedsm,nmagent,plugplay,"
    "protectedstorage,rasman,rpclocator,rpc,rpcss,remoteaccess,rsvp,samss,scardsvr,scesrv,seclogon,scm,dcom,cifs,"
    "spooler,snmp,schedule,tapisrv,trksvr,trkwks,ups,time,wins,www,http,w3svc,iisadmin,msdtc"
)


@dataclass(frozen=True)
class ServicePrincipalName:
    """One name taken apart.

    Attributes:
        service_class: C(http), C(HOST) and so on.
        host: a DNS name, or a name without dots.
        port: a port number or the name of an instance, without the colon; None for none.
        name: what stands behind the second slash; None for none.
    """

    service_class: str
    host: str
    port: str | None = None
    name: str | None = None

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        name = f"/{self.name}" if self.name is not None else ""
        return f"{self.service_class}/{self.host}{port}{name}"

    def of_class(self, service_class: str) -> ServicePrincipalName:
        """The same service of another class."""
        return replace(self, service_class=service_class)


def parse(text: str) -> ServicePrincipalName:
    """O(text) taken apart. Raises ValueError with the reason, a clause with the name as its subject."""
    for dash, what in _DASHES.items():
        if dash in text:
            raise ValueError(
                f"holds a dash that is not the one of the keyboard ({what}, U+{ord(dash):04X}), as printed commands "
                "do: write -, and the name alone"
            )
    if not text or text != text.strip() or any(char.isspace() for char in text):
        raise ValueError("is empty or holds a blank; write the name alone, as class/host, without the setspn command")
    if _URL.match(text):
        raise ValueError("is an address; write class/host, as http/scep.corp.example")
    service_class, slash, rest = text.partition("/")
    if not slash or not rest:
        raise ValueError("is not written as class/host, as http/scep.corp.example")
    if not _CLASS.match(service_class):
        raise ValueError(f"has '{service_class}' for a class of service; letters, digits, '.', '-' and '_' are allowed")
    place, second, name = rest.partition("/")
    if second and (not name or "/" in name):
        raise ValueError("is not written as class/host, class/host:port or class/host:port/name")
    host, colon, port = place.partition(":")
    _check_host(host)
    if colon:
        _check_port(port)
    if second and not all(33 <= ord(char) < 127 and char not in '\\"' for char in name):
        raise ValueError(f"has '{name}' for the name of the service; plain characters without blanks are allowed")
    return ServicePrincipalName(service_class, host, port if colon else None, name if second else None)


def _check_host(host: str) -> None:
    labels = host.split(".")
    if len(host) > _MAX_HOST or any(len(label) > _MAX_LABEL for label in labels):
        raise ValueError(
            f"has a host name that is too long; {_MAX_HOST} characters are allowed, {_MAX_LABEL} between two dots"
        )
    if not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"has '{host}' for a host, which is not a DNS name or the name of a computer")


def _check_port(port: str) -> None:
    if port.isdigit():
        if not 1 <= int(port) <= _MAX_PORT:
            raise ValueError(f"has port {port}, which is not between 1 and {_MAX_PORT}")
    elif not _INSTANCE.match(port):
        raise ValueError(f"has '{port}' behind the colon, which is neither a port nor the name of an instance")


def parse_mappings(values: t.Iterable[str]) -> dict[str, frozenset[str]]:
    """The attribute sPNMappings: each class that stands for others, in lower case, and those others.

    Values that are not of the form C(class=other,other) say nothing.
    """
    found: dict[str, frozenset[str]] = {}
    for value in values:
        stands, equals, others = value.partition("=")
        names = frozenset(name.strip().casefold() for name in others.split(",") if name.strip())
        if equals and stands.strip() and names:
            key = stands.strip().casefold()
            found[key] = found.get(key, frozenset()) | names
    return found


def covering(name: str, mappings: t.Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The names that stand for O(name) too when nobody has O(name) itself: C(HOST/x) for C(http/x)."""
    service_class, slash, rest = name.partition("/")
    return tuple(
        f"{stands}/{rest}"
        for stands, others in sorted(mappings.items())
        if slash and service_class.casefold() in others
    )


def covered(name: str, mappings: t.Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The names for which O(name) stands too: C(http/x) and many more for C(HOST/x)."""
    service_class, slash, rest = name.partition("/")
    return tuple(f"{other}/{rest}" for other in sorted(mappings.get(service_class.casefold(), ())) if slash)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read all certificate templates once, with our reader or with python-ldap alone, and print the seconds it took.

`python -m tests.bench.inside.reading ours|bare` with the arguments of ConnectionSettings on standard input; python-ldap
alone takes only the server of them, and the ticket in the credential cache. The time is that of the reading; imports
and bind lie before it. A process reads once, so that no cache of ours is warm.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import ldap
import ldap.controls
import ldap.controls.libldap
import ldap.sasl
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import ATTRIBUTE_NAMES, SECURITY
from ansible_collections.certops.intune.plugins.module_utils.directory.connection import MINIMUM_STRENGTH
from ansible_collections.certops.intune.plugins.module_utils.directory.session import connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

_PAGE = 1000
#: SD_FLAGS 7, owner, group and DACL: the BER of a SEQUENCE of one INTEGER.
_SECURITY_PARTS = ldap.controls.RequestControl("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x07")


def ours(settings: dict[str, Any]) -> dict[str, Any]:
    """The collection's reader: all templates typed, their descriptors decoded."""
    with connect(ConnectionSettings(**settings)) as session:
        began = time.perf_counter()
        snapshot = store.read(session, None)
        seconds = time.perf_counter() - began
        round_trips = session.round_trips
    if snapshot.unreadable:
        raise RuntimeError(f"{len(snapshot.unreadable)} templates cannot be read, first {snapshot.unreadable[0]}")
    secured = [found for found in snapshot.templates if found.template.security and found.template.security.dacl]
    return {
        "seconds": seconds,
        "templates": len(snapshot.templates),
        "secured": len(secured),
        "round_trips": round_trips,
    }


def bare(settings: dict[str, Any]) -> dict[str, Any]:
    """What a person writes with python-ldap: bind, and pages of the container's templates as they come."""
    connection = ldap.initialize(f"ldap://{settings['servers'][0]}")
    connection.set_option(ldap.OPT_REFERRALS, 0)
    connection.set_option(ldap.OPT_X_SASL_NOCANON, 1)
    connection.set_option(ldap.OPT_X_SASL_SSF_MIN, MINIMUM_STRENGTH)
    connection.sasl_interactive_bind_s("", ldap.sasl.gssapi())
    began = time.perf_counter()
    (_, root), *_ = connection.search_s("", ldap.SCOPE_BASE, attrlist=["configurationNamingContext"])
    services = f"CN=Public Key Services,CN=Services,{root['configurationNamingContext'][0].decode()}"
    base, attributes = f"CN=Certificate Templates,{services}", [*ATTRIBUTE_NAMES, SECURITY]
    paging = ldap.controls.libldap.SimplePagedResultsControl(True, _PAGE, "")
    entries = []
    while True:
        controls = [_SECURITY_PARTS, paging]
        message = connection.search_ext(
            base, ldap.SCOPE_ONELEVEL, "(objectClass=pKICertificateTemplate)", attributes, serverctrls=controls
        )
        _, page, _, answer = connection.result3(message)
        entries.extend(page)
        (paging.cookie,) = [found.cookie for found in answer if found.controlType == paging.controlType]
        if not paging.cookie:
            break
    seconds = time.perf_counter() - began
    connection.unbind_s()
    secured = [values for _, values in entries if values.get(SECURITY)]
    return {"seconds": seconds, "templates": len(entries), "secured": len(secured)}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    given["servers"] = tuple(given["servers"])
    json.dump({"ours": ours, "bare": bare}[sys.argv[1]](given), sys.stdout)

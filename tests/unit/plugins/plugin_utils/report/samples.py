# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits as the module returns them, made up: a small forest, a large one, one with nothing, and a hostile one."""

from __future__ import annotations

import random
import typing as t

from ansible_collections.certops.intune.plugins.module_utils.audit.verdict import judge

Document: t.TypeAlias = dict[str, t.Any]

DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
SERVICES = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"
ISSUING = "CORP Issuing CA 1"


def principal(name: str, sid: str, reach: str, members: int | None = None, *via: str) -> Document:
    return {"name": name, "sid": sid, "reach": reach, "members": members, "via": list(via)}


USERS = principal("Domain Users", f"{DOMAIN}-513", "broad")
AUTHENTICATED = principal("Authenticated Users", "S-1-5-11", "broad")
COMPUTERS = principal("Domain Computers", f"{DOMAIN}-515", "broad")
HELPDESK = principal("CORP\\Helpdesk", f"{DOMAIN}-1151", "people", 14)
NESTED = principal("CORP\\PKI Readers", f"{DOMAIN}-1153", "broad", None, "CORP\\All Staff", "Domain Users")
NDES = principal("CORP\\svc-ndes", f"{DOMAIN}-1107", "account")
CONNECTOR = principal("CORP\\CONN1$", f"{DOMAIN}-1154", "account")
SERVERS = principal("CORP\\NDES Servers", f"{DOMAIN}-1152", "service", 2)
ADMINS = principal("Domain Admins", f"{DOMAIN}-512", "privileged")
ENTERPRISE = principal("Enterprise Admins", f"{DOMAIN}-519", "privileged")
CONTROLLERS = principal("Domain Controllers", f"{DOMAIN}-516", "privileged")

#: What a hazard says of itself, as far as the page is concerned.
HAZARDS: dict[str, tuple[str, str, str]] = {
    "ESC1": (
        "The requester chooses the subject of a certificate that signs people on",
        "{who} may ask for a certificate in anybody's name, a Domain Admin's included, and sign on with it.",
        "Let the directory build the subject, or let only the account of NDES enroll.",
    ),
    "ESC2": (
        "The certificate is good for any purpose",
        "{who} may enroll for a certificate that is good for every purpose, signing on and enrollment agent included.",
        "Give the template the application policies that it needs, and no others.",
    ),
    "ESC3": (
        "The certificate makes its holder an enrollment agent",
        "{who} may become an enrollment agent and request certificates for other people.",
        "Take Enroll from this group; enrollment agents are few and named.",
    ),
    "ESC4": (
        "Somebody without administrative rights may change the template",
        "{who} may write to the template and so give it any other hazard.",
        "Take the rights to write from the template, and give it an administrative owner.",
    ),
    "ESC9": (
        "The certificate does not say whose it is",
        "Certificates lack the security extension with the SID of their holder, so that {who} may pass for others.",
        "Clear the flag NO_SECURITY_EXTENSION.",
    ),
    "ESC15": (
        "A version 1 template whose subject comes from the request",
        "{who} may add application policies to the request, unless the authority has the update of November 2024.",
        "Install the update, or replace the template by a duplicate of version 2.",
    ),
}


def hazard(identity: str, template: str, active: bool, *who: Document) -> Document:
    title, sentence, remedy = HAZARDS[identity]
    order = ("broad", "people", "service", "account")
    reach = min((one["reach"] for one in who), key=order.index)
    return {
        "id": identity,
        "template": template,
        "title": title,
        "refused": reach == "broad" or (reach == "people" and identity in ("ESC1", "ESC2")),
        "active": active,
        "reach": reach,
        "principals": [{**one, "rights": ["enroll"]} for one in who],
        "sentence": sentence.format(who=" and ".join(one["name"] for one in who)),
        "remedy": remedy,
    }


def template(
    name: str,
    display_name: str,
    enrollment: t.Sequence[Document],
    *hazards: tuple[str, tuple[Document, ...]],
    published: t.Sequence[str] = (ISSUING,),
    **settings: t.Any,
) -> Document:
    known = {
        "purposes": ["Client Authentication"],
        "subject": "active_directory",
        "manager_approval": False,
        "authorized_signatures": 0,
        "validity_period": "1 year",
        "renewal_period": "6 weeks",
        "minimum_key_size": 2048,
        "private_key_export": False,
        "key_archival": False,
        "security_extension": True,
    }
    rights = [
        {"principal": "Authenticated Users", "rights": "read", "inherited": False},
        {"principal": "Domain Admins", "rights": "manage, enroll", "inherited": False},
        {"principal": "Enterprise Admins", "rights": "manage, enroll", "inherited": False},
    ]
    everybody = [*enrollment, ADMINS, ENTERPRISE]
    rights += [{"principal": one["name"], "rights": "enroll", "inherited": False} for one in enrollment]
    return {
        "name": name,
        "display_name": display_name,
        "distinguished_name": f"CN={name},CN=Certificate Templates,{SERVICES}",
        "oid": f"1.3.6.1.4.1.311.21.8.8821042.7310511.{len(name)}.{sum(map(ord, name))}",
        "revision": "100.3",
        "schema_version": 2,
        "subject_type": "user",
        "built_in": False,
        "owner": "Enterprise Admins",
        "published_on": list(published),
        "settings": {**known, **settings},
        "rights": rights,
        "enrollment": [{**one, "rights": ["enroll"]} for one in everybody],
        "hazards": [hazard(identity, name, bool(published), *who) for identity, who in hazards],
        "unreadable": None,
    }


def authority(name: str, host: str, published: t.Sequence[str], unknown: t.Sequence[str] = ()) -> Document:
    return {
        "name": name,
        "display_name": name,
        "host": host,
        "config": f"{host}\\{name}",
        "distinguished_name": f"CN={name},CN=Enrollment Services,{SERVICES}",
        "issues_by_templates": True,
        "thumbprint": "3B1EFD3A66EA28B16697394703A72CA340A05BD5",
        "not_valid_after": "2031-11-20T15:52:10+00:00",
        "expired": False,
        "in_ntauth": True,
        "published": sorted([*published, *unknown], key=str.casefold),
        "unknown": list(unknown),
    }


def document(templates: t.Sequence[Document], authorities: t.Sequence[Document], **others: t.Any) -> Document:
    made: Document = {
        "schema_version": 1,
        "forest": "corp.example",
        "read_at": "2026-11-21T15:58:03+00:00",
        "server": "dc1.corp.example",
        "account": "CORP\\alice",
        "authorities": list(authorities),
        "templates": sorted(templates, key=lambda one: str(one["name"]).casefold()),
        "forest_hazards": [],
        "duplicate_service_principal_names": [],
        "not_read": [],
        **others,
    }
    return {**made, "verdict": judge(made)}


def small() -> Document:
    """Nine templates and what can be wrong with them."""
    request = {"subject": "supply_in_request"}
    server = {**request, "purposes": ["Server Authentication"], "validity_period": "2 years"}
    mail = ["Encrypting File System", "Secure Email", "Client Authentication"]
    both = ["Client Authentication", "Server Authentication"]
    agent = ["Certificate Request Agent"]
    templates = [
        template("User", "User", [USERS], purposes=mail),
        template("Machine", "Computer", [COMPUTERS], purposes=both),
        template("IntuneSCEP", "Intune SCEP", [NDES], ("ESC1", (NDES,)), **request),
        template("IntunePKCS", "Intune PKCS", [CONNECTOR], ("ESC1", (CONNECTOR,)), **request),
        template("WiFiUsers", "Wi-Fi users", [USERS], ("ESC1", (USERS,)), ("ESC4", (HELPDESK,)), **request),
        template("VPNLegacy", "VPN (old)", [NESTED], ("ESC9", (NESTED,)), security_extension=False),
        template("WebServer", "Web Server", [SERVERS], ("ESC15", (SERVERS,)), **server),
        template(
            "EnrollmentAgent", "Enrollment Agent", [HELPDESK], ("ESC3", (HELPDESK,)), published=(), purposes=agent
        ),
        template("SubCA", "Subordinate Certification Authority", [], purposes=[], **request),
    ]
    published = [one["name"] for one in templates if one["published_on"]]
    return document(
        templates,
        [authority(ISSUING, "ca1.corp.example", published, ["OldWebServer"])],
        forest_hazards=[
            {
                "id": "ESC5",
                "object": f"CN=OID,{SERVICES}",
                "title": "Somebody without administrative rights controls an object of the PKI",
                "refused": False,
                "active": True,
                "reach": "people",
                "principals": [{**HELPDESK, "rights": ["create objects in it"]}],
                "sentence": "CORP\\Helpdesk may create objects below the container of issuance policies.",
                "remedy": "Take Create Child from the container's list.",
            }
        ],
        duplicate_service_principal_names=[
            {
                "service_principal_name": "HTTP/ndes.corp.example",
                "holders": [
                    "CN=svc-ndes,CN=Users,DC=corp,DC=example",
                    "CN=NDES2,CN=Computers,DC=corp,DC=example",
                ],
            }
        ],
        not_read=[
            {
                "what": "the membership of a group",
                "object": "CN=Hidden,OU=Tier 0,DC=corp,DC=example",
                "reason": "the account may not read the attribute member",
            }
        ],
    )


def large(count: int = 200, seed: int = 4) -> Document:
    """Many templates, two authorities, hazards of every kind."""
    choose = random.Random(seed)
    places = ("Oslo", "Malmö", "København", "Turku", "Bergen", "Göteborg", "Tampere", "Aarhus")
    uses = ("Wi-Fi", "VPN", "Mail", "Code signing", "Kiosk", "Printer", "Web server", "Smart card", "Radius", "MDM")
    groups = [
        principal(f"CORP\\{place} staff", f"{DOMAIN}-{2000 + number}", "people", 20 + 31 * number)
        for number, place in enumerate(places)
    ]
    groups += [USERS, AUTHENTICATED, COMPUTERS, NDES, SERVERS, HELPDESK, NESTED]
    second = "CORP Issuing CA 2 (users of all Nordic sites)"
    templates = []
    for number in range(count):
        place, use = choose.choice(places), choose.choice(uses)
        who = choose.sample(groups, choose.choice((0, 1, 1, 1, 2, 3)))
        found = [(identity, tuple(who)) for identity in HAZARDS if who and choose.random() < 0.06]
        issued = [ca for ca, share in ((ISSUING, 0.35), (second, 0.25)) if choose.random() < share]
        templates.append(
            template(
                f"{place}{use.replace(' ', '')}{number:03}",
                f"{place} {use} {number:03}",
                who,
                *found,
                published=issued,
                subject="supply_in_request"
                if {"ESC1", "ESC15"} & {identity for identity, _who in found}
                else "active_directory",
            )
        )
    authorities = [
        authority(name, host, [one["name"] for one in templates if name in one["published_on"]])
        for name, host in ((ISSUING, "ca1.corp.example"), (second, "ca2.corp.example"))
    ]
    return document(templates, authorities, forest="nordic.corp.example")


def empty() -> Document:
    """A forest without an authority and without templates."""
    return document([], [])


#: What an attacker who may name an object would put there.
HOSTILE: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "</style><style>*{display:none}",
    "</script><script>alert(2)</script>",
    "\"'><img src=x onerror=alert(3)>",
    "javascript:alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202etxt.exe\u202c\u200f",
    "A" * 300,
    "\x00\x07\x1b[31m",
    "\ud800 lone",
    "<!-- --> ]]> &amp; &#60;",
    "https://evil.example/x.png",
)


def hostile() -> Document:
    """Every free text is something else than it should be."""
    made = small()
    for one, text in zip(made["templates"], HOSTILE, strict=False):
        one["name"] = one["display_name"] = one["owner"] = text
        one["settings"]["purposes"] = list(HOSTILE)
        for found in one["hazards"]:
            found["sentence"] = found["remedy"] = found["title"] = text
        for number, who in enumerate(one["enrollment"]):
            who["name"] = f"{text}{number}"
            who["via"] = list(HOSTILE)
    made["authorities"] = [authority(text, text, [text], [text]) for text in HOSTILE]
    made["duplicate_service_principal_names"] = [
        {"service_principal_name": text, "holders": list(HOSTILE)} for text in HOSTILE
    ]
    made["not_read"] = [{"what": text, "object": text, "reason": text} for text in HOSTILE]
    made["forest"] = made["server"] = made["account"] = HOSTILE[0]
    return made

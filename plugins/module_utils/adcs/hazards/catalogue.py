# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The known ways from a certificate template to other people's accounts, in plain words. Data only.

Provenance: the numbers are those of "Certified Pre-Owned" (Schroeder, Christensen, 2021) and of what was found since,
as public readers use them; ESC15 is CVE-2024-49019. Conditions: MS-CRTD 2.4, 2.26 and 2.28, and MS-WCCE
3.2.2.6.2.1.4.5, which says what an authority does with each flag.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

#: How far a right reaches, the worst first.
BROAD, PEOPLE, SERVICE, ACCOUNT = "broad", "people", "service", "account"
REACHES: t.Final = (BROAD, PEOPLE, SERVICE, ACCOUNT)

#: What each reach is called in a sentence.
REACH_WORDS: t.Final[t.Mapping[str, str]] = {
    BROAD: "every ordinary user or computer",
    PEOPLE: "people",
    SERVICE: "computers and services",
    ACCOUNT: "an account of its own",
}


class Kind(t.NamedTuple):
    """One way.

    Attributes:
        id: its number in the literature.
        title: what is wrong, in a few words.
        sentence: why it is dangerous; C({who}) are the principals, C({detail}) what the rule has to add.
        remedy: what takes the danger away.
        refused: the reaches that are refused unless the id is allowed. A registration authority such as NDES must let
            the requester choose the subject: its template passes because only its account or servers may enroll.
    """

    id: str
    title: str
    sentence: str
    remedy: str
    refused: frozenset[str] = frozenset({BROAD})


_FEW = frozenset({BROAD, PEOPLE})
_ENROLLERS = "give Enroll to the accounts or servers alone that need it, or require the approval of a CA manager"

KINDS: t.Final[tuple[Kind, ...]] = (
    Kind(
        "ESC1",
        "The requester chooses the name in a certificate that logs on",
        "{who} may ask for a certificate in the name of any account, an administrator of the domain included, and log "
        "on with it.",
        f"build the subject from the directory (subject_name.source: active_directory), or {_ENROLLERS}",
        _FEW,
    ),
    Kind(
        "ESC2",
        "The certificate is good for every purpose",
        "{who} may get a certificate {detail}: it logs on, signs code, stands for a server, and requests certificates "
        "in the name of others.",
        f"name the purposes that are needed in extensions.application_policies, or {_ENROLLERS}",
        _FEW,
    ),
    Kind(
        "ESC3",
        "The certificate requests certificates for others",
        "{who} may get a certificate that acts as a certificate request agent, and with it certificates in the name of "
        "any user, wherever a template admits agents.",
        "take Certificate Request Agent out of extensions.application_policies where it is not needed, or "
        f"{_ENROLLERS}, and restrict enrollment agents on the authority",
    ),
    Kind(
        "ESC4",
        "The template can be rewritten",
        "{who} may change the template ({detail}) and turn it into one that opens any account.",
        "leave Write, Full control and the ownership of a template to administrators",
    ),
    Kind(
        "ESC5",
        "An object that the public key services rest on can be rewritten",
        "{who} may change it ({detail}): {object_detail}",
        "leave control over the objects of the public key services, and over the authorities' computer accounts, to "
        "administrators",
    ),
    Kind(
        "ESC9",
        "The certificate does not say whose it is",
        "{who} may get a certificate without the security extension that ties it to an account; who can change the "
        "user principal name or DNS name of another account can log on as a third one with it.",
        f"clear NO_SECURITY_EXTENSION of msPKI-Enrollment-Flag, or {_ENROLLERS}",
    ),
    Kind(
        "ESC13",
        "The certificate makes its holder a member of a group",
        "{who} may get a certificate whose issuance policy makes its holder a member of {detail} when logging on.",
        f"take the issuance policy out of extensions.issuance_policies or the link from its object, or {_ENROLLERS}",
    ),
    Kind(
        "ESC15",
        "The requester of a version 1 template chooses name and purposes",
        "{who} may ask for a certificate in any name and, on an authority without the update for CVE-2024-49019, with "
        "any purpose, logging on included.",
        "use a duplicate of the template, which has schema version 2 or later, update the authorities, or "
        f"{_ENROLLERS}",
    ),
    Kind(
        "ESC17",
        "The requester chooses the name of a server",
        "{who} may get a certificate that stands for any server of the organization, and read or change what others "
        "send to it.",
        f"build the subject from the directory (subject_name.source: active_directory), or {_ENROLLERS}",
    ),
)
BY_ID: t.Final[t.Mapping[str, Kind]] = {kind.id: kind for kind in KINDS}
#: The ids of templates, which the option allow_hazards takes. ESC5 is of the forest, and nothing of it is written here.
IDS: t.Final[tuple[str, ...]] = tuple(kind.id for kind in KINDS if kind.id != "ESC5")

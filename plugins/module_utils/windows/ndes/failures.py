# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the codes of the cmdlets that configure NDES mean, where a code is specific. Data only, and how it is found.

Provenance: the codes from public reports on failed set-ups and Microsoft's support articles (facts on deployment, host
features and NDES role); names of Win32 errors from winerror.h. Not reproduced on Windows here.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t


class Failure(t.NamedTuple):
    """A cause as a clause, and a remedy as an imperative clause."""

    cause: str
    remedy: str


CODES: t.Final[t.Mapping[int, Failure]] = {
    0x80070490: Failure(
        "the templates could not be added, mostly since the server does not trust the chain of the authority",
        "run gpupdate /force on the server and look at its stores Root and CA, and at the revocation lists",
    ),
    0x80070003: Failure(
        "the folder of the site with the number 1 is missing",
        "restore the folder of the Default Web Site",
    ),
    0x80070005: Failure(
        "the user may not write to the forest or the authority, or could not prove itself to them: a logon over WinRM "
        "is not handed on",
        "give a member of Enterprise Admins as installer_username and installer_password",
    ),
    0x80070529: Failure(
        "the service account is no member of the local group IIS_IUSRS (S-1-5-32-568)",
        "look whether a policy takes it out of the group again",
    ),
    0x8007052E: Failure(
        "a user name or password was refused",
        "check service_account_password and installer_password",
    ),
    0x80070775: Failure("the account is locked", "unlock it"),
    0x80070532: Failure("the password of the account has expired", "change it"),
    0x800706BA: Failure(
        "the authority does not answer",
        "look whether its service runs, and whether TCP 135 and the dynamic ports reach it",
    ),
    0x80094012: Failure(
        "the authority denies the certificate of the registration authority, since the user may not enroll for its "
        "template",
        "give a member of Enterprise Admins as installer_username and installer_password",
    ),
}

_SHOWN = re.compile(r"\b0x([0-9a-fA-F]{8})\b")


def known(hresult: int | None, text: str) -> Failure | None:
    """What a failure means, by its code, or else by the first code that its text shows; None for any other.

    Digits are the same in every language. The cmdlets wrap what failed into errors whose own code says nothing.
    """
    codes = [hresult or 0, *(int(digits, 16) for digits in _SHOWN.findall(text))]
    return next((CODES[code] for code in codes if code in CODES), None)

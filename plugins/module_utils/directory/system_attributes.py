# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes that a directory gives an object and nobody may write, and those that are secret. Data only.

Sources: the attributes with systemOnly TRUE, with FLAG_ATTR_IS_CONSTRUCTED in systemFlags or with an odd linkID in
MS-ADA1 to MS-ADA3, of the classes that this collection deletes; MS-ADTS 3.1.1.5.2.3 (what an add must not name) and
MS-SAMR 3.1.1.8 (what the security accounts manager sets itself); MS-ADTS 3.1.1.4.4 (extended access checks) and
[MS-LAPS] for secrets. An integration test compares the list with the schema of the lab.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

#: In lower case. A restored object gets its own.
SYSTEM: t.Final[frozenset[str]] = frozenset(
    {
        "badpasswordtime",
        "badpwdcount",
        "createtimestamp",
        "directreports",
        "distinguishedname",
        "dscorepropagationdata",
        "instancetype",
        "iscriticalsystemobject",
        "isdeleted",
        "isrecycled",
        "lastknownparent",
        "lastlogoff",
        "lastlogon",
        "lastlogontimestamp",
        "lockouttime",
        "logoncount",
        "managedobjects",
        "masteredby",
        "memberof",
        "modifytimestamp",
        "msds-authenticatedatdc",
        "msds-cached-membership",
        "msds-cached-membership-time-stamp",
        "msds-failedinteractivelogoncount",
        "msds-failedinteractivelogoncountatlastsuccessfullogon",
        "msds-keyversionnumber",
        "msds-lastfailedinteractivelogontime",
        "msds-lastsuccessfulinteractivelogontime",
        "msds-managedpasswordid",
        "msds-managedpasswordpreviousid",
        "msds-memberoftransitive",
        "msds-membersforazrolebl",
        "msds-nc-repl-cursors",
        "msds-principalname",
        "msds-replattributemetadata",
        "msds-replvaluemetadata",
        "msds-resultantpso",
        "msds-revealeddsas",
        "msds-revealedlistbl",
        "msds-tokengroupnames",
        "msds-user-account-control-computed",
        "msds-userpasswordexpirytimecomputed",
        "name",
        "objectguid",
        "objectsid",
        "primarygroupid",
        "proxiedobjectname",
        "pwdlastset",
        "replpropertymetadata",
        "repluptodatevector",
        "ridsetreferences",
        "samaccounttype",
        "serverreferencebl",
        "sidhistory",
        "structuralobjectclass",
        "subrefs",
        "subschemasubentry",
        "systemflags",
        "usnchanged",
        "usncreated",
        "usnlastobjrem",
        "usnsource",
        "whenchanged",
        "whencreated",
    }
)

#: In lower case. Never kept, whoever may read them.
SECRET: t.Final[frozenset[str]] = frozenset(
    {
        "currentvalue",
        "dbcspwd",
        "initialauthincoming",
        "initialauthoutgoing",
        "lmpwdhistory",
        "ms-mcs-admpwd",
        "msds-executescriptpassword",
        "msds-managedpassword",
        "msfve-keypackage",
        "msfve-recoverypassword",
        "mskds-rootkeydata",
        "mslaps-encrypteddsrmpassword",
        "mslaps-encrypteddsrmpasswordhistory",
        "mslaps-encryptedpassword",
        "mslaps-encryptedpasswordhistory",
        "mslaps-password",
        "ntpwdhistory",
        "priorvalue",
        "supplementalcredentials",
        "trustauthincoming",
        "trustauthoutgoing",
        "unicodepwd",
        "unixuserpassword",
        "userpassword",
    }
)

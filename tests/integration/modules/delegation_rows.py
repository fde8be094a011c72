# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delegations that are refused, and the message of each. C({...}) are names that the test fills in. Data only."""

from __future__ import annotations

import typing as t

from ..ldap_tools import CONFIGURATION, DOMAIN
from .conftest import AUTHORITY

TEMPLATES: dict[str, t.Any] = {"tasks": ["templates"], "principal": "{group}"}
ACCOUNTS: dict[str, t.Any] = {"tasks": ["accounts"], "principal": "{group}", "organizational_unit": "{unit}"}
GROUPS: dict[str, t.Any] = {"tasks": ["group_memberships"], "principal": "{group}"}
BROAD = " stands for nearly everybody: all of them would own the forest (ESC5)"

BAD_INPUT: list[tuple[str, dict[str, t.Any], str]] = [
    ("no principal", {"tasks": ["templates"]}, "missing required arguments: principal"),
    ("no tasks", {"principal": "{group}"}, "missing required arguments: tasks"),
    ("empty tasks", {**TEMPLATES, "tasks": []}, "tasks: is empty; name at least one of templates, publication, acc"),
    ("unknown task", {**TEMPLATES, "tasks": ["everything"]}, "value of tasks must be one or more of: templates, pub"),
    ("wrong state", {**TEMPLATES, "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
    (
        "unknown principal",
        {**TEMPLATES, "principal": "nobody-knows"},
        "'nobody-knows' is not a principal of the forest",
    ),
    ("metacharacters", {**TEMPLATES, "principal": "*)(cn=*"}, "'*)(cn=*' is not a principal of the forest"),
    (
        "display name",
        {**TEMPLATES, "principal": "PKI Operator"},
        "is the display name of CORP\\pkioperator: write that",
    ),
    ("mail group", {**TEMPLATES, "principal": "{distribution}"}, "is a distribution group, which cannot have rights"),
    ("Everyone", {**TEMPLATES, "principal": "Everyone"}, f"principal: Everyone{BROAD}"),
    ("by SID", {**TEMPLATES, "principal": "S-1-5-11"}, f"principal: Authenticated Users{BROAD}"),
    ("Domain Users", {**TEMPLATES, "principal": "CORP\\Domain Users"}, f"principal: Domain Users{BROAD}"),
    ("Domain Computers", {**TEMPLATES, "principal": "Domain Computers"}, f"principal: Domain Computers{BROAD}"),
    ("Users", {**TEMPLATES, "principal": "BUILTIN\\Users"}, f"principal: Users{BROAD}"),
    ("old access", {**TEMPLATES, "principal": "S-1-5-32-554"}, f"Pre-Windows 2000 Compatible Access{BROAD}"),
    ("a service", {**TEMPLATES, "principal": "SYSTEM"}, "principal: SYSTEM is no account or group of a domain"),
    (
        "builtin",
        {**TEMPLATES, "principal": "S-1-5-32-580"},
        "Remote Management Users is no account or group of a",
    ),
    (
        "another forest",
        {**TEMPLATES, "principal": "S-1-5-21-1-2-3-1104"},
        "principal: nothing in this forest has the SID S-1-5-21-1-2-3-1104; for people of another forest make a domain",
    ),
    ("group of everybody", {**TEMPLATES, "principal": "{with_users}"}, "{with_users} contains Domain Users (S-1-5-21-"),
    ("nested", {**TEMPLATES, "principal": "{nested}"}, "principal: CORP\\{nested} contains Domain Users (S-1-5-21-"),
    ("well-known inside", {**TEMPLATES, "principal": "{local}"}, "CORP\\{local} contains S-1-5-11 (S-1-5-11), which"),
    ("unknown template", {**TEMPLATES, "templates": ["Nope"]}, "templates: 'Nope' is not a template of this forest"),
    (
        "display name of a template",
        {**TEMPLATES, "templates": ["Web Server"]},
        "templates: 'Web Server' is the display name of template 'WebServer'; write WebServer",
    ),
    ("empty templates", {**TEMPLATES, "templates": []}, "templates: is empty; leave it out"),
    (
        "templates without task",
        {**ACCOUNTS, "templates": ["WebServer"]},
        "templates: has no effect without the task templates",
    ),
    (
        "unknown authority",
        {**TEMPLATES, "tasks": ["publication"], "certification_authorities": ["Nope"]},
        (
            "certification_authorities: 'Nope' is not an enterprise certification authority of this forest. Known: "
            f"'ca1.corp.example\\{AUTHORITY}'"
        ),
    ),
    (
        "authority without task",
        {**TEMPLATES, "certification_authorities": [AUTHORITY]},
        "certification_authorities: has no effect without the task publication",
    ),
    (
        "no authorities",
        {**TEMPLATES, "tasks": ["publication"], "certification_authorities": []},
        "certification_authorities: is empty; leave it out",
    ),
    ("accounts nowhere", {**TEMPLATES, "tasks": ["accounts"]}, "organizational_unit: is required by the task accounts"),
    (
        "names nowhere",
        {**TEMPLATES, "tasks": ["service_principal_names"]},
        "organizational_unit: is required by the task service_principal_names",
    ),
    (
        "unit without task",
        {**TEMPLATES, "organizational_unit": "{unit}"},
        "organizational_unit: has no effect without the task accounts or service_principal_names",
    ),
    (
        "unit of no name",
        {**ACCOUNTS, "organizational_unit": "Service Accounts"},
        "organizational_unit: 'Service Accounts' is not a distinguished name",
    ),
    (
        "unknown unit",
        {**ACCOUNTS, "organizational_unit": f"OU=Nope,{DOMAIN}"},
        f"organizational_unit: 'OU=Nope,{DOMAIN}' does not exist",
    ),
    (
        "container",
        {**ACCOUNTS, "organizational_unit": f"CN=Users,{DOMAIN}"},
        f"organizational_unit: 'CN=Users,{DOMAIN}' is not an organizational unit; make one for the accounts",
    ),
    (
        "domain",
        {**ACCOUNTS, "organizational_unit": DOMAIN},
        f"organizational_unit: '{DOMAIN}' is not an organizational unit",
    ),
    (
        "configuration",
        {**ACCOUNTS, "organizational_unit": f"CN=Sites,{CONFIGURATION}"},
        f"organizational_unit: 'CN=Sites,{CONFIGURATION}' is not an organizational unit",
    ),
    (
        "domain controllers",
        {**ACCOUNTS, "organizational_unit": f"OU=domain controllers,{DOMAIN}"},
        "holds the domain controllers; no account is made there",
    ),
    ("groups unnamed", GROUPS, "groups: is required by the task group_memberships"),
    ("no groups", {**GROUPS, "groups": []}, "groups: is empty"),
    (
        "groups without task",
        {**TEMPLATES, "groups": ["{members}"]},
        "groups: has no effect without the task group_memberships",
    ),
    ("unknown group", {**GROUPS, "groups": ["no-such-group"]}, "'no-such-group' is not a principal of the forest"),
    ("a user for a group", {**GROUPS, "groups": ["alice"]}, "groups: 'alice' is not a group"),
    (
        "administrators",
        {**GROUPS, "groups": ["Domain Admins"]},
        "groups: 'Domain Admins' is a protected group: whoever may fill it owns the domain",
    ),
    (
        "builtin administrators",
        {**GROUPS, "groups": ["BUILTIN\\Administrators"]},
        "groups: 'BUILTIN\\Administrators' is a protected group: whoever",
    ),
    (
        "on the way to administrators",
        {**GROUPS, "groups": ["{members}", "{admins_too}"]},
        "groups: '{admins_too}' is a member of Administrators, Domain Admins: whoever may fill it owns the domain",
    ),
    (
        "itself",
        {**GROUPS, "groups": ["{group}"]},
        "groups: '{group}' is the principal itself: its members could let others in",
    ),
    (
        "operators below",
        {**GROUPS, "groups": ["{inside}"]},
        "groups: '{inside}' is a member of CORP\\{group}: its members are operators too",
    ),
]

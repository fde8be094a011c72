#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_delegation
version_added: 0.1.0
short_description: Delegate the work on certificate templates and service accounts
description:
  - Gives a group the exact rights that named tasks of this collection need, or takes exactly these back. The guide
    C(docs/delegated-operator.md) of the collection lists them.
  - Adds entries to the access control lists of the objects concerned. Every other entry stays as it is, byte for byte.
    A right that the principal has already, by the same entry or by a wider one, is not given a second time.
  - Whoever holds the rights of V(templates) can make a template that lets him ask for a certificate in the name of any
    administrator. Guard the group as you guard the domain administrators.
  - Serves SCEP-027.
options:
  principal:
    description:
      - The group that gets the rights, or a single account; in any of the forms that C(docs/directory-credentials.md)
        lists.
      - Principals that nearly everybody is (C(Everyone), C(Authenticated Users), C(Domain Users), C(Domain Computers)
        and their like), groups that contain one of these, however deep, and well-known principals that are no account
        or group of a domain are refused.
      - With O(state=absent) the SID of a principal that is gone may be given.
    type: str
    required: true
  tasks:
    description:
      - What the principal is to do.
      - V(templates) is to create certificate templates with their OID objects. A template that somebody else has made,
        every built-in one included, can be changed only when O(templates) names it.
      - V(publication) is to say which templates an authority issues.
      - V(accounts) is to create, change, unlock and delete users and group managed service accounts that lie in
        O(organizational_unit) itself, and to set passwords.
      - V(service_principal_names) is to change the service principal names of accounts that lie in
        O(organizational_unit) itself.
      - V(group_memberships) is to change the members of O(groups).
    type: list
    elements: str
    choices: [templates, publication, accounts, service_principal_names, group_memberships]
    required: true
  templates:
    description:
      - Names of existing templates that the principal is to manage too, beside those that it makes, with their OID
        objects. Names, not display names.
      - When omitted, no existing template.
    type: list
    elements: str
  certification_authorities:
    description:
      - The authorities whose list of issued templates may be changed, each by its name, its host's DNS name, or its
        configuration string C(host\\name).
      - When omitted, every enterprise authority that the forest has when the module runs.
    type: list
    elements: str
  organizational_unit:
    description:
      - Distinguished name of the organizational unit in which the accounts lie. Units below it are not concerned.
      - Required by V(accounts) and V(service_principal_names) in O(tasks). When omitted, no account is concerned.
    type: str
  groups:
    description:
      - The groups whose members may be changed. Groups that are protected, or members of a protected one such as
        C(Domain Admins), are refused, and so are O(principal) itself and its members.
      - Required by V(group_memberships) in O(tasks). When omitted, no group is concerned.
    type: list
    elements: str
  state:
    description:
      - V(present) adds what is missing.
      - V(absent) takes back the entries that V(present) adds for the same options, and no others. Wider entries of the
        principal stay, and what they allow.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - certops.intune.directory
  - certops.intune.backup
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: posix
notes:
  - Run it as a member of C(Enterprise Admins), and for organizational units and groups of C(Domain Admins). When the
    account may not change the list of one of the objects, nothing is changed on any; in check mode that is a warning,
    so that an account that may only look can see whether the delegation is as it should be.
  - An entry that somebody has made by hand in the very form of the module's is taken for its own.
seealso:
  - module: certops.intune.certificate_template
  - module: certops.intune.template_publication
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Let a group make templates and publish them on every authority
  certops.intune.pki_delegation:
    principal: CORP\PKI Operators
    tasks: [templates, publication]

- name: Let it manage service accounts in one place too
  certops.intune.pki_delegation:
    principal: CORP\PKI Operators
    tasks: [accounts, service_principal_names]
    organizational_unit: OU=Service Accounts,DC=corp,DC=example

- name: Take the publication back
  certops.intune.pki_delegation:
    principal: CORP\PKI Operators
    tasks: [publication]
    state: absent
"""

RETURN = r"""
principal:
  description: The principal as it is shown, C(DOMAIN\\name).
  returned: success
  type: str
  sample: CORP\PKI Operators
principal_sid:
  description: SID of the principal.
  returned: success
  type: str
  sample: S-1-5-21-1004336348-1177238915-682003330-1104
rights:
  description: Every right of the tasks on every object, in the order in which they were looked at.
  returned: success
  type: list
  elements: dict
  contains:
    task:
      description: The task that needs it.
      type: str
      sample: templates
    object:
      description: Distinguished name of the object that has the entry.
      type: str
      sample: CN=OID,CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example
    right:
      description: What it allows.
      type: str
      sample: create OID objects
    entry:
      description: The access control entry in SDDL, without parentheses.
      type: str
      sample: OA;;CC;37cfd85c-6719-4ad8-8f9e-8678ba627563;;S-1-5-21-1004336348-1177238915-682003330-1104
    granted_by:
      description: V(own) by this very entry, V(wider) by other entries of the principal, V(none) not at all. In check
        mode as it would be.
      type: str
      sample: own
backup_file:
  description: Path of the file that brings the state before back.
  returned: when something was changed
  type: str
  sample: /home/ansible/certops-intune-backups/20261121T160000Z-pki_delegation_CORP_PKI_Operators.ldif
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.delegation.rights import TASKS
from ansible_collections.certops.intune.plugins.module_utils.delegation.state import delegate
from ansible_collections.certops.intune.plugins.module_utils.delegation.wish import parse_wish
from ansible_collections.certops.intune.plugins.module_utils.directory import backup
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def bring_about(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    params = module.params
    kept = backup.Backup(params["backup_dir"], f"pki_delegation {params['principal']}")
    done = delegate(
        session,
        parse_wish(params),
        present=params["state"] == "present",
        write=not module.check_mode,
        backup=kept,
    )
    for warning in done.warnings:
        module.warn(warning)
    who = done.principal.name
    rights = [
        {
            "task": entry.right.task,
            "object": entry.place.dn,
            "right": entry.right.words,
            "entry": entry.sddl,
            "granted_by": entry.after,
        }
        for entry in done.plan.entries
    ]
    return {
        "changed": done.changed,
        "diff": {"before": {who: done.before}, "after": {who: done.after}},
        "principal": who,
        "principal_sid": str(done.principal.sid),
        "rights": rights,
        **kept.result(),
    }


def main() -> None:
    names = {"type": "list", "elements": "str"}
    spec = {
        "principal": {"type": "str", "required": True},
        "tasks": {"type": "list", "elements": "str", "choices": list(TASKS), "required": True},
        "templates": names,
        "certification_authorities": names,
        "organizational_unit": {"type": "str"},
        "groups": names,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **backup.argument_spec(),
    }
    run(create_module(spec), bring_about)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_principal_name
version_added: 0.1.0
short_description: Manage the service principal names of an account
description:
  - Edits the attribute C(servicePrincipalName) of a user, a computer or a group managed service account, as
    C(setspn -S) and C(setspn -D) do.
  - Before it writes, one search of the global catalog looks for each name in the whole forest, without regard to
    letter case. A name that another account has is refused, with that account in the message.
  - Serves SCEP-055.
options:
  name:
    description:
      - The account that holds the names, as V(DOMAIN\\name), V(name@domain), a name of the domain that is connected to
        (with a dollar sign at the end for a computer or a managed account), a distinguished name or a SID.
      - Domain controllers, and users who are members of protected groups such as Domain Admins, can only lose names
        here. Whoever asks for a ticket of an account with a name can guess at its password.
    type: str
    required: true
  service_principal_names:
    description:
      - Names as C(class/host), C(class/host:port) or C(class/host:port/name), in any letter case. A name that is stored
        in another letter case is left as it is spelled.
      - An NDES service account needs C(http/) with each name by which clients call the site and which is not the
        host's own, such as an alias or the name of a load balancer. For the host's own name it needs none.
    type: dict
    required: true
    suboptions:
      add:
        description:
          - Names that the account is to have. When omitted, none is added.
          - C(https/host) is written as C(http/host), which is what clients ask for, with a warning.
        type: list
        elements: str
      remove:
        description:
          - Names that the account is not to have, in whatever form they are stored; C(https/) means just that here.
          - When omitted, none is removed.
        type: list
        elements: str
      set:
        description:
          - The whole list; every other name is removed. When omitted, others are left alone.
          - For a computer this removes the names that it has registered itself.
        type: list
        elements: str
  expected_principals:
    description:
      - Accounts that an earlier task of the same check mode run would have created, so that the rehearsal does not
        stop at them. Each counts as an account without any names.
      - Without effect outside check mode. When omitted, the account must exist.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - certops.intune.backup
  - certops.intune.directory
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: posix
notes:
  - C(HOST/name) of a computer stands for C(http/name) and other classes, as the attribute C(sPNMappings) of the forest
    says. Adding C(http/name) to a service account is allowed all the same, since it goes before C(HOST/name), and is
    what sites on several hosts need; it is told in RV(aliased_by) and with a warning. IIS then must not use kernel-mode
    authentication on that site, or use it with the credentials of the application pool.
  - The other way round, adding C(HOST/name) where another account has C(http/name), is refused, as domain controllers
    do.
  - Domain controllers with the updates of November 2021 (KB5008382) let only administrators of the domain add a name
    that another account's C(HOST/name) stands for.
  - Two tasks that add the same name to two accounts through two domain controllers at the same time both succeed; the
    next run, and the module's reader of duplicates, finds them.
seealso:
  - module: certops.intune.service_account
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Let the NDES service account answer for the name of the load balancer
  certops.intune.service_principal_name:
    name: CORP\svc-ndes
    service_principal_names:
      add: [http/ndes.corp.example]

- name: Take the name back
  certops.intune.service_principal_name:
    name: CORP\svc-ndes
    service_principal_names:
      remove: [http/ndes.corp.example]
"""

RETURN = r"""
distinguished_name:
  description: Distinguished name of the account; null in check mode when it would be created.
  returned: success
  type: str
  sample: CN=svc-ndes,CN=Users,DC=corp,DC=example
sid:
  description: SID of the account; null in check mode when it would be created.
  returned: success
  type: str
  sample: S-1-5-21-1004336348-1177238915-682003330-1104
service_principal_names:
  description: All names of the account, sorted.
  returned: success
  type: list
  elements: str
  sample: [http/ndes.corp.example]
aliased_by:
  description: For each name of the account that C(HOST/name) of another account stands for too, that name and account.
  returned: success
  type: dict
  sample: {http/ndes1.corp.example: ['host/ndes1.corp.example of NDES1$']}
backup_file:
  description: Path of the file with the state before, on the host that the module ran on.
  returned: when names were changed
  type: str
  sample: /home/ansible/certops-intune-backups/20261121T160000Z-service_principal_name_CORP_svc-ndes.ldif
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_state import bring_about
from ansible_collections.certops.intune.plugins.module_utils.directory import backup
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def manage(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    params = module.params
    kept = backup.Backup(params["backup_dir"], f"service_principal_name {params['name']}")
    done = bring_about(
        session,
        params["name"],
        params["service_principal_names"],
        params["expected_principals"],
        write=not module.check_mode,
        backup=kept,
    )
    for warning in done.warnings:
        module.warn(warning)
    target = done.target
    return {
        "changed": done.changed,
        "diff": {"before": {"service_principal_names": done.before}, "after": {"service_principal_names": done.after}},
        "distinguished_name": target.dn,
        "sid": str(target.sid) if target.sid else None,
        "service_principal_names": done.after,
        "aliased_by": done.aliased_by,
        **kept.result(),
    }


def main() -> None:
    names = {"type": "list", "elements": "str"}
    spec = {
        "name": {"type": "str", "required": True},
        "service_principal_names": {
            "type": "dict",
            "required": True,
            "options": {"add": names, "remove": names, "set": names},
        },
        "expected_principals": {"type": "list", "elements": "str", "default": []},
        **backup.argument_spec(),
    }
    run(create_module(spec), manage)


if __name__ == "__main__":
    main()

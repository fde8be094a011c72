#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: template_publication
version_added: 0.1.0
short_description: Manage which certificate templates a certification authority issues
description:
  - Edits the list C(certificateTemplates) of the enrolment service object of an enterprise certification authority,
    which is what I(Certificate Template to Issue) of the console brings about.
  - Serves SCEP-044, SCEP-045 and PKCS-029.
options:
  certification_authority:
    description:
      - The authority, by its name, its host's DNS name, or its configuration string C(host\\name).
      - An unknown one is refused with the names of all that the forest has.
    type: str
    required: true
  templates:
    description: Names of templates, not display names, in any letter case.
    type: dict
    required: true
    suboptions:
      add:
        description: Templates to publish. Each must exist. When omitted, none is published.
        type: list
        elements: str
      remove:
        description: Templates to take back, whether they still exist or not. When omitted, none is taken back.
        type: list
        elements: str
      set:
        description: The whole list; every other template is taken back. When omitted, others are left alone.
        type: list
        elements: str
  allow_hazards:
    description:
      - Hazards that are accepted, by id. Each is a known way from a certificate template to other people's accounts;
        what they mean and which are refused is told in the collection's guide on hazards.
      - A task that publishes a template with a refused hazard that is not named here fails before anything is written,
        also when the template is published already, and in check mode.
      - Every hazard of the templates in C(add) and C(set) is in the result, refused or not, and an allowed one that
        would have been refused is warned of.
      - When omitted, none is accepted.
    type: list
    elements: str
    choices: [ESC1, ESC2, ESC3, ESC4, ESC9, ESC13, ESC15, ESC17]
    default: []
  expected_templates:
    description:
      - Templates that an earlier task of the same check mode run would have created, so that the rehearsal does not
        stop at them.
      - Without effect outside check mode. When omitted, every template must exist.
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
  - The authority reads the list from its own domain controller, on its own schedule; replication comes first. Restart
    the service C(certsvc) on the authority to have it at once.
  - The names are written one by one, so that what others publish at the same time survives.
seealso:
  - module: certops.intune.certificate_template
  - module: certops.intune.certification_authority_info
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Let the authority issue the SCEP template
  certops.intune.template_publication:
    certification_authority: CORP Issuing CA 1
    templates:
      add: [IntuneSCEP]

- name: Take back two built-in templates that nobody uses
  certops.intune.template_publication:
    certification_authority: ca1.corp.example
    templates:
      remove: [EFS, EFSRecovery]
"""

RETURN = r"""
certification_authority:
  description: Configuration string of the authority.
  returned: success
  type: str
  sample: ca1.corp.example\CORP Issuing CA 1
templates:
  description: Names of the templates that the authority issues, sorted.
  returned: success
  type: list
  elements: str
  sample: [IntuneSCEP, SubCA, WebServer]
hazards:
  description:
    - The known ways from the templates in C(add) and C(set) to other people's accounts.
    - In the form of RV(certops.intune.certificate_template_info#module:templates[].hazards).
  returned: success
  type: list
  elements: dict
  sample: [{id: ESC1, template: IntuneSCEP, reach: account, refused: false, active: true}]
backup_file:
  description: Path of the file with the state before, on the host that the module ran on.
  returned: when existing objects were changed
  type: str
  sample: /home/ansible/certops-intune-backups/20261121T160000Z-template_publication_CORP_Issuing_CA_1.ldif
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import IDS, warnings
from ansible_collections.certops.intune.plugins.module_utils.adcs.publication import config_string, publish
from ansible_collections.certops.intune.plugins.module_utils.directory import backup
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def bring_about(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    params = module.params
    kept = backup.Backup(params["backup_dir"], f"template_publication {params['certification_authority']}")
    done = publish(
        session,
        params["certification_authority"],
        params["templates"],
        params["expected_templates"],
        params["allow_hazards"],
        write=not module.check_mode,
        backup=kept,
    )
    for warning in warnings(done.hazards):
        module.warn(warning)
    return {
        "changed": done.changed,
        "diff": {"before": {"templates": done.before}, "after": {"templates": done.after}},
        "certification_authority": config_string(done.authority),
        "templates": done.after,
        "hazards": [hazard.as_facts() for hazard in done.hazards],
        **kept.result(),
    }


def main() -> None:
    names = {"type": "list", "elements": "str"}
    spec = {
        "certification_authority": {"type": "str", "required": True},
        "templates": {"type": "dict", "required": True, "options": {"add": names, "remove": names, "set": names}},
        "expected_templates": {"type": "list", "elements": "str", "default": []},
        "allow_hazards": {"type": "list", "elements": "str", "choices": list(IDS), "default": []},
        **backup.argument_spec(),
    }
    run(create_module(spec), bring_about)


if __name__ == "__main__":
    main()

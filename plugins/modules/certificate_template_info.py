#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_template_info
version_added: 0.1.0
short_description: Describe certificate templates, or export them as options
description:
  - Reads certificate templates with their rights and the authorities that issue them.
  - With O(as=options) each template comes as options of M(certops.intune.certificate_template) that recreate it, to be
    reviewed, kept, and used under another name or in another forest.
  - Serves SCEP-029 to SCEP-036, SCEP-038, SCEP-045, PKCS-022 and PKCS-024.
options:
  name:
    description:
      - Names of the templates to describe. Each must exist; a display name is refused with the right name in the
        message.
      - When omitted, all templates are described.
    type: list
    elements: str
  as:
    description:
      - V(facts) describes each template with what is set, its revision, rights and publication.
      - V(options) gives the options that recreate it, beside the same as YAML text.
    type: str
    choices: [facts, options]
    default: facts
extends_documentation_fragment:
  - certops.intune.directory
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Reads only.
  platform:
    platforms: posix
notes:
  - An export names principals as C(DOMAIN\\name) or, for well-known ones, by their English name. Replace the former
    before the use in another forest.
  - A template whose object holds values that are not of their syntax is listed with V(unreadable), what is wrong, and
    nothing else.
seealso:
  - module: certops.intune.certificate_template
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Everything about the SCEP template
  certops.intune.certificate_template_info:
    name: [IntuneSCEP]
  register: scep

- name: The name that the NDES registry value needs
  ansible.builtin.debug:
    msg: "{{ scep.templates[0].mscep_slot }} = {{ scep.templates[0].name }}"

- name: Options that recreate the built-in template User
  certops.intune.certificate_template_info:
    name: [User]
    as: options
  register: user
"""

RETURN = r"""
templates:
  description: The templates, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Template name.
      type: str
      sample: IntuneSCEP
    distinguished_name:
      description: Distinguished name.
      type: str
      sample: CN=IntuneSCEP,CN=Certificate Templates,CN=Public Key
        Services,CN=Services,CN=Configuration,DC=corp,DC=example
    display_name:
      description: Template display name.
      type: str
      sample: Intune SCEP
    oid:
      description: Object identifier.
      type: str
      sample: 1.3.6.1.4.1.311.21.8.8821042.7310511.5196169.1312145.13047281.77.6616009.14891906
    revision:
      description: Major and minor revision.
      type: str
      sample: "100.3"
    schema_version:
      description: Schema version.
      type: int
      sample: 2
    subject_type:
      description: Whose certificates it makes; null for flags that mean none of the known ones.
      type: str
      sample: user
    built_in:
      description: Whether it came with the first enterprise authority.
      type: bool
      sample: false
    mscep_slot:
      description: Value of the MSCEP registry key that the template belongs into by its purpose.
      type: str
      sample: GeneralPurposeTemplate
    owner:
      description: Owner of the object.
      type: str
      sample: Enterprise Admins
    rights:
      description: Entries of the access control list, in the form of the option of the same name, inherited ones left
        out.
      type: list
      elements: dict
      sample: [{principal: 'CORP\svc-ndes', rights: [enroll]}]
    inherited_rights:
      description: Entries that come from the container, in the same form.
      type: list
      elements: dict
      sample: []
    published_on:
      description: Names of the authorities that issue it.
      type: list
      elements: str
      sample: [CORP Issuing CA 1]
    hazards:
      description:
        - The known ways from the template to other people's accounts, by whoever has the rights for them; null when the
          rights may not be read with these credentials. With O(as=facts).
        - What each id means is told in the collection's guide on hazards.
      type: list
      elements: dict
      contains:
        id:
          description: Its number in the literature.
          type: str
          sample: ESC1
        template:
          description: Template name.
          type: str
          sample: IntuneSCEP
        title:
          description: What is wrong, in a few words.
          type: str
          sample: The requester chooses the name in a certificate that logs on
        refused:
          description: Whether M(certops.intune.certificate_template) and M(certops.intune.template_publication) refuse
            it unless O(certops.intune.certificate_template#module:allow_hazards) names it.
          type: bool
          sample: false
        active:
          description: Whether an authority issues the template.
          type: bool
          sample: true
        reach:
          description:
            - The worst of the reaches of C(principals). V(broad) is every ordinary user or computer, V(people) a group
              with at least one person who is no administrator, or one that cannot be looked into, V(service) a group
              of computers and service accounts, or of nobody, and V(account) an account that the list names.
          type: str
          sample: account
        principals:
          description: Who brings it about. Administrators of the forest never do.
          type: list
          elements: dict
          contains:
            name:
              description: The principal as the list of rights, or the owner, has it.
              type: str
              sample: CORP\svc-ndes
            sid:
              description: Its SID.
              type: str
              sample: S-1-5-21-2928877714-663004045-2256634431-1107
            reach:
              description: How many are behind it, in the words above.
              type: str
              sample: account
            members:
              description: Accounts in the group, nested ones too and administrators not; null where it is no group or
                nobody can say.
              type: int
              sample: 3
            via:
              description: The groups between the principal and those who make its reach, the outermost first.
              type: list
              elements: str
              sample: []
            rights:
              description: What it may do.
              type: list
              elements: str
              sample: [enroll]
        sentence:
          description: Why it is dangerous, and to whom.
          type: str
          sample: CORP\svc-ndes may ask for a certificate in the name of any account, an administrator of the domain
            included, and log on with it.
        remedy:
          description: What takes the danger away.
          type: str
          sample: build the subject from the directory (subject_name.source, active_directory), or give Enroll to the
            accounts or servers alone that need it, or require the approval of a CA manager
    settings:
      description: The tabs with their options, as M(certops.intune.certificate_template) takes them; null is what does
        not apply.
      type: dict
      sample: {general: {validity_period: 1 year}}
    options:
      description: The options that recreate the template, with O(as=options), where the keys from C(revision) on are
        left out.
      type: dict
      sample: {name: IntuneSCEP, general: {validity_period: 1 year}}
    yaml:
      description: The same options as YAML text, with O(as=options).
      type: str
      sample: "name: IntuneSCEP"
    unreadable:
      description: What is wrong with the object; only where something is.
      type: str
      sample: "attribute pKIExpirationPeriod: a period has 8 octets, not 3"
forest_hazards:
  description:
    - Who controls the objects that the public key services rest on and the computer accounts of the authorities, beside
      the administrators of the forest (ESC5), in the form of C(templates[].hazards) with C(object), the distinguished
      name, in the place of C(template).
    - Costs a search of these objects, one for the computers, and up to three for who is behind the principals.
  returned: with O(as=facts) and without O(name)
  type: list
  elements: dict
  sample: [{id: ESC5, object: 'CN=CA1,CN=Computers,DC=corp,DC=example', reach: service, refused: false, active: true}]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.yaml import yaml_dump
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import read_forest_hazards
from ansible_collections.certops.intune.plugins.module_utils.adcs.template_facts import read_facts, read_options
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def bring_about(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    if module.params["as"] == "facts":
        return {"changed": False, **_facts(session, module.params["name"])}
    templates = read_options(session, module.params["name"])
    for template in templates:
        if "options" in template:
            template["yaml"] = yaml_dump(template["options"], sort_keys=False)
    return {"changed": False, "templates": templates}


def _facts(session: Session, names: list[str] | None) -> dict[str, t.Any]:
    facts: dict[str, t.Any] = {"templates": read_facts(session, names)}
    if names is None:
        facts["forest_hazards"] = [hazard.as_facts() for hazard in read_forest_hazards(session)]
    return facts


def main() -> None:
    spec = {
        "name": {"type": "list", "elements": "str"},
        "as": {"type": "str", "choices": ["facts", "options"], "default": "facts"},
    }
    run(create_module(spec), bring_about)


if __name__ == "__main__":
    main()

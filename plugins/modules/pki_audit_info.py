#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pki_audit_info
version_added: 0.1.0
short_description: Audit the certificate templates of a forest
description:
  - Reads the certificate templates of a forest with their rights, who may enroll for them, the authorities that issue
    them, the hazards of all this, and service principal names that are held twice.
  - Changes nothing and needs no rights beyond those of an ordinary user. Where something is hidden from the account, it
    says so.
  - Works in a forest without an enterprise authority too, and with templates that cannot be read.
  - Serves SCEP-029, SCEP-035, SCEP-036, SCEP-045, SCEP-055 and PKCS-028.
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
requirements:
  - cryptography >= 42, for the certificates of the authorities
notes:
  - What an authority or a domain controller is set to outside of the directory is not judged (ESC6 to ESC8, ESC10 to
    ESC12, ESC14, ESC16).
  - The form of RV(audit) is kept as JSON Schema in C(docs/audit-schema.json) of the collection.
seealso:
  - plugin: certops.intune.audit_page
    plugin_type: filter
  - module: certops.intune.certificate_template_info
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Read the forest
  certops.intune.pki_audit_info:
  register: forest

- name: Stop where ordinary users could take over the forest
  ansible.builtin.assert:
    that: forest.audit.verdict.level != 'danger'
    fail_msg: "{{ forest.audit.verdict.headline }}"
"""

RETURN = r"""
audit:
  description: The audit, as one document that can be kept.
  returned: success
  type: dict
  contains:
    schema_version:
      description: Version of the form of this document. It is raised when a key is renamed, removed or means something
        else.
      type: int
      sample: 1
    forest:
      description: DNS name of the forest's root domain.
      type: str
      sample: corp.example
    read_at:
      description: When it was read, ISO 8601 in UTC.
      type: str
      sample: '2026-11-21T15:58:03+00:00'
    server:
      description: Domain controller that it was read from.
      type: str
      sample: dc1.corp.example
    account:
      description: Account that read it; null for one that the domain does not have.
      type: str
      sample: CORP\alice
    verdict:
      description: What the audit comes to.
      type: dict
      sample: {level: good, headline: No known hazard was found., details: ['33 certificate templates, 11 of them issued
            by 1 authority.']}
      contains:
        level:
          description: C(danger), C(warning), C(good), or C(unknown) when nothing was found and not everything could be
            read.
          type: str
          sample: good
        headline:
          description: The verdict as a sentence.
          type: str
          sample: No known hazard was found.
        details:
          description: What was counted, as sentences.
          type: list
          elements: str
          sample: [33 certificate templates, 11 of them issued by 1 authority.]
    authorities:
      description: The enterprise authorities, by name.
      type: list
      elements: dict
      sample: [{name: CORP Issuing CA 1, host: ca1.corp.example, published: [User], unknown: []}]
      contains:
        name:
          description: Name of the authority.
          type: str
          sample: CORP Issuing CA 1
        display_name:
          description: Name as the console shows it.
          type: str
          sample: CORP Issuing CA 1
        host:
          description: DNS name of its host.
          type: str
          sample: ca1.corp.example
        config:
          description: Configuration string.
          type: str
          sample: ca1.corp.example\CORP Issuing CA 1
        distinguished_name:
          description: Distinguished name of the enrolment service object.
          type: str
          sample: CN=CORP Issuing CA 1,CN=Enrollment Services,CN=Public Key
            Services,CN=Services,CN=Configuration,DC=corp,DC=example
        issues_by_templates:
          description: Whether it issues by templates; null when that could not be read.
          type: bool
          sample: true
        thumbprint:
          description: SHA-1 thumbprint of its certificate; null without one.
          type: str
          sample: 3B1EFD3A66EA28B16697394703A72CA340A05BD5
        not_valid_after:
          description: End of its certificate's validity, ISO 8601 in UTC; null without one.
          type: str
          sample: '2036-01-01T00:00:00+00:00'
        expired:
          description: Whether its certificate was not valid when the forest was read; null without one.
          type: bool
          sample: false
        in_ntauth:
          description: Whether its certificate stands in NTAuthCertificates; null without one.
          type: bool
          sample: true
        published:
          description: Names of the templates that it issues.
          type: list
          elements: str
          sample: [IntuneSCEP, User]
        unknown:
          description: Those of them that are of no template which the account may read.
          type: list
          elements: str
          sample: []
    templates:
      description: The templates, by name.
      type: list
      elements: dict
      sample: [{name: IntuneSCEP, published_on: [CORP Issuing CA 1]}]
      contains:
        name:
          description: Template name.
          type: str
          sample: IntuneSCEP
        display_name:
          description: Template display name.
          type: str
          sample: Intune SCEP
        distinguished_name:
          description: Distinguished name.
          type: str
          sample: CN=IntuneSCEP,CN=Certificate Templates,CN=Public Key
            Services,CN=Services,CN=Configuration,DC=corp,DC=example
        oid:
          description: Object identifier; null without one.
          type: str
          sample: 1.3.6.1.4.1.311.21.8.8821042.7310511.5196169.1312145.13047281.77.6616009.14891906
        revision:
          description: Major and minor revision; null for an unreadable template.
          type: str
          sample: "100.3"
        schema_version:
          description: Schema version; null for an unreadable template.
          type: int
          sample: 2
        subject_type:
          description: Whose certificates it makes; null for flags that mean none of the known ones.
          type: str
          sample: user
        built_in:
          description: Whether it came with the first enterprise authority; null for an unreadable template.
          type: bool
          sample: false
        owner:
          description: Owner of the object; null when the account may not read it.
          type: str
          sample: Enterprise Admins
        published_on:
          description: Names of the authorities that issue it.
          type: list
          elements: str
          sample: [CORP Issuing CA 1]
        settings:
          description: What decides how dangerous its certificates are; null for an unreadable template.
          type: dict
          sample: {purposes: [Client Authentication], subject: supply_in_request}
          contains:
            purposes:
              description: What its certificates are for; empty for any purpose.
              type: list
              elements: str
              sample: [Client Authentication]
            subject:
              description: Where the subject comes from, C(supply_in_request) or C(active_directory).
              type: str
              sample: supply_in_request
            manager_approval:
              description: Whether a manager of the authority approves each request.
              type: bool
              sample: false
            authorized_signatures:
              description: Number of signatures that a request needs.
              type: int
              sample: 0
            validity_period:
              description: How long certificates are valid.
              type: str
              sample: 1 year
            renewal_period:
              description: How long before their end they are renewed.
              type: str
              sample: 6 weeks
            minimum_key_size:
              description: Smallest key, in bits.
              type: int
              sample: 2048
            private_key_export:
              description: Whether the private key may be exported.
              type: bool
              sample: false
            key_archival:
              description: Whether the authority keeps the private key.
              type: bool
              sample: false
            security_extension:
              description: Whether certificates carry the SID of their holder.
              type: bool
              sample: true
        rights:
          description: The access control list in words, a line for each principal.
          type: list
          elements: dict
          sample: [{principal: Authenticated Users, rights: read, inherited: false}]
        enrollment:
          description: Who may enroll, denials and groups in groups considered.
          type: list
          elements: dict
          sample: [{name: CORP\svc-ndes, reach: account, members: null, via: [], rights: [enroll]}]
          contains:
            name:
              description: Name of the principal that the list of rights names.
              type: str
              sample: CORP\svc-ndes
            sid:
              description: Its SID.
              type: str
              sample: S-1-5-21-1004336348-1177238915-682003330-1107
            reach:
              description: C(broad) for everybody, however nested; C(people) for a group with ordinary users;
                C(service) for computers and services; C(account) for a single one; C(privileged) for administrators.
              type: str
              sample: account
            members:
              description: Number of accounts in a group; null where it does not matter or nobody can say.
              type: int
              sample: 14
            via:
              description: Groups between it and those who make the reach.
              type: list
              elements: str
              sample: []
            rights:
              description: C(enroll), and C(autoenroll) with it.
              type: list
              elements: str
              sample: [enroll]
        hazards:
          description: Its hazards, in the form that M(certops.intune.certificate_template_info) returns.
          type: list
          elements: dict
          sample: [{id: ESC1, template: IntuneSCEP, refused: false, active: true, reach: account}]
        unreadable:
          description: What is wrong with the object; null where nothing is.
          type: str
          sample: "attribute pKIExpirationPeriod: a period has 8 octets, not 3"
    forest_hazards:
      description: Hazards of objects that are no template, in the same form with C(object) for C(template).
      type: list
      elements: dict
      sample: []
    duplicate_service_principal_names:
      description: Service principal names that more than one object of the forest has.
      type: list
      elements: dict
      sample: [{service_principal_name: HTTP/ndes.corp.example, holders: ['CN=NDES2,CN=Computers,DC=corp,DC=example',
            'CN=svc-ndes,CN=Users,DC=corp,DC=example']}]
      contains:
        service_principal_name:
          description: The name.
          type: str
          sample: HTTP/ndes.corp.example
        holders:
          description: Distinguished names of all objects that have it.
          type: list
          elements: str
          sample: ['CN=NDES2,CN=Computers,DC=corp,DC=example', 'CN=svc-ndes,CN=Users,DC=corp,DC=example']
    not_read:
      description: What the account could not read.
      type: list
      elements: dict
      sample: []
      contains:
        what:
          description: What it is.
          type: str
          sample: rights of a template
        object:
          description: Where.
          type: str
          sample: CN=Hidden,CN=Certificate Templates,CN=Public Key
            Services,CN=Services,CN=Configuration,DC=corp,DC=example
        reason:
          description: Why.
          type: str
          sample: "these credentials may not read them: no hazard is judged"
"""

import datetime as dt
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.audit.reading import read_audit
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def bring_about(_module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    return {"changed": False, "audit": read_audit(session, dt.datetime.now(dt.UTC))}


def main() -> None:
    run(create_module({}), bring_about)


if __name__ == "__main__":
    main()

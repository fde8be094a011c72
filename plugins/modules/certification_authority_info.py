#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certification_authority_info
version_added: 0.1.0
short_description: Describe the enterprise certification authorities of a forest
description:
  - Reads the enrolment service objects of the forest with what surrounds them, and can write the root certificate of an
    authority as the C(.cer) file that a trusted certificate profile needs.
  - Serves SCEP-002, SCEP-017, SCEP-045, PKCS-003 and PKCS-017.
options:
  name:
    description:
      - The authority to describe, by its name, its host's DNS name, or its configuration string C(host\\name).
      - When omitted, all are described.
    type: str
  root_certificate_path:
    description:
      - File on the host that runs the module which the root certificate of the authority is written to, in DER. It is
        written only where it differs, and RV(ignore:changed) says so.
      - The certificate must be self-signed, so that no issuing authority's certificate is taken for a root.
      - Needs O(name). When omitted, no file is written.
    type: path
extends_documentation_fragment:
  - certops.intune.directory
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: posix
requirements:
  - cryptography >= 42
seealso:
  - module: certops.intune.template_publication
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Every authority of the forest
  certops.intune.certification_authority_info:
  register: authorities

- name: The root certificate for the trusted certificate profile
  certops.intune.certification_authority_info:
    name: CORP Issuing CA 1
    root_certificate_path: "{{ lookup('env', 'HOME') }}/corp-root.cer"
"""

RETURN = r"""
certification_authorities:
  description: The authorities, by name.
  returned: success
  type: list
  elements: dict
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
      description: Configuration string, which NDES and certutil use.
      type: str
      sample: ca1.corp.example\CORP Issuing CA 1
    distinguished_name:
      description: Distinguished name of the enrolment service object.
      type: str
      sample: CN=CORP Issuing CA 1,CN=Enrollment Services,CN=Public Key
        Services,CN=Services,CN=Configuration,DC=corp,DC=example
    issues_by_templates:
      description: Whether it issues by templates, as every enterprise authority does.
      type: bool
      sample: true
    certificate:
      description: Its certificate in PEM; null when the object has none.
      type: str
      sample: "-----BEGIN CERTIFICATE-----..."
    thumbprint:
      description: SHA-1 thumbprint of the certificate; null when there is none.
      type: str
      sample: 3B1EFD3A66EA28B16697394703A72CA340A05BD5
    not_valid_before:
      description: Begin of the certificate's validity, ISO 8601 in UTC; null when there is none.
      type: str
      sample: '2026-01-01T00:00:00+00:00'
    not_valid_after:
      description: End of the certificate's validity, ISO 8601 in UTC; null when there is none.
      type: str
      sample: '2036-01-01T00:00:00+00:00'
    expired:
      description: Whether the certificate's validity is over or has not begun; null when there is none.
      type: bool
      sample: false
    chain:
      description: Certificates in PEM from the authority's own to the root, as far as the directory holds them.
      type: list
      elements: str
      sample: ["-----BEGIN CERTIFICATE-----..."]
    root_thumbprint:
      description: SHA-1 thumbprint of the self-signed end of the chain; null when the directory does not hold it.
      type: str
      sample: 5FB7EE0633E259DBAD0C4C9AE6D38F1A61C7DC25
    in_ntauth:
      description: Whether the certificate stands in NTAuthCertificates; without it no certificate of the authority logs
        anybody on.
      type: bool
      sample: true
    templates:
      description: Names of the templates that it issues, sorted.
      type: list
      elements: str
      sample: [IntuneSCEP, SubCA, WebServer]
"""

import base64
import datetime as dt
import os
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.certops.intune.plugins.module_utils.adcs.authority import (
    CRYPTOGRAPHY_IMPORT_ERROR,
    Authority,
    der,
    pem,
    read_authorities,
    thumbprint,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.publication import find_authority
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def describe(authority: Authority, now: dt.datetime) -> dict[str, t.Any]:
    certificate, root = authority.certificate, authority.root
    return {
        "name": authority.stored.name,
        "display_name": authority.display_name,
        "host": authority.stored.host,
        "config": authority.config,
        "distinguished_name": authority.stored.dn,
        "issues_by_templates": authority.issues_by_templates,
        "certificate": pem(certificate) if certificate else None,
        "thumbprint": thumbprint(certificate) if certificate else None,
        "not_valid_before": certificate.not_valid_before_utc.isoformat() if certificate else None,
        "not_valid_after": certificate.not_valid_after_utc.isoformat() if certificate else None,
        "expired": not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        if certificate
        else None,
        "chain": [pem(link) for link in authority.chain],
        "root_thumbprint": thumbprint(root) if root else None,
        "in_ntauth": authority.trusted_for_logon,
        "templates": sorted(authority.stored.published, key=str.casefold),
    }


def write_root(module: AnsibleModule, authority: Authority, path: str) -> tuple[bool, dict[str, t.Any]]:
    """Write the root certificate to O(path) where it differs; whether it does, and the difference."""
    if authority.root is None:
        raise OptionError(
            "root_certificate_path",
            f"the directory does not hold the self-signed root of '{authority.stored.name}'; publish it with "
            "certutil -dspublish -f root.cer RootCA",
        )
    wanted, file = der(authority.root), Path(path)
    if file.is_dir():
        raise OptionError("root_certificate_path", f"'{path}' is a directory")
    if not file.parent.is_dir():
        raise OptionError("root_certificate_path", f"the directory of '{path}' does not exist")
    current = file.read_bytes() if file.exists() else None
    if current != wanted and not module.check_mode:
        temporary = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            temporary.write_bytes(wanted)
            module.atomic_move(str(temporary), path)
        finally:
            module.cleanup(str(temporary))
    before = None if current is None else base64.b64encode(current).decode()
    return current != wanted, {"before": {path: before}, "after": {path: base64.b64encode(wanted).decode()}}


def bring_about(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    now = dt.datetime.now(dt.UTC)
    authorities = read_authorities(session, now)
    name, path = module.params["name"], module.params["root_certificate_path"]
    if name is not None:
        stored = find_authority([authority.stored for authority in authorities], name)
        authorities = [authority for authority in authorities if authority.stored == stored]
    result: dict[str, t.Any] = {
        "changed": False,
        "certification_authorities": [describe(authority, now) for authority in authorities],
    }
    if path is not None:
        changed, diff = write_root(module, authorities[0], path)
        result["changed"] = changed
        if changed:
            result["diff"] = diff
    return result


def main() -> None:
    spec = {"name": {"type": "str"}, "root_certificate_path": {"type": "path"}}
    module = create_module(spec, required_by={"root_certificate_path": ["name"]})
    if CRYPTOGRAPHY_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=CRYPTOGRAPHY_IMPORT_ERROR)
    run(module, bring_about)


if __name__ == "__main__":
    main()

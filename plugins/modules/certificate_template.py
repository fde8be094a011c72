#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_template
version_added: 0.1.0
short_description: Manage a certificate template of Active Directory Certificate Services
description:
  - Creates, changes and deletes certificate templates over LDAP, with the words of the console's tabs.
  - An option that is omitted is not managed. On an existing template every stored form that means what is wanted counts
    as equal, and nothing is rewritten for cosmetics; bits and entries that no option names survive.
  - Each effective change raises the minor revision by one, as each save in the console does.
  - Serves SCEP-028 to SCEP-036, SCEP-038, SCEP-041, PKCS-018, PKCS-020 to PKCS-028 and TRBL-062.
options:
  name:
    description:
      - Template name, which is the C(cn) of the object and what the MSCEP registry values and the authorities use.
      - It is found in any letter case. A display name given here is refused with the right name in the message.
    type: str
    required: true
  state:
    description:
      - V(present) creates or changes the template.
      - V(absent) takes the template from every authority that issues it, deletes its OID object, then the template.
    type: str
    choices: [present, absent]
    default: present
  display_name:
    description:
      - Template display name. Maps to C(displayName) of the template and of its OID object.
      - When omitted, a new template is displayed by its name and an existing one is not renamed.
    type: str
  duplicate_of:
    description:
      - Name of the template that a new one is a duplicate of, with what the console's I(Duplicate Template) keeps and
        changes.
      - Used only when the template is created. When omitted, the new template is made from nothing and
        O(subject_name.source) and O(extensions.application_policies) are required.
    type: str
  subject_type:
    description:
      - Whose certificates a template makes. Maps to C(MACHINE_TYPE), C(IS_CA) and C(IS_CROSS_CA) of C(flags).
      - Fixed when a template is created. When omitted, V(user) for a template made from nothing, else that of
        O(duplicate_of).
    type: str
    choices: [user, computer, ca, computer_ca, cross_ca]
  compatibility:
    description:
      - Tab I(Compatibility). The values are the server of each pair that the console offers, so that V(2008r2) as
        recipient is I(Windows 7 / Server 2008 R2).
      - At creation they decide the schema version with O(cryptography.provider_category); 4 from V(2012) and V(2012)
        on, 3 with a key storage provider, else 2. Afterwards they move freely and the version stays.
    type: dict
    suboptions:
      certification_authority:
        description:
          - Oldest certification authority. Maps to bits 16 to 19 of C(msPKI-Private-Key-Flag).
          - When omitted, that of O(duplicate_of), else V(2003).
        type: str
        choices: ['2003', '2008', '2008r2', '2012', '2012r2', '2016']
      certificate_recipient:
        description:
          - Oldest recipient. Maps to bits 24 to 27 of C(msPKI-Private-Key-Flag).
          - When omitted, that of O(duplicate_of), else V(2003).
        type: str
        choices: ['2003', '2008', '2008r2', '2012', '2012r2', '2016']
  general:
    description: Tab I(General).
    type: dict
    suboptions:
      validity_period:
        description:
          - Validity period such as V(2 years), in years of 365 days, months of 30 days, weeks, days, hours, minutes or
            seconds. Maps to C(pKIExpirationPeriod).
          - When omitted, V(1 year) for a template made from nothing.
        type: str
      renewal_period:
        description:
          - Renewal period such as V(6 weeks). Maps to C(pKIOverlapPeriod). It must be shorter than the validity period.
          - When omitted, V(6 weeks) for a template made from nothing.
        type: str
      publish_to_active_directory:
        description:
          - I(Publish certificate in Active Directory). Maps to C(PUBLISH_TO_DS) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      do_not_reenroll_if_published:
        description:
          - I(Do not automatically reenroll if a duplicate certificate exists in Active Directory). Maps to
            C(AUTO_ENROLLMENT_CHECK_USER_DS_CERTIFICATE) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
  cryptography:
    description: Tab I(Cryptography).
    type: dict
    suboptions:
      provider_category:
        description:
          - Provider category. Maps to C(USE_LEGACY_PROVIDER) of C(msPKI-Private-Key-Flag) in schema version 4; versions
            1 to 3 have one category for good.
          - V(key_storage_provider) needs O(compatibility) of V(2008) or later on both sides.
          - When omitted, that of O(duplicate_of), else V(legacy_cryptographic_service_provider).
        type: str
        choices: [legacy_cryptographic_service_provider, key_storage_provider]
      algorithm:
        description:
          - Algorithm name, with a key storage provider only. Maps to C(msPKI-Asymmetric-Algorithm) in
            C(msPKI-RA-Application-Policies); an elliptic curve sets the minimum key size and the key specification with
            it.
          - When omitted, V(RSA) for a template that gets a key storage provider.
        type: str
        choices: [RSA, DSA, DH, ECDSA_P256, ECDSA_P384, ECDSA_P521, ECDH_P256, ECDH_P384, ECDH_P521]
      minimum_key_size:
        description:
          - Minimum key size in bits. Maps to C(msPKI-Minimal-Key-Size).
          - When omitted, V(2048) for a template made from nothing.
        type: int
      providers:
        description:
          - Names of the providers that a request must use, preferred one first; an empty list allows any provider of
            the subject's computer. Maps to C(pKIDefaultCSPs).
          - When omitted, not managed.
        type: list
        elements: str
      request_hash:
        description:
          - Request hash, with a key storage provider only. Maps to C(msPKI-Hash-Algorithm) in
            C(msPKI-RA-Application-Policies).
          - When omitted, V(SHA256) for a template that gets a key storage provider.
        type: str
        choices: [MD2, MD4, MD5, SHA1, SHA256, SHA384, SHA512]
      use_alternate_signature_format:
        description:
          - I(Use alternate signature format). Maps to C(REQUIRE_ALTERNATE_SIGNATURE_ALGORITHM) of
            C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: bool
  request_handling:
    description: Tab I(Request Handling).
    type: dict
    suboptions:
      purpose:
        description:
          - What the keys are for. A template does not hold its purpose; it follows from C(pKIKeyUsage),
            C(pKIDefaultKeySpec) and flags, which are set here and read as the console reads them.
          - It also decides which value of the MSCEP registry key the template belongs to, see RV(mscep_slot).
          - When omitted, not managed.
        type: str
        choices: [signature, encryption, signature_and_encryption, signature_and_smartcard_logon]
      delete_revoked_or_expired_certificates:
        description:
          - I(Delete revoked or expired certificates, do not archive). Maps to
            C(REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      include_symmetric_algorithms:
        description:
          - I(Include symmetric algorithms allowed by the subject). Maps to C(INCLUDE_SYMMETRIC_ALGORITHMS) of
            C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      archive_private_key:
        description:
          - I(Archive subject's encryption private key). Maps to C(REQUIRE_PRIVATE_KEY_ARCHIVAL) of
            C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: bool
      allow_private_key_export:
        description:
          - I(Allow private key to be exported). Maps to C(EXPORTABLE_KEY) of C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: bool
      renew_with_same_key:
        description:
          - I(Renew with the same key). Maps to C(REQUIRE_SAME_KEY_RENEWAL) of C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: bool
      reuse_key_when_card_is_full:
        description:
          - I(For automatic renewal of smart card certificates, use the existing key if a new key cannot be created).
            Maps to C(ENABLE_KEY_REUSE_ON_NT_TOKEN_KEYSET_STORAGE_FULL) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      user_interaction:
        description:
          - V(none) enrolls without requiring any user input, V(prompt) prompts the user during enrollment, and
            V(prompt_when_key_is_used) also requires user input when the private key is used. Maps to
            C(USER_INTERACTION_REQUIRED) of C(msPKI-Enrollment-Flag) and C(STRONG_KEY_PROTECTION_REQUIRED) of
            C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: str
        choices: [none, prompt, prompt_when_key_is_used]
      key_permissions:
        description:
          - Security descriptor of the private key in SDDL, with a key storage provider only; an empty string removes
            it. Maps to C(msPKI-Key-Security-Descriptor) in C(msPKI-RA-Application-Policies).
          - When omitted, not managed.
        type: str
  key_attestation:
    description: Tab I(Key Attestation).
    type: dict
    suboptions:
      requirement:
        description:
          - Whether the key must be attested, V(preferred) meaning if the client is capable. Maps to C(ATTEST_PREFERRED)
            and C(ATTEST_REQUIRED) of C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: str
        choices: [none, preferred, required]
      trust:
        description:
          - By what the endorsement key is trusted. Maps to C(EK_TRUST_ON_USE), C(EK_VALIDATE_CERT) and
            C(EK_VALIDATE_KEY) of C(msPKI-Private-Key-Flag). The list is the whole set.
          - When omitted, not managed.
        type: list
        elements: str
        choices: [user_credentials, hardware_certificate, hardware_key]
      without_issuance_policies:
        description:
          - I(Perform attestation only, do not include issuance policies). Maps to C(ATTESTATION_WITHOUT_POLICY) of
            C(msPKI-Private-Key-Flag).
          - When omitted, not managed.
        type: bool
  subject_name:
    description: Tab I(Subject Name).
    type: dict
    suboptions:
      source:
        description:
          - V(supply_in_request) lets whoever may enroll name any subject; V(active_directory) builds it from the
            account. Maps to C(ENROLLEE_SUPPLIES_SUBJECT) of C(msPKI-Certificate-Name-Flag). A change also moves
            C(AUTO_ENROLLMENT) of C(msPKI-Enrollment-Flag), as in the console.
          - When omitted, not managed.
        type: str
        choices: [supply_in_request, active_directory]
      use_existing_subject_for_renewal:
        description:
          - I(Use subject information from existing certificates for autoenrollment renewal requests). Maps to
            C(OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME) of C(msPKI-Certificate-Name-Flag).
          - When omitted, not managed.
        type: bool
      format:
        description:
          - Subject name format of V(active_directory). Maps to the C(SUBJECT_REQUIRE_*) bits of
            C(msPKI-Certificate-Name-Flag); V(none) makes the old subject alternative name extension critical, as the
            console does.
          - When omitted, not managed.
        type: str
        choices: [none, common_name, fully_distinguished_name, dns_name]
      include_email_in_subject:
        description:
          - I(Include e-mail name in subject name). Maps to C(SUBJECT_REQUIRE_EMAIL) of C(msPKI-Certificate-Name-Flag).
          - When omitted, not managed.
        type: bool
      alternate_names:
        description:
          - What the alternate subject name holds with V(active_directory). Maps to the C(SUBJECT_ALT_REQUIRE_*) bits of
            C(msPKI-Certificate-Name-Flag). The list is the whole set; the console has no boxes for V(directory_guid)
            and V(domain_dns_name).
          - When omitted, not managed.
        type: list
        elements: str
        choices: [email, dns_name, upn, spn, directory_guid, domain_dns_name]
  server:
    description: Tab I(Server).
    type: dict
    suboptions:
      do_not_store_in_database:
        description:
          - I(Do not store certificates and requests in the CA database). Maps to C(DONOTPERSISTINDB) of C(flags).
          - When omitted, not managed.
        type: bool
      do_not_include_revocation_information:
        description:
          - I(Do not include revocation information in issued certificates). Maps to C(NOREVOCATIONINFOINISSUEDCERTS) of
            C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
  issuance_requirements:
    description: Tab I(Issuance Requirements).
    type: dict
    suboptions:
      manager_approval:
        description:
          - I(CA certificate manager approval). Maps to C(PEND_ALL_REQUESTS) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      authorized_signatures:
        description:
          - I(This number of authorized signatures). Maps to C(msPKI-RA-Signature).
          - When omitted, not managed.
        type: int
      application_policies:
        description:
          - Application policies that the signatures' certificates must have, by English name or OID. Maps to
            C(msPKI-RA-Application-Policies).
          - When omitted, not managed.
        type: dict
        suboptions: &edit
          add:
            description: What to add where it is missing. When omitted, nothing is added.
            type: list
            elements: str
          remove:
            description: What to remove where it is. When omitted, nothing is removed.
            type: list
            elements: str
          set:
            description: The whole list; everything else is removed. When omitted, other values are left alone.
            type: list
            elements: str
      issuance_policies:
        description:
          - Issuance policies that the signatures' certificates must have, by name in the directory or OID. Maps to
            C(msPKI-RA-Policies).
          - When omitted, not managed.
        type: dict
        suboptions: *edit
      reenrollment:
        description:
          - What a reenrollment requires. Maps to C(PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT) of
            C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: str
        choices: [same_criteria_as_for_enrollment, valid_existing_certificate]
      allow_key_based_renewal:
        description:
          - I(Allow key based renewal). Maps to C(ALLOW_PREVIOUS_APPROVAL_KEYBASEDRENEWAL_VALIDATE_REENROLLMENT) of
            C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
  extensions:
    description: Tab I(Extensions).
    type: dict
    suboptions:
      application_policies:
        description:
          - Application policies by English name or OID. Maps to C(pKIExtendedKeyUsage) and, from schema version 2 on,
            to C(msPKI-Certificate-Application-Policy), which are kept equal.
          - When omitted, not managed; required for a template made from nothing, since one without is good for every
            purpose.
        type: dict
        suboptions: *edit
      issuance_policies:
        description:
          - Issuance policies by name in the directory or OID. Maps to C(msPKI-Certificate-Policy).
          - When omitted, not managed.
        type: dict
        suboptions: *edit
      key_usage:
        description:
          - Key usage, the whole set; V(proof_of_origin) is I(Signature is proof of origin, nonrepudiation). Maps to
            C(pKIKeyUsage).
          - When omitted, not managed.
        type: list
        elements: str
        choices:
          - digital_signature
          - proof_of_origin
          - key_encipherment
          - data_encipherment
          - key_agreement
          - certificate_signing
          - crl_signing
          - encipher_only
          - decipher_only
      signature_is_proof_of_origin:
        description:
          - I(Signature is proof of origin, nonrepudiation) alone, the other uses left as they are. Must be V(false) for
            iOS and macOS. Maps to one bit of C(pKIKeyUsage).
          - When omitted, not managed.
        type: bool
      basic_constraints:
        description:
          - I(Enable this extension) of the basic constraints. Maps to C(INCLUDE_BASIC_CONSTRAINTS_FOR_EE_CERTS) of
            C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      ocsp_no_revocation_checking:
        description:
          - I(OCSP No Revocation Checking). Maps to C(ADD_OCSP_NOCHECK) of C(msPKI-Enrollment-Flag).
          - When omitted, not managed.
        type: bool
      critical:
        description:
          - I(Make this extension critical), by V(key_usage), V(application_policies), V(extended_key_usage),
            V(basic_constraints), V(issuance_policies), V(subject_alternative_name), V(old_subject_alternative_name) or
            OID. Maps to C(pKICriticalExtensions).
          - When omitted, not managed.
        type: dict
        suboptions: *edit
  superseded_templates:
    description:
      - Tab I(Superseded Templates), by template name. Each must exist. Maps to C(msPKI-Supersede-Templates).
      - When omitted, not managed.
    type: dict
    suboptions: *edit
  advanced:
    description:
      - What no tab shows. Whole flag words by the names of MS-CRTD without C(CT_FLAG_), or hexadecimal numbers for bits
        without a name. Applied after the tabs, which they must not contradict. Exports use them where the tabs alone
        are not enough.
    type: dict
    suboptions:
      schema_version:
        description:
          - Maps to C(msPKI-Template-Schema-Version). Fixed when a template is created.
          - When omitted, decided by O(compatibility) and O(cryptography.provider_category). When given, omitted
            compatibility stays unset, as in built-in templates.
        type: int
        choices: [1, 2, 3, 4]
      general_flags:
        description:
          - The whole word C(flags). When omitted, not managed.
        type: list
        elements: str
      name_flags:
        description:
          - The whole word C(msPKI-Certificate-Name-Flag). When omitted, not managed.
        type: list
        elements: str
      enrollment_flags:
        description:
          - The whole word C(msPKI-Enrollment-Flag). When omitted, not managed.
        type: list
        elements: str
      private_key_flags:
        description:
          - The whole word C(msPKI-Private-Key-Flag), compatibility included. When omitted, not managed.
        type: list
        elements: str
      key_spec:
        description:
          - C(pKIDefaultKeySpec); 1 is C(AT_KEYEXCHANGE), 2 is C(AT_SIGNATURE). When omitted, not managed.
        type: int
        choices: [1, 2]
      maximum_issuing_depth:
        description:
          - C(pKIMaxIssuingDepth); -1 is unlimited. When omitted, not managed.
        type: int
      ra_application_policies:
        description:
          - The values of C(msPKI-RA-Application-Policies) as they are stored. When omitted, not managed.
        type: list
        elements: str
  rights:
    description:
      - Tab I(Security). Only entries of the template itself are managed; what is inherited stays.
      - When omitted, a new template made from nothing is readable by Authenticated Users and managed by the
        administrators of the forest's root domain, nobody enrolls; a duplicate has the entries of its source and full
        control for its creator.
    type: dict
    suboptions:
      add:
        description:
          - Rights to grant where they are missing, whatever the form of the entries that grant them. Other entries are
            left alone. When omitted, nothing is granted.
        type: list
        elements: dict
        suboptions: &entry
          principal:
            description:
              - Who is concerned, as C(DOMAIN\\name), C(name@domain), account name, computer name with C($),
                distinguished name, SID, or English well-known name such as V(Authenticated Users), which is resolved by
                number on every language.
            type: str
            required: true
          rights:
            description:
              - The rights. V(manage) is everything but enrollment, which is what built-in templates give to
                administrators; V(full_control), when it is given, brings V(enroll) and V(autoenroll) with it. What the
                console copies as full control lacks these two and is left as it is; name them beside it to be sure.
              - When omitted, C(ace) is the entry, or in a removal every right of the principal is meant.
            type: list
            elements: str
            choices: [full_control, manage, read, write, enroll, autoenroll]
          type:
            description: Whether the entry allows or denies. When omitted, V(allow).
            type: str
            choices: [allow, deny]
          access:
            description:
              - Exact mask of the one entry in SDDL letters such as V(RPWPCR). When omitted, every form that means the
                rights will do, and a new entry is the one that the console writes.
            type: str
          ace:
            description:
              - A whole entry in SDDL without parentheses and principal, such as
                V(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;), for what the words cannot say. When omitted, the
                words say it.
            type: str
      remove:
        description:
          - Rights to take away; what the principal has beside them stays. When omitted, nothing is taken away.
        type: list
        elements: dict
        suboptions: *entry
      set:
        description:
          - The whole list of entries; everyone else's are removed. When omitted, other entries are left alone.
        type: list
        elements: dict
        suboptions: *entry
  owner:
    description:
      - Principal that owns the object. Needs the right to give ownership to it.
      - When omitted, not managed; a new object belongs to its creator.
    type: str
  inherit_rights:
    description:
      - Whether inheritable entries of the container apply to the template. Turning it off removes the inherited
        entries.
      - When omitted, not managed; a new template does not inherit, as in the console.
    type: bool
  minimum_revision:
    description:
      - Least major revision. Raising it makes every holder of a certificate of this template enroll again, which is
        I(Reenroll All Certificate Holders) of the console.
      - When omitted, the major revision is not raised.
    type: int
  allow_hazards:
    description:
      - Hazards that are accepted, by id. Each is a known way from a certificate template to other people's accounts;
        what they mean and which are refused is told in the collection's guide on hazards.
      - A task whose template would have a refused hazard that is not named here fails before anything is written, also
        when nothing is to be changed, and in check mode.
      - Every hazard that the template has is in the result, refused or not, and an allowed one that
        would have been refused is warned of.
      - Without effect in a removal.
      - When omitted, none is accepted.
    type: list
    elements: str
    choices: [ESC1, ESC2, ESC3, ESC4, ESC9, ESC13, ESC15, ESC17]
    default: []
  expected_principals:
    description:
      - Accounts that an earlier task of the same check mode run would have created, so that the rehearsal does not
        stop at rights for them. Each is shown by the name that it will have.
      - Without effect outside check mode. When omitted, every principal must exist.
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
  - Microsoft's own tools write templates through the certificate template API; writing the objects over LDAP is not
    supported by Microsoft. The module writes what the console was seen to write.
  - A template and its OID object are two objects that no server changes at once. The OID object is created first and
    taken back when the template cannot be created; a run that was killed in between leaves an OID object that V(absent)
    finds and removes.
  - When a domain controller was lost and another took over, both may have made the same template. V(present) then
    removes OID objects under the template's display name that no template has, and the template that replication
    renamed (C(CN=name\0ACNF:GUID)) with its OID object when it is the same; one that differs is named in a warning.
  - Built-in templates are not changed, except for their rights, and not deleted.
  - Names of application policies are English; the OID that they stand for decides.
seealso:
  - module: certops.intune.certificate_template_info
  - module: certops.intune.template_publication
  - name: MS-CRTD
    description: Certificate templates structure.
    link: https://learn.microsoft.com/openspecs/windows_protocols/ms-crtd
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: SCEP template for NDES, made as the console would duplicate User
  certops.intune.certificate_template:
    name: IntuneSCEP
    display_name: Intune SCEP
    duplicate_of: User
    general:
      publish_to_active_directory: false
    request_handling:
      purpose: signature_and_encryption
      allow_private_key_export: false
    subject_name:
      source: supply_in_request
    extensions:
      application_policies:
        set: [Client Authentication]
      signature_is_proof_of_origin: false
    rights:
      set:
        - {principal: Authenticated Users, rights: [read]}
        - {principal: Enterprise Admins, rights: [manage]}
        - {principal: svc-ndes, rights: [read, enroll]}

- name: Let the connector enroll as well, and nobody lose anything
  certops.intune.certificate_template:
    name: IntuneSCEP
    rights:
      add:
        - {principal: conn1$, rights: [read, enroll]}

- name: Remove the template from the authorities and the directory
  certops.intune.certificate_template:
    name: IntuneSCEP
    state: absent
"""

RETURN = r"""
distinguished_name:
  description: Distinguished name of the template.
  returned: success
  type: str
  sample: CN=IntuneSCEP,CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example
oid:
  description: Object identifier of the template; null when it does not exist, and in check mode when it would be
    created.
  returned: success
  type: str
  sample: 1.3.6.1.4.1.311.21.8.8821042.7310511.5196169.1312145.13047281.77.6616009.14891906
revision:
  description: Major and minor revision, null when the template does not exist.
  returned: success
  type: str
  sample: "100.3"
schema_version:
  description: Schema version, null when the template does not exist.
  returned: success
  type: int
  sample: 2
mscep_slot:
  description:
    - Value under C(HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP) on the NDES server that the template's name belongs into
      by its purpose, null when the template does not exist.
  returned: success
  type: str
  sample: GeneralPurposeTemplate
published_on:
  description: Names of the certification authorities that issue the template.
  returned: success
  type: list
  elements: str
  sample: [CORP Issuing CA 1]
hazards:
  description:
    - The known ways from the template, as it is now or would be, to other people's accounts; empty for one that does
      not exist.
    - In the form of RV(certops.intune.certificate_template_info#module:templates[].hazards).
  returned: success
  type: list
  elements: dict
  sample: [{id: ESC1, template: IntuneSCEP, reach: account, refused: false, active: true}]
backup_file:
  description: Path of the file with the state before, on the host that the module ran on.
  returned: when existing objects were changed
  type: str
  sample: /home/ansible/certops-intune-backups/20261121T160000Z-certificate_template_IntuneSCEP.ldif
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.adcs.argument_spec import TABS, template_spec
from ansible_collections.certops.intune.plugins.module_utils.adcs.template_state import (
    Outcome,
    Request,
    absent,
    present,
)
from ansible_collections.certops.intune.plugins.module_utils.directory import backup
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run


def bring_about(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    params = module.params
    write = not module.check_mode
    kept = backup.Backup(params["backup_dir"], f"certificate_template {params['name']}")
    if params["state"] == "absent":
        outcome = absent(session, params["name"], params["display_name"], write=write, backup=kept)
    else:
        request = Request(
            name=params["name"],
            display_name=params["display_name"],
            duplicate_of=params["duplicate_of"],
            subject_type=params["subject_type"],
            options={option: params[option] for option in TABS},
            rights=params["rights"],
            owner=params["owner"],
            inherit_rights=params["inherit_rights"],
            minimum_revision=params["minimum_revision"],
            expected_principals=tuple(params["expected_principals"]),
            allow_hazards=tuple(params["allow_hazards"]),
        )
        outcome = present(session, request, write=write, backup=kept)
    for warning in outcome.warnings:
        module.warn(warning)
    return {**result_of(outcome), **kept.result()}


def result_of(outcome: Outcome) -> dict[str, t.Any]:
    template = outcome.template
    return {
        "changed": outcome.changed,
        "diff": {"before": outcome.before, "after": outcome.after},
        "distinguished_name": outcome.dn,
        "oid": (template.oid or None) if template else None,
        "revision": f"{template.revision}.{template.minor_revision}" if template else None,
        "schema_version": template.schema_version if template else None,
        "mscep_slot": outcome.mscep_slot,
        "published_on": list(outcome.published_on),
        "hazards": [hazard.as_facts() for hazard in outcome.hazards],
    }


def main() -> None:
    run(create_module({**template_spec(), **backup.argument_spec()}), bring_about)


if __name__ == "__main__":
    main()

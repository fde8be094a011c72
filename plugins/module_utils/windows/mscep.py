# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Network Device Enrollment Service and HTTP.sys keep in the registry, and the names that NDES uses in IIS.

Provenance: the three templates from scep-configure (SCEP-060..SCEP-064); HTTP.sys from the same (SCEP-066, SCEP-067),
its limits from Microsoft's "Http.sys registry settings for Windows"; the other values and what IIS has from public
captures of MSCEP.reg, ConfigurationStatus.reg and applicationHost.config (Sleepw4lker/NDESmanualInstallation). Not
verified on Windows here.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

#: As PowerShell names them (`HKLM:\\...`).
MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
HTTP_PARAMETERS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
ROLE = r"HKLM:\SOFTWARE\Microsoft\ADCS\NDES"
CONFIGURATION_STATUS = "ConfigurationStatus"
#: ConfigurationStatus once the role service was configured; 1 before that.
CONFIGURED = 2

#: Where this collection notes what waits for a reboot or for the pool to be started anew: one value for each reason,
#: REG_SZ, the server's own time in UTC as ISO 8601 when it was written. Written before what it tells of, so that a run
#: that ends in between is followed by one that knows. What is older than the last boot waits no more.
WAITING = r"HKLM:\SOFTWARE\certops.intune\Waiting"
REBOOT_FOR_HTTP = "reboot:http_parameters"
REBOOT_FOR_RIGHTS = "reboot:user_rights"
REBOOT_FOR_AUTHENTICATION = "reboot:registration_service"
RESTART_OF_POOL = "pool_restart:mscep"

#: The module's key, the value of the thumbprint in it.
POLICY_MODULE = MSCEP + r"\Modules\NDESPolicy"
POLICY_THUMBPRINT = "NDESCertThumbprint"

#: IIS: the pool, the applications, the identifier of the site that has them.
POOL = "SCEP"
APPLICATION = "CertSrv/mscep"
ADMIN_APPLICATION = "CertSrv/mscep_admin"
SITE_ID = 1

#: The built-in templates of the registration authority and of clients, by their place.
SIGNING_TEMPLATE, ENCRYPTION_TEMPLATE = "EnrollmentAgentOffline", "CEPEncryption"
DEFAULT_TEMPLATE = "IPSECIntermediateOffline"
BUILT_IN_TEMPLATES = (SIGNING_TEMPLATE, ENCRYPTION_TEMPLATE, DEFAULT_TEMPLATE)

#: Key usage bits (first octet of pKIKeyUsage) that a template for the slot has and no other of the two.
DIGITAL_SIGNATURE, KEY_ENCIPHERMENT = 0x80, 0x20


@dataclasses.dataclass(frozen=True)
class Value:
    """A value of the registry.

    Attributes:
        key: Its key below MSCEP, "" for MSCEP itself.
        name: Its name.
        kind: `String`, `DWord` or `MultiString`, as New-ItemProperty names them.
        default: What NDES's configuration writes; None where it writes nothing.
    """

    key: str
    name: str
    kind: str
    default: t.Any = None

    @property
    def path(self) -> str:
        return f"{MSCEP}\\{self.key}" if self.key else MSCEP


#: By the name of the option that sets it, or of what the module returns.
VALUES: t.Final[t.Mapping[str, Value]] = {
    "signature_template": Value("", "SignatureTemplate", "String", DEFAULT_TEMPLATE),
    "encryption_template": Value("", "EncryptionTemplate", "String", DEFAULT_TEMPLATE),
    "general_purpose_template": Value("", "GeneralPurposeTemplate", "String", DEFAULT_TEMPLATE),
    "ca_config": Value("CAInfo", "Configuration", "String"),
    "ca_type": Value("CAType", "CAType", "DWord", 1),
    "certificates_in_my_store": Value("CertsInMYStore", "CertsInMYStore", "DWord", 1),
    "enforce_password": Value("EnforcePassword", "EnforcePassword", "DWord", 1),
    "password_virtual_directory": Value("PasswordVDir", "PasswordVDir", "String", ADMIN_APPLICATION),
    "use_single_password": Value("UseSinglePassword", "UseSinglePassword", "DWord", 0),
    "password_length": Value("PasswordLength", "PasswordLength", "DWord", 8),
    "password_max": Value("PasswordMax", "PasswordMax", "DWord", 5),
    "password_validity": Value("PasswordValidity", "PasswordValidity", "DWord", 60),
    "hash_algorithm": Value("HashAlgorithm", "HashAlgorithm", "String"),
    "ca_capabilities": Value("CACapabilitiesAlgorithms", "CACapabilitiesAlgorithms", "MultiString"),
}

#: HTTP.sys reads them at boot: name -> (default, lowest, highest) in octets.
HTTP_LIMITS: t.Final[t.Mapping[str, tuple[int, int, int]]] = {
    "MaxFieldLength": (16384, 64, 65534),
    "MaxRequestBytes": (16384, 256, 16777216),
}

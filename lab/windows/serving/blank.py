# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as the lab begins with it: a blank member server, prepared for Ansible."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab import estate
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.people.directory import Directory
from lab.windows.security import key_containers


@dataclass(frozen=True)
class Preparation:
    """What a host of this forest has beyond a bare installation.

    Attributes:
        root: DER of the forest's root CA, which group policy puts into Root.
        issuing: DER of the issuing CA, which group policy puts into CA.
        certificate: DER of the host's own certificate, with which its listener answers.
        key: Its key, PKCS #8 DER.
        password: Of the local account for Ansible.
        authority: Name of the CA that the host is; "" if it is none.
    """

    root: bytes
    issuing: bytes
    certificate: bytes
    key: bytes = field(repr=False)
    password: str = field(repr=False)
    authority: str = ""


#: Bytes of an installation medium; nothing more fits on it.
MEDIUM_SIZE = 5 * 1024**3


def _insert_medium(host: Host) -> None:
    """Let the installation medium be in the drive, with the payload of the features that are not on the disk."""
    letter = estate.PAYLOAD[:2]
    host.files.mount(letter, MEDIUM_SIZE, 0)
    host.files.make_folder(estate.PAYLOAD)


def make(identity: Identity, directory: Directory, preparation: Preparation) -> Host:
    """Make the host anew."""
    host = Host(identity, directory)
    host.certificates.trust(preparation.root, preparation.issuing)
    host.certificates.add_machine_certificate(preparation.certificate, preparation.key)
    key_containers.protect_all(host)
    _insert_medium(host)
    if preparation.authority:
        host.registry.add_certification_authority(identity, preparation.authority)
    host.accounts.add_administrator(estate.LOCAL_ADMINISTRATOR, preparation.password)
    return host

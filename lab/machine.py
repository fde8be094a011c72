# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine must have for a lab: root, and the packages of packages.txt."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from .layout import LabError

PACKAGES = Path(__file__).with_name("packages.txt")

TOP = Path(__file__).resolve().parent.parent

#: The Python of the project's environment, which has the libraries that the simulated Windows hosts are made with.
PYTHON = TOP / ".venv" / "bin" / "python"

#: How a package is recognised as present: by a program, a Python module or a file of its own.
PROGRAMS = {
    "bind9-dnsutils": "dig",
    "iproute2": "ip",
    "krb5-user": "kinit",
    "ldap-utils": "ldapsearch",
    "ldb-tools": "ldbsearch",
    "samba-ad-dc": "samba",
}
MODULES = {"python3-cryptography": "cryptography", "python3-samba": "samba", "python3-yaml": "yaml"}
FILES = {
    "libsasl2-modules-gssapi-mit": "usr/lib/*/sasl2/libgssapiv2.so",
    "samba-ad-provision": "usr/share/samba/setup/provision.ldif",
    "samba-dsdb-modules": "usr/lib/*/samba/ldb/samba_dsdb.so",
}

#: Where programs of an administrator are; the PATH of a plain su does not have them.
SYSTEM_PATH = "/usr/sbin:/sbin"


def require_root() -> None:
    """Refuse to go on as anybody else; say why and how."""
    if os.geteuid() != 0:
        raise LabError(
            "The lab needs root: it makes namespaces of its own for network, mounts and processes, and runs domain "
            "controllers in them on ports below 1024. It changes nothing outside of them but its directory. "
            f"Run: sudo {' '.join(sys.argv)}",
            2,
        )


def require_packages() -> None:
    """Refuse to go on without a package; complete PATH for the programs of those that are there."""
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PATH}"
    wanted = [line for line in PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    missing = [package for package in wanted if not present(package)]
    if missing:
        raise LabError(
            f"Packages are missing: {', '.join(missing)}. Install them with: apt-get install {' '.join(missing)}", 2
        )


def require_environment() -> None:
    """Refuse to go on without the Python environment of the project, in which the Windows hosts are simulated."""
    if not PYTHON.exists():
        raise LabError(f"{PYTHON} is missing: the simulated Windows hosts run in it. Make it with: make setup", 2)


def present(package: str) -> bool:
    if package in PROGRAMS:
        return shutil.which(PROGRAMS[package]) is not None
    if package in MODULES:
        return find_spec(MODULES[package]) is not None
    return any(Path("/").glob(FILES[package]))

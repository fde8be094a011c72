# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object identifiers of a forest's templates and policies: form, allocation, and the naming rule of their objects.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

#: Arc under which Windows gives each forest a root of its own when the first enterprise CA is installed (MS-WCCE
#: 2.2.1).
FOREST_ROOT_ARC = "1.3.6.1.4.1.311.21.8"
#: The largest arc drawn for a new template; most console-made templates stay below it as well.
MAXIMUM_ARC = 0xFFFFFF

#: msPKI-Enterprise-Oid flags: what the object names.
TEMPLATE_OID = 1
ISSUANCE_POLICY_OID = 2
APPLICATION_POLICY_OID = 3

_OID = re.compile(r"(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9]\d{0,9}))(?:\.(?:0|[1-9]\d{0,38}))*\Z", re.ASCII)
_MAXIMUM_LENGTH = 255


def is_oid(text: str) -> bool:
    """Whether O(text) is a dotted object identifier (X.660) of a length that certificates carry."""
    return len(text) <= _MAXIMUM_LENGTH and _OID.match(text) is not None


def object_name(oid: str) -> str:
    """The cn of the msPKI-Enterprise-Oid object of O(oid): C(<last arc>.<MD5 of the UTF-16LE text, upper hex>).

    Windows looks the object up by this name; an object under another name is not found by it.
    """
    digest = hashlib.md5(oid.encode("utf-16-le"), usedforsecurity=False).hexdigest().upper()
    return f"{oid.rpartition('.')[2]}.{digest}"


def allocate(root: str, random_below: t.Callable[[int], int], taken: t.Container[str]) -> str:
    """A new template OID under the forest's O(root): two random arcs, as the console draws them.

    Args:
        root: value of msPKI-Cert-Template-OID on the container CN=OID.
        random_below: a source such as secrets.randbelow; passed in so that the result can be decided in tests.
        taken: OIDs that are in use.

    Raises ValueError when O(root) is not an OID.
    """
    if not is_oid(root):
        raise ValueError(f"'{root}' is not an object identifier")
    while True:
        oid = f"{root}.{1 + random_below(MAXIMUM_ARC)}.{1 + random_below(MAXIMUM_ARC)}"
        if oid not in taken:
            return oid

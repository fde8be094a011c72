# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter audit_page."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils.report.audit import audit_page as make_page


def audit_page(audit: t.Mapping[str, t.Any]) -> str:
    """The page of O(audit)."""
    try:
        return make_page(audit)
    except ValueError as exc:
        raise AnsibleFilterError(f"audit_page: {exc}") from exc


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"audit_page": audit_page}

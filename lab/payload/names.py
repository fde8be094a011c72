# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Full names of modules that ansible-core 2.18 names as the task did, although it sends those of the collections."""

from __future__ import annotations

#: What the redirects of ansible-core 2.18 (config/ansible_builtin_runtime.yml) send to ansible.windows.
_ANSIBLE_WINDOWS = frozenset(
    """
    async_status setup slurp win_acl win_acl_inheritance win_certificate_store win_command win_copy win_dns_client
    win_domain win_domain_controller win_domain_membership win_dsc win_environment win_feature win_file win_find
    win_get_url win_group win_group_membership win_hostname win_optional_feature win_owner win_package win_path
    win_ping win_reboot win_reg_stat win_regedit win_service win_share win_shell win_stat win_tempfile win_template
    win_updates win_uri win_user win_user_right win_wait_for win_whoami
    """.split()
)
#: What action plugins ask for under the name of its Python counterpart (ActionBase._configure_module).
_COUNTERPARTS = frozenset({"stat", "file", "copy", "ping"})
_BUILTIN = ("ansible.builtin.", "ansible.legacy.")


def full_name(name: str) -> str:
    """The module that a name in `_ansible_module_name` means on Windows."""
    leaf = name
    for prefix in _BUILTIN:
        leaf = leaf.removeprefix(prefix)
    if "." in leaf:
        return name
    if leaf in _COUNTERPARTS:
        return f"ansible.windows.win_{leaf}"
    if leaf in _ANSIBLE_WINDOWS:
        return f"ansible.windows.{leaf}"
    return f"community.windows.{leaf}" if leaf.startswith("win_") else name

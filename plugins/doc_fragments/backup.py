# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option for backups, as the documentation of every module that changes existing objects shows it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  backup_dir:
    description:
      - Folder in which the state before a change of existing objects is kept, where the module runs. It is made with
        mode C(0700) when it is missing.
      - Each change writes one LDIF file of mode C(0600), which C(ldapmodify) brings back. When it cannot be written,
        nothing is changed in the directory. Check mode writes none.
      - In a container that ends with its job, such as an execution environment, give a folder on a volume that stays.
    type: path
    default: ~/certops-intune-backups
notes:
  - The guide C(docs/backup-and-restore.md) of the collection says how a backup is brought back, and what of an object
    no directory takes back.
  - What another tool changes between the module's first look and its first write is refused with an error, and
    nothing is written.
"""

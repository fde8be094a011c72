#!/usr/bin/python
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_account
version_added: 0.1.0
short_description: Manage the account that a service such as NDES runs under
description:
  - Creates, changes and deletes a domain user or a group managed service account (gMSA), and tells its state. Locked
    out, expired or disabled it is told as a warning too, since NDES answers with HTTP 500 then.
  - An option that is omitted is not managed. Bits of C(userAccountControl) that no option names survive.
  - Everything about the account itself is written in one operation, its password and flags included. Memberships of
    groups follow; what a failure left out of them, the next run writes.
  - Administrators are neither changed nor deleted, which are the accounts that every domain has, members of protected
    groups such as Domain Admins, and accounts with C(adminCount) 1.
  - Serves SCEP-022, TRBL-059 and TRBL-060.
options:
  name:
    description:
      - Account name. Maps to C(sAMAccountName), up to 20 characters for a user and 15 for a managed account, whose
        dollar sign at the end may be left out.
      - It is the C(cn) of a new account too.
    type: str
    required: true
  state:
    description:
      - V(present) creates or changes the account.
      - V(absent) deletes it. An account of the other O(type) is refused, and so is one with objects in it.
    type: str
    choices: [present, absent]
    default: present
  type:
    description:
      - V(user) is an ordinary domain user.
      - V(group_managed) is a group managed service account. Domain controllers make its password and change it, and
        give it to the hosts that O(allowed_to_retrieve_password) names. The forest needs a KDS root key that is ten
        hours old; a missing one is refused with how to make it.
    type: str
    choices: [user, group_managed]
    default: user
  path:
    description:
      - Distinguished name of the organizational unit or container of a new account.
      - An account that exists elsewhere is refused, and never moved.
      - When omitted, a new user is put where the domain puts new users and a managed account into the container of
        managed service accounts, whatever these are called.
    type: str
  display_name:
    description: Maps to C(displayName). An empty text takes it away. When omitted, it is not managed.
    type: str
  description:
    description: Maps to C(description). An empty text takes it away. When omitted, it is not managed.
    type: str
  user_principal_name:
    description:
      - Maps to C(userPrincipalName), as V(name@domain). One by which another account of the forest logs on is refused.
      - An empty text takes it away. When omitted, it is not managed; the account logs on as C(name@domain) anyway.
    type: str
  dns_host_name:
    description:
      - Maps to C(dNSHostName), only for O(type=group_managed).
      - When omitted, a new account gets its name in the domain, and that of an existing one is not managed.
    type: str
  password:
    description:
      - The password of a user. It is checked against the domain's policy before anything is written, unless the account
        has a policy of its own, and sent over an encrypted connection only.
      - When omitted, a new account must be made with O(enabled=false).
    type: str
  update_password:
    description:
      - V(on_create) sets O(password) only on an account that is created.
      - V(always) sets it each time, and so changes something in every run. It also ends the expiry of the old one.
    type: str
    choices: [on_create, always]
    default: on_create
  password_never_expires:
    description:
      - I(Password never expires). Maps to C(DONT_EXPIRE_PASSWORD) in C(userAccountControl).
      - When omitted, the password of a new account expires by the domain's policy, and that of an existing one is not
        managed.
    type: bool
  sensitive:
    description:
      - I(Account is sensitive and cannot be delegated). Maps to C(NOT_DELEGATED) in C(userAccountControl).
      - When omitted, a new account can be delegated, and an existing one is not managed.
    type: bool
  enabled:
    description:
      - Maps to C(ACCOUNTDISABLE) in C(userAccountControl), the contrary.
      - When omitted, a new account is enabled, and an existing one is not managed.
    type: bool
  unlocked:
    description:
      - Ends a lockout. Maps to C(lockoutTime). An account is not locked out by asking, hence the only choice.
      - When omitted, a lockout is told and left.
    type: bool
    choices: [true]
  account_expires:
    description:
      - V(never); or a date such as V(2027-12-31), to the end of which in UTC the account works; or a moment with its
        time zone, such as V(2027-12-31T18:00:00+01:00). Maps to C(accountExpires).
      - When omitted, a new account never expires, and that of an existing one is not managed.
    type: str
  kerberos_encryption_types:
    description:
      - Which keys tickets for the account may be made with. Maps to C(msDS-SupportedEncryptionTypes); other bits of it
        survive. An account whose password is older than the domain's functional level 2008 has no AES keys until the
        password is changed.
      - V(aes256), V(aes128), V(rc4); V(des) can only be removed. When omitted, it is not managed, and the domain's own
        choice counts for a new account.
    type: dict
    suboptions:
      add:
        description: Types to allow. When omitted, none is added.
        type: list
        elements: str
      remove:
        description: Types to disallow. When omitted, none is removed.
        type: list
        elements: str
      set:
        description: The whole list; an empty one leaves the choice to the domain. When omitted, others are left alone.
        type: list
        elements: str
  groups:
    description:
      - Groups of the account's domain that name it as a member, each as V(DOMAIN\\name), V(name@domain), V(name), a
        distinguished name or a SID. Nested membership is not counted.
      - The primary group is there already and cannot be left. A group that makes administrators, itself or through
        another one, is refused.
      - When omitted, memberships are not managed.
    type: dict
    suboptions:
      add:
        description: Groups to join. When omitted, none is joined.
        type: list
        elements: str
      remove:
        description: Groups to leave. When omitted, none is left.
        type: list
        elements: str
      set:
        description: The whole list, but for the primary group. When omitted, others are left alone.
        type: list
        elements: str
  allowed_to_retrieve_password:
    description:
      - Computers, and groups of computers, that may read the password, only for O(type=group_managed). Maps to
        C(msDS-GroupMSAMembership), which the console calls I(PrincipalsAllowedToRetrieveManagedPassword).
      - A computer that is made a member of such a group has to be restarted before it may.
      - When omitted, nobody may with a new account, and that of an existing one is not managed.
    type: dict
    suboptions:
      add:
        description: Principals to allow. When omitted, none is added.
        type: list
        elements: str
      remove:
        description: Principals to disallow. When omitted, none is removed.
        type: list
        elements: str
      set:
        description: The whole list. When omitted, others are left alone.
        type: list
        elements: str
  managed_password_interval:
    description:
      - After how many days the password of a managed account is changed. Maps to C(msDS-ManagedPasswordInterval).
      - Fixed when an account is created; an existing one with another number is refused. When omitted, V(30) for a new
        account.
    type: int
  expected_principals:
    description:
      - Groups, and readers of the password, that an earlier task of the same check mode run would have created, so that
        the rehearsal does not stop at them.
      - Without effect outside check mode. When omitted, all must exist.
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
  - In check mode the account is described as it would be; its SID and what only the directory knows are null.
  - Rights on the hosts, such as logging on as a service, do not stand in the directory. See
    M(ansible.windows.win_user_right).
  - NDES must not run under an administrator, and the account needs no membership beyond those of every user.
seealso:
  - module: certops.intune.service_principal_name
  - module: microsoft.ad.kds_root_key
  - module: microsoft.ad.service_account
  - module: microsoft.ad.user
author:
  - certops.intune contributors (@certops)
"""

EXAMPLES = r"""
- name: Account for NDES, whose password nobody has to change by surprise
  certops.intune.service_account:
    name: svc-scep-example
    display_name: NDES service account
    user_principal_name: svc-scep-example@corp.example
    password: "{{ vault_scep_password }}"
    password_never_expires: true
    sensitive: true
    kerberos_encryption_types:
      set: [aes128, aes256]

- name: Verify that the account is neither locked nor expired
  certops.intune.service_account:
    name: svc-scep-example
  register: account
  failed_when: account is failed or account.locked or account.password_expired or account.account_expired

- name: Unlock it
  certops.intune.service_account:
    name: svc-scep-example
    unlocked: true

- name: Managed account whose password the NDES servers fetch
  certops.intune.service_account:
    name: gmsa-example
    type: group_managed
    allowed_to_retrieve_password:
      set: ['CORP\ndes1$', 'CORP\ndes2$']

- name: Delete the managed account
  certops.intune.service_account:
    name: gmsa-example
    type: group_managed
    state: absent

- name: Delete the user
  certops.intune.service_account:
    name: svc-scep-example
    state: absent
"""

RETURN = r"""
distinguished_name:
  description: Distinguished name of the account, null when it does not exist.
  returned: success
  type: str
  sample: CN=svc-scep,CN=Users,DC=corp,DC=example
sid:
  description: SID of the account, null when it does not exist, and in check mode when it would be created.
  returned: success
  type: str
  sample: S-1-5-21-1004336348-1177238915-682003330-1104
sam_account_name:
  description: Account name, with the dollar sign of a managed account; null when it does not exist.
  returned: success
  type: str
  sample: svc-scep
enabled:
  description: Whether the account is enabled, null when it does not exist. So are all of the following.
  returned: success
  type: bool
  sample: true
locked:
  description: Whether the account is locked out now, as the domain controller computes it.
  returned: success
  type: bool
  sample: false
password_expired:
  description: Whether the password has expired, or must be changed at the next logon.
  returned: success
  type: bool
  sample: false
password_last_set:
  description: When the password was set, in UTC; null when it never was.
  returned: success
  type: str
  sample: "2026-11-21T16:00:00Z"
password_expires:
  description: When the password expires, in UTC; null when it does not, or when that is not known.
  returned: success
  type: str
  sample: "2027-01-02T16:00:00Z"
account_expires:
  description: V(never), or when the account expires, in UTC.
  returned: success
  type: str
  sample: never
account_expired:
  description: Whether the account has expired.
  returned: success
  type: bool
  sample: false
service_principal_names:
  description: Service principal names of the account, sorted.
  returned: success
  type: list
  elements: str
  sample: [http/scep.corp.example]
groups:
  description: Groups that name the account as a member, sorted. The primary group does not.
  returned: success
  type: list
  elements: str
  sample: ['CORP\PKI Operators']
allowed_to_retrieve_password:
  description: Who may read the password of a managed account, sorted; empty for a user.
  returned: success
  type: list
  elements: str
  sample: ['CORP\NDES1$', 'CORP\NDES2$']
backup_file:
  description: Path of the file with the state before, on the host that the module ran on.
  returned: when an existing account was changed or deleted
  type: str
  sample: /home/ansible/certops-intune-backups/20261121T160000Z-service_account_svc-scep.ldif
"""

import datetime as dt
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.certops.intune.plugins.module_utils.accounts.account_state import (
    Outcome,
    Request,
    absent,
    present,
)
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import show, to_filetime
from ansible_collections.certops.intune.plugins.module_utils.directory import backup
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.module import create_module, run

#: Options of single values that go into the account as they are.
_VALUES = (
    "display_name",
    "description",
    "user_principal_name",
    "dns_host_name",
    "password_never_expires",
    "sensitive",
    "enabled",
    "unlocked",
    "account_expires",
    "managed_password_interval",
)


def manage(module: AnsibleModule, session: Session) -> dict[str, t.Any]:
    params = module.params
    write = not module.check_mode
    now = to_filetime(dt.datetime.now(dt.UTC))
    kept = backup.Backup(params["backup_dir"], f"service_account {params['name']}")
    if params["state"] == "absent":
        outcome = absent(session, params["name"], params["type"], now, write=write, backup=kept)
    else:
        request = Request(
            name=params["name"],
            kind=params["type"],
            path=params["path"],
            options={option: params[option] for option in _VALUES if params[option] is not None},
            password=params["password"],
            update_password=params["update_password"],
            kerberos_encryption_types=params["kerberos_encryption_types"],
            groups=params["groups"],
            allowed_to_retrieve_password=params["allowed_to_retrieve_password"],
            expected_principals=tuple(params["expected_principals"]),
        )
        outcome = present(session, request, now, write=write, backup=kept)
    for warning in outcome.warnings:
        module.warn(warning)
    return {**result_of(outcome, now), **kept.result()}


def result_of(outcome: Outcome, now: int) -> dict[str, t.Any]:
    account = outcome.account
    state: dict[str, t.Any] = dict.fromkeys(
        ("distinguished_name", "sid", "sam_account_name", "enabled", "locked", "password_expired", "password_last_set",
         "password_expires", "account_expires", "account_expired")
    )  # fmt: skip
    if account is not None:
        state = {
            "distinguished_name": account.dn,
            "sid": str(account.sid) if account.sid else None,
            "sam_account_name": account.name,
            "enabled": account.enabled,
            "locked": account.locked,
            "password_expired": account.password_expired,
            "password_last_set": show(account.password_last_set) if account.sid else None,
            "password_expires": show(account.password_expires),
            "account_expires": show(account.expires) or "never",
            "account_expired": account.has_expired(now),
        }
    return {
        "changed": outcome.changed,
        "diff": {"before": outcome.before, "after": outcome.after},
        **state,
        "service_principal_names": sorted(account.service_principal_names, key=str.casefold) if account else [],
        "groups": outcome.groups,
        "allowed_to_retrieve_password": outcome.readers,
    }


def main() -> None:
    text, yes_or_no = {"type": "str"}, {"type": "bool"}
    names = {"type": "list", "elements": "str"}
    edit = {"type": "dict", "options": {"add": names, "remove": names, "set": names}}
    spec = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "type": {"type": "str", "choices": ["user", "group_managed"], "default": "user"},
        "path": text,
        "display_name": text,
        "description": text,
        "user_principal_name": text,
        "dns_host_name": text,
        "password": {"type": "str", "no_log": True},
        # What follows is about passwords and holds none.
        "update_password": {
            "type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False,
        },
        "password_never_expires": {"type": "bool", "no_log": False},
        "sensitive": yes_or_no,
        "enabled": yes_or_no,
        "unlocked": {"type": "bool", "choices": [True]},
        "account_expires": text,
        "kerberos_encryption_types": edit,
        "groups": edit,
        "allowed_to_retrieve_password": {**edit, "no_log": False},
        "managed_password_interval": {"type": "int", "no_log": False},
        "expected_principals": {**names, "default": []},
        **backup.argument_spec(),
    }  # fmt: skip
    run(create_module(spec), manage)


if __name__ == "__main__":
    main()

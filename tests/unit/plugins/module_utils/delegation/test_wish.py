# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the options of a delegation, as far as they need no directory."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.delegation.rights import TASKS
from ansible_collections.certops.intune.plugins.module_utils.delegation.wish import Wish, parse_wish
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError

UNIT = "OU=Service Accounts,DC=corp,DC=example"


def options(*tasks: str, **more: t.Any) -> dict[str, t.Any]:
    return {"principal": "PKI Operators", "tasks": list(tasks), **more}


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        (options("templates"), Wish("PKI Operators", ("templates",))),
        (options("publication", "templates"), Wish("PKI Operators", ("templates", "publication"))),
        (options("templates", "templates"), Wish("PKI Operators", ("templates",))),
        (
            options("templates", templates=["User", "USER", "EFS"]),
            Wish("PKI Operators", ("templates",), templates=("User", "EFS")),
        ),
        (
            options("publication", certification_authorities=["CA 1", "ca 1"]),
            Wish("PKI Operators", ("publication",), authorities=("CA 1",)),
        ),
        (options("accounts", organizational_unit=UNIT), Wish("PKI Operators", ("accounts",), unit=UNIT)),
        (
            options("service_principal_names", organizational_unit=UNIT),
            Wish("PKI Operators", ("service_principal_names",), unit=UNIT),
        ),
        (
            options("group_memberships", groups=["a", "A", "b"]),
            Wish("PKI Operators", ("group_memberships",), groups=("a", "b")),
        ),
        # What a module hands over that was not given.
        (options("templates", templates=None, groups=None), Wish("PKI Operators", ("templates",))),
    ],
)
def test_wishes(given: dict[str, t.Any], wish: Wish) -> None:
    assert parse_wish(given) == wish


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (options(), f"tasks: is empty; name at least one of {', '.join(TASKS)}"),
        (options("accounts"), "organizational_unit: is required by the task accounts"),
        (
            options("accounts", "service_principal_names"),
            "organizational_unit: is required by the task accounts and service_principal_names",
        ),
        (options("group_memberships"), "groups: is required by the task group_memberships"),
        (options("group_memberships", groups=[]), "groups: is empty"),
        (options("templates", templates=[]), "templates: is empty; leave it out"),
        (options("publication", certification_authorities=[]), "certification_authorities: is empty; leave it out"),
        (options("accounts", organizational_unit=""), "organizational_unit: is empty"),
        (options("publication", templates=["User"]), "templates: has no effect without the task templates"),
        (
            options("templates", certification_authorities=["CA 1"]),
            "certification_authorities: has no effect without the task publication",
        ),
        (
            options("templates", organizational_unit=UNIT),
            "organizational_unit: has no effect without the task accounts or service_principal_names",
        ),
        (options("templates", groups=["g"]), "groups: has no effect without the task group_memberships"),
        (
            options("accounts", organizational_unit="Service Accounts"),
            "organizational_unit: 'Service Accounts' is not a distinguished name",
        ),
    ],
)
def test_wishes_that_are_refused(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_wish(given)
    assert str(refused.value) == message

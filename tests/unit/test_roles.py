# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles repeat of what other files own: defaults, names, descriptions of variables."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep, numbers

from tools.tree import TOP

NDES = TOP / "roles" / "ndes_server"


def read(role: str, path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((TOP / "roles" / role / path).read_text(encoding="utf-8"))
    return content


def test_names_of_ndes_are_those_of_the_modules() -> None:
    told = read("ndes_server", "vars/main.yml")
    assert told["ndes_server_mscep_key"] == mscep.MSCEP
    assert told["ndes_server_waiting_key"] == mscep.WAITING
    assert told["ndes_server_reboot_for_rights"] == mscep.REBOOT_FOR_RIGHTS
    assert told["ndes_server_reboot_for_authentication"] == mscep.REBOOT_FOR_AUTHENTICATION
    assert told["ndes_server_restart_of_pool"] == mscep.RESTART_OF_POOL
    assert told["ndes_server_pool"] == mscep.POOL
    assert told["ndes_server_application"] == mscep.APPLICATION
    assert told["ndes_server_admin_application"] == mscep.ADMIN_APPLICATION


def test_the_keys_of_the_enhanced_security_configuration_are_those_that_are_read() -> None:
    told = read("ndes_server", "vars/main.yml")["ndes_server_ie_esc_keys"]
    assert {one["for"]: one["key"] for one in told} == dict(numbers.ENHANCED_SECURITY)


@pytest.mark.parametrize("entry", ["main", "look", "remove", "restore"])
def test_variables_of_the_ndes_server_have_their_defaults_and_a_line_in_the_table(entry: str) -> None:
    options = read("ndes_server", "meta/argument_specs.yml")["argument_specs"][entry]["options"]
    defaults = read("ndes_server", "defaults/main.yml")
    assert {name: option["default"] for name, option in options.items()} == defaults
    table = (NDES / "README.md").read_text(encoding="utf-8")
    assert [name for name in defaults if not re.search(rf"`{name}`", table)] == []


def test_secrets_of_the_ndes_server_are_marked() -> None:
    options = read("ndes_server", "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    secret = {name for name, option in options.items() if option.get("no_log")}
    assert secret == {"ndes_server_service_account_password", "ndes_server_installer_password"}

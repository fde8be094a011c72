# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two blank servers: rehearsed, configured, left alone; told alike."""

from __future__ import annotations

import json
import typing as t

from lab.windows.serving.keeper import shown
from tools import runs

from ...faults.forest import differences as forest_differences
from . import states
from .conftest import PAIR

if t.TYPE_CHECKING:
    from ...faults.hunt import Hunt
    from .conftest import Configured
    from .servers import Servers


def test_check_mode_on_blank_hosts_writes_nothing(configured: Configured) -> None:
    assert configured.predicted.changed
    for host in PAIR:
        before, after = configured.blank.states[host], configured.checked.states[host]
        assert [name for name, part in after.items() if part != before[name]] == []
    assert forest_differences(configured.blank.forest, configured.checked.forest) == []


def test_check_mode_predicts_the_run(configured: Configured) -> None:
    assert runs.differences(configured.predicted.run, configured.first.run, PAIR) == []


def test_the_next_run_changes_nothing(configured: Configured) -> None:
    assert configured.second.changed == []
    for host in PAIR:
        assert states.differences(configured.done.states[host], configured.again.states[host]) == []
    assert forest_differences(configured.done.forest, configured.again.forest) == []


def test_both_servers_are_the_same(configured: Configured) -> None:
    first, second = (configured.done.states[host] for host in PAIR)
    assert states.differences(first, second) == []
    # Proof that the comparison looks at what matters.
    assert len(states.changes(configured.blank.states[PAIR[0]], first)) > 100


def test_no_secret_is_shown(servers: Servers, configured: Configured, hunt: Hunt) -> None:
    """Not with -vvv, in no log, in no table of processes, in no file of Ansible or of the host. The password of the
    pool is where the model of Windows keeps what only Windows can read.
    """
    lab = servers.lab.dir
    # Proof that the search finds them.
    plain = [line for line in hunt.in_text("", (lab / "credentials.json").read_bytes()) if "plain" in line]
    assert len(plain) == 2
    found = list(configured.shown)
    found += hunt.in_text("output", configured.first.output)
    found += hunt.in_text("the check run", configured.predicted.output)
    found += hunt.in_files(servers.home)
    found += hunt.in_files(lab / "log")
    found += hunt.in_files(lab / "windows" / "contents")
    for host in PAIR:
        found += hunt.in_text(f"state of {host}", servers.bin_lab("state", host))
        found += hunt.in_text(f"file of {host}", json.dumps(shown(json.loads(configured.done.kept[host]))))
    assert found == []

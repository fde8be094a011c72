# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory as site.yml leaves it, and one pair of servers that it configured, for all tests of this folder."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest

from lab.windows.people import sids

from ...faults.forest import DOMAIN, Forest
from ...faults.hunt import Hunt
from .servers import Servers

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ...conftest import Lab
    from ...faults.forest import Dump
    from .servers import Played
    from .states import State

#: The servers that stay configured. Tests that change one put it back.
PAIR = ("ndes1", "ndes2")
LIMIT = ",".join(PAIR)

#: Plain servers that get the features alone, once. A test puts them back to that.
PREPARED = tuple(f"srv{number:03}" for number in range(1, 9))
PREPARED_ALONE = PREPARED[-1]

#: What the tests ask for beside the lab's inventory: what defaults would not show.
KEY_LENGTH = 3072
TEMPLATES = {
    "signature": "IntuneSCEPSignature",
    "encryption": "IntuneSCEPEncryption",
    "general_purpose": "IntuneSCEP",
}


@dataclass(frozen=True)
class Moment:
    """What there was after a run: states and files of the pair, and the directory."""

    states: dict[str, State]
    kept: dict[str, bytes]
    forest: Dump


@dataclass(frozen=True)
class Configured:
    """Two blank servers brought to the end by one run.

    Attributes:
        wishes: what the runs were asked for.
        thumbprints: of the servers' own certificates.
        predicted, first, second: the check run, the run, the next run.
        blank, checked, done, again: before them and after each.
        shown: where a secret was seen in a table of processes while the first run went on.
    """

    wishes: dict[str, t.Any]
    thumbprints: dict[str, str]
    blank: Moment
    predicted: Played
    checked: Moment
    first: Played
    done: Moment
    second: Played
    again: Moment
    shown: list[str]


@pytest.fixture(scope="session")
def servers(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Servers:
    if not lab.inside:
        pytest.fail("These tests read the states that the lab keeps. Run them with bin/lab exec.")
    return Servers(lab, tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="session")
def forest(lab: Lab) -> Forest:
    return Forest(lab.dir, lab.credentials)


@pytest.fixture(scope="session")
def directory(servers: Servers, forest: Forest) -> Iterator[Dump]:
    """The directory with accounts and templates, the hosts not yet. Afterwards the forest is as it was."""
    fresh = forest.dump()
    recipes = [{"recipe": name} for name in ("scep", "scep_signature", "scep_encryption")]
    done = servers.site(limit="localhost", certificate_templates_wanted=recipes)
    assert done.status == 0, done.output
    yield forest.dump()
    forest.restore(fresh)


@pytest.fixture(scope="session")
def service_account(forest: Forest, directory: Dump) -> str:
    """The SID of the service account."""
    (entry,) = forest.search(DOMAIN, "(sAMAccountName=svc-scep)", "objectSid").values()
    return sids.from_bytes(entry["objectSid"][0])


@pytest.fixture(scope="session")
def hunt(lab: Lab) -> Hunt:
    """Looks for the passwords that a run needs."""
    known = lab.credentials
    passwords = {
        "service account": known["planned"]["svc-scep"]["password"],
        "installer": known["accounts"]["pkiadmin"]["password"],
    }
    return Hunt(passwords)


def wishes(servers: Servers, *hosts: str) -> dict[str, t.Any]:
    """What is asked for on hosts: everything, and the certificate that each has had from the start."""
    own = {}
    for host in hosts:
        (own[host],) = servers.state(host, "/certificates/stores/LocalMachine/machine/My")
    return {
        "thumbprints": own,
        # All at once.
        "ndes_serial": "100%",
        "ndes_server_key_length": KEY_LENGTH,
        "ndes_server_templates": TEMPLATES,
        "ndes_server_certificate_thumbprint": "{{ thumbprints[inventory_hostname] }}",
    }


@pytest.fixture(scope="session")
def configured(servers: Servers, forest: Forest, directory: Dump, hunt: Hunt) -> Configured:
    def moment() -> Moment:
        states = {host: servers.state(host) for host in PAIR}
        return Moment(states, {host: servers.keep(host) for host in PAIR}, forest.dump())

    servers.blank(*PAIR)
    wished = wishes(servers, *PAIR)
    blank = moment()
    predicted = servers.site("--check", "--diff", limit=LIMIT, **wished)
    assert predicted.status == 0, predicted.messages
    checked = moment()
    with hunt.in_processes() as shown:
        first = servers.site("--diff", "-vvv", limit=LIMIT, **wished)
    assert first.status == 0, first.messages
    done = moment()
    second = servers.site(limit=LIMIT, **wished)
    assert second.status == 0, second.messages
    return Configured(wished, wished["thumbprints"], blank, predicted, checked, first, done, second, moment(), shown)


@pytest.fixture(scope="session")
def prepared(servers: Servers, configured: Configured) -> dict[str, bytes]:
    """Files of servers with the features, not configured."""
    servers.blank(*PREPARED)
    servers.features(*PREPARED, **configured.wishes)
    return {host: servers.keep(host) for host in PREPARED}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the directory costs: round trips of a task with nothing to do, and reading a forest with many templates.

The first benchmarks use the forest as it is, the later ones fill it; the lab goes down afterwards.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from lab import estate
from lab.layout import Layout
from tools import certipy
from tools.bench import Lab, Row
from tools.ldapsearch import Reader, sign_in
from tools.runs import CALLBACK, RECORD, read_run
from tools.tree import COLLECTIONS, TOP

PLAYBOOK = "playbooks/site.yml"
RECIPES = TOP / "roles" / "certificate_templates" / "vars" / "main.yml"
TEMPLATES = 5000
#: How often each of two readers reads, in turn.
TURNS = 5
#: An ordinary user: everybody may read templates, and what Certipy calls vulnerable depends on who asks.
PERSON = "alice"
SERVER, SPARE = (host.fqdn for host in estate.DOMAIN_CONTROLLERS)


def bench_noop_round_trips(lab: Lab) -> Iterator[Row]:
    """A certificate_template task of the recipe scep with nothing to do: its LDAP requests on the wire, bind apart.

    Its rights name six principals that have to be looked up, beside three well-known ones.
    """
    administrators = ["Intune Admins", "PKI Operators", "alice", "pkioperator", "intuneadmin"]
    wishes = {
        "service_account_wanted": [],
        "service_account_passwords": {},
        "certificate_templates_ndes_account": rf"{estate.NETBIOS_DOMAIN}\svc-ndes",
        "certificate_templates_wanted": [{"recipe": "scep"}],
        "certificate_templates_authority": "",
        "certificate_templates_intune_administrators": [rf"{estate.NETBIOS_DOMAIN}\{name}" for name in administrators],
    }
    play(lab, wishes)
    play(lab, wishes)
    (requests,) = play(lab, wishes, idle=True)
    yield Row("certificate_template, nothing to do", requests, "round trips", target="value <= 3")


def bench_site(lab: Lab) -> Iterator[Row]:
    """playbooks/site.yml, all recipes and their publication: the first run, and one with nothing to do."""
    lab.run(["true"])
    began = time.monotonic()
    play(lab, {})
    yield Row("site.yml, directory part, first run", time.monotonic() - began, "s")
    began = time.monotonic()
    requests = sum(play(lab, {}, idle=True))
    yield Row("site.yml, directory part, nothing to do", time.monotonic() - began, "s")
    peer = one_by_one(lab)
    name = "one search a property"
    yield Row("site.yml, directory part, nothing to do", requests, "round trips", name, peer, "ratio <= 0.25")


def bench_read_templates(lab: Lab) -> Iterator[Row]:
    """5,000 templates with their security, typed and decoded, and a bare paged read with python-ldap.

    Both bind with Kerberos and the same security layer before the clock starts, and take turns.
    """
    with crowded(lab) as reader:
        turns = [(read(reader, "ours"), read(reader, "bare")) for _ in range(TURNS)]
        watched = read(reader, "ours", "-m", "tests.bench.inside.witness", sys.executable)
    (requests,) = watched["requests"]
    counted = json.loads(watched["output"])["round_trips"]
    if requests != counted:
        raise RuntimeError(f"the session counted {counted} round trips, the wire showed {requests}")
    ours, bare = ([turn[place] for turn in turns] for place in (0, 1))
    if {(turn["templates"], turn["secured"]) for turn in (*ours, *bare)} != {(ours[0]["templates"],) * 2}:
        raise RuntimeError("the two did not read the same templates with their security")
    yield Row(
        f"read {ours[0]['templates']} templates with security",
        statistics.median(turn["seconds"] for turn in ours),
        "s",
        "python-ldap alone",
        statistics.median(turn["seconds"] for turn in bare),
        "ratio <= 1.5",
    )


def bench_read_templates_certipy(lab: Lab) -> Iterator[Row]:
    """The same templates over LDAPS with a simple bind, each a process of its own from start to end: the reader, the
    module certificate_template_info, and `certipy find`, which also writes down what it found.
    """
    state = certipy.set_up()
    if state.startswith("failed"):
        raise RuntimeError(f"the environment of Certipy: {state}")
    if state != "ok":
        print(f"certipy find: {state}", flush=True)
    with crowded(lab) as reader:
        settings = ways(lab)
        reads = [timed(reader, [*OURS, "ours"], settings["reader"]) for _ in range(3)]
        modules = [timed(reader, MODULE, settings["module"]) for _ in range(3)]
        peer = certipy_find(reader, settings["password"]) if state == "ok" else None
    seen = {json.loads(output)["templates"] for _, output in reads}
    seen |= {len(json.loads(output)["templates"]) for _, output in modules}
    if peer:
        seen.add(peer[1])
    if len(seen) > 1:
        raise RuntimeError(f"they did not see the same number of templates: {sorted(seen)}")
    (count,) = seen
    peer_name, peer_seconds = ("certipy find", peer[0]) if peer else (None, None)
    seconds = statistics.median(seconds for seconds, _ in reads)
    target = "ratio <= 0.1" if peer else None
    yield Row(f"read {count} templates, whole process", seconds, "s", peer_name, peer_seconds, target)
    seconds = statistics.median(seconds for seconds, _ in modules)
    # Beside reading, ansible-core censors and writes 16 MB of result, and the server walks through 200 groups for the
    # hazards.
    target = "ratio <= 0.35" if peer else None
    yield Row(f"certificate_template_info of {count}, whole process", seconds, "s", peer_name, peer_seconds, target)


# Running things in the lab

#: Programs of the checkout that need the collection.
PYTHON = ["env", f"PYTHONPATH={COLLECTIONS}", sys.executable]
OURS = [*PYTHON, "-m", "tests.bench.inside.reading"]
MODULE = [*PYTHON, "-m", "ansible_collections.certops.intune.plugins.modules.certificate_template_info"]


def play(lab: Lab, wishes: Mapping[str, Any], *, idle: bool = False) -> list[int]:
    """Run the playbook and return the LDAP requests of each connection. Must change nothing when O(idle)."""
    with tempfile.TemporaryDirectory() as scratch:
        variables, record = Path(scratch) / "variables.json", Path(scratch) / "record.json"
        variables.write_text(json.dumps(wishes), encoding="utf-8")
        environment = [f"{name}={value}" for name, value in {**CALLBACK, RECORD: str(record)}.items()]
        inventory = str(Path(lab.folder) / "inventory" / "hosts.yml")
        command = ["ansible-playbook", "-i", inventory, "--limit", "directory", PLAYBOOK, "-e", f"@{variables}"]
        said = lab.run(["env", *environment, sys.executable, "-m", "tests.bench.inside.witness", *command])
        run = read_run(record)
    if run.failed or not run.outcomes or (idle and run.changed):
        raise RuntimeError(f"{PLAYBOOK} failed {run.failed}, changed {run.changed}, in {len(run.outcomes)} tasks")
    requests: list[int] = json.loads(said)["requests"]
    return requests


def one_by_one(lab: Lab) -> int:
    """The LDAP requests, on the wire, of looking up what the playbook manages with one search a property."""
    recipes = yaml.safe_load(RECIPES.read_text(encoding="utf-8"))["certificate_templates_recipes"]
    wanted = {
        "server": SERVER,
        "templates": [recipe["name"] for recipe in recipes.values()],
        "accounts": list(estate.PLANNED),
        "service_principal_names": [f"http/{estate.SCEP_NAME}"],
    }
    command = [*PYTHON, "-m", "tests.bench.inside.witness", sys.executable, "-m", "tests.bench.inside.one_by_one"]
    with sign_in(TOP / lab.folder, "pkiadmin") as reader:
        watched = json.loads(reader.inside(command, json.dumps(wanted)))
    searches: int = sum(json.loads(watched["output"]).values())
    if sum(watched["requests"]) != searches:
        raise RuntimeError(f"{searches} searches were made, the wire showed {watched['requests']}")
    return searches


@contextmanager
def crowded(lab: Lab) -> Iterator[Reader]:
    """Somebody who reads from a domain controller with 5,000 more templates.

    The other one is stopped: it would replicate them while the clocks run.
    """
    lab.run(["true"])
    lab.call("stop", SPARE.partition(".")[0])
    # Nothing of this forest has to outlive a power cut.
    lab.run(["env", "TDB_NO_FSYNC=1", "/usr/bin/python3", "-m", "tests.bench.inside.crowd", str(TEMPLATES)])
    with sign_in(TOP / lab.folder, PERSON) as reader:
        yield reader


def read(reader: Reader, which: str, *before: str) -> dict[str, Any]:
    """One reading by tests/bench/inside/reading.py; O(before) are arguments of Python that come before it."""
    command = [*PYTHON, *before, "-m", "tests.bench.inside.reading", which]
    found: dict[str, Any] = json.loads(reader.inside(command, json.dumps({"servers": [SERVER]})))
    return found


def timed(reader: Reader, command: Sequence[str], stdin: str) -> tuple[float, str]:
    """The seconds that a process takes, and what it prints."""
    began = time.monotonic()
    output = reader.inside(command, stdin)
    return time.monotonic() - began, output


def ways(lab: Lab) -> dict[str, str]:
    """Password of the person, and what reader and module get on standard input to use it over LDAPS."""
    layout = Layout(TOP / lab.folder)
    password = json.loads(layout.credentials.read_text(encoding="utf-8"))["accounts"][PERSON]["password"]
    account = {
        "auth": "simple",
        "username": f"{PERSON}@{estate.DNS_DOMAIN}",
        "password": password,
        "ca_certificates": str(layout.root_certificate),
    }
    options = {f"domain_{name}": value for name, value in account.items()}
    return {
        "password": password,
        "reader": json.dumps({"servers": [SERVER], "tls": "ldaps", **account}),
        "module": json.dumps({"ANSIBLE_MODULE_ARGS": {"domain_server": [SERVER], "domain_tls": "ldaps", **options}}),
    }


def certipy_find(reader: Reader, password: str) -> tuple[float, int]:
    """The seconds of `certipy find` and the templates it found.

    Once: it takes long, and what it is compared with is far away. Without a terminal (setsid) it reads the password
    from standard input.
    """
    address = estate.DOMAIN_CONTROLLERS[0].address
    with tempfile.TemporaryDirectory() as scratch:
        # It makes a file name of whatever path it is given, and writes where it stands.
        command = ["env", "-C", scratch, "setsid", "--wait", str(certipy.PROGRAM), "find"]
        command += ["-u", f"{PERSON}@{estate.DNS_DOMAIN}", "-ldap-scheme", "ldaps", "-ldap-simple-auth"]
        command += ["-dc-only", "-json", "-output", "found"]
        command += ["-dc-ip", address, "-ns", address, "-target", SERVER]
        seconds, said = timed(reader, command, f"{password}{os.linesep}")
        files = list(Path(scratch).glob("*.json"))
        if len(files) != 1:
            raise RuntimeError(f"certipy find wrote {len(files)} files:\n{said}")
        found = json.loads(files[0].read_text(encoding="utf-8"))
    return seconds, len(found["Certificate Templates"])

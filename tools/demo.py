# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: the main job, shown on a forest that this machine starts for it.

A fresh lab; playbooks/site.yml in check mode, for real, and again; what it did in the directory, read back with
ldapsearch, and on the simulated NDES servers, read back from their models. The check run has to predict what the real
run does, and the last run has to find nothing to do. Then playbooks/audit.yml as an ordinary user, which leaves its
page in build/demo.

The last line of the output is `DEMO OK changed=N then=0 seconds=S` or begins with `DEMO FAILED`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools import server_report
from tools.ldapsearch import CONTROL, Account, Template, read_accounts, read_templates, sign_in
from tools.runs import CALLBACK, RECORD, Run, differences, read_run
from tools.steps import Step
from tools.tree import TOP

LAB = Path("build", "lab-demo")
RECORDS = Path("build", "demo")
PLAYBOOK = "playbooks/site.yml"
AUDIT_PLAYBOOK = "playbooks/audit.yml"

#: The group of the simulated servers that it configures.
SERVERS = "ndes"

#: Reads the forest before and after. Every user may read certificate templates and accounts.
READER = "intuneadmin"

#: Audits it: an ordinary user in no group.
AUDITOR = "alice"


class Forest(NamedTuple):
    """What the demo is about, by name."""

    templates: Mapping[str, Template]
    accounts: Mapping[str, Account]


class DemoError(Exception):
    """What the demo was to show is not so."""


def title(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


def lab(verb: str, *arguments: str, environment: Mapping[str, str] | None = None) -> int:
    """Call bin/lab, its output on the terminal, with the programs of .venv first in PATH."""
    variables = Step("demo", [], environment or {}).variables()
    command = ["bin/lab", verb, "--dir", str(LAB), *arguments]
    return subprocess.run(command, cwd=TOP, env=variables, stdin=subprocess.DEVNULL, check=False).returncode


def play(name: str, *options: str, playbook: str = PLAYBOOK) -> Run:
    """Run a playbook in the lab and return what it did."""
    record = TOP / RECORDS / f"{name}.json"
    environment = {**CALLBACK, RECORD: str(record), "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false"}
    inventory = str(LAB / "inventory" / "hosts.yml")
    code = lab("exec", "--", "ansible-playbook", "-i", inventory, playbook, *options, environment=environment)
    if code:
        raise DemoError(f"the {name} run of {playbook} ended with status {code}")
    run = read_run(record)
    if not run.outcomes:
        raise DemoError(f"the {name} run of {playbook} had no task")
    return run


def forest() -> Forest:
    """The forest's templates and accounts, read by ldapsearch."""
    hosts = json.loads((TOP / LAB / "lab.json").read_text(encoding="utf-8"))["hosts"].values()
    server = next(host["fqdn"] for host in hosts if host["group"] == "domain_controllers")
    with sign_in(TOP / LAB, READER) as reader:
        return Forest(read_templates(reader, server), read_accounts(reader, server))


def audit(templates: Mapping[str, Template]) -> str:
    """Audit the forest as an ordinary user and return where the page lies.

    Args:
        templates: the forest's, read by ldapsearch; the audit has to have found the same.
    """
    place = TOP / RECORDS
    # Read when it is used: no argument holds the password.
    known = f"(lookup('ansible.builtin.file', {json.dumps(str(TOP / LAB / 'credentials.json'))}) | from_json)"
    variables = {
        "pki_audit_directory": str(place),
        "intune_directory": {
            "domain": "{{ domain }}",
            "domain_username": AUDITOR,
            "domain_password": "{{ " + known + f".accounts.{AUDITOR}.password }}}}",
        },
    }
    play("audit-run", "--extra-vars", json.dumps(variables), playbook=AUDIT_PLAYBOOK)
    found = {one["name"] for one in json.loads((place / "audit.json").read_text(encoding="utf-8"))["templates"]}
    if found != set(templates):
        raise DemoError(f"the audit found {len(found)} templates, ldapsearch {len(templates)}")
    return str((place / "audit.html").relative_to(TOP))


class Rehearsal(NamedTuple):
    """A playbook in check mode, for real, and again."""

    predicted: Run
    done: Run
    again: Run

    def judged(self, playbook: str, told_in_words: Collection[str] = ()) -> str:
        """What the three runs show, in words; DemoError when it is not what they should.

        Args:
            playbook: Which it was.
            told_in_words: Hosts that were blank, see tools/runs.py.
        """
        if found := differences(self.predicted, self.done, told_in_words):
            raise DemoError(f"the check run of {playbook} did not predict the real one: " + "; ".join(found))
        if not self.done.changed:
            raise DemoError(f"the first run of {playbook} changed nothing")
        if self.again.changed:
            places = ", ".join(outcome.place for outcome in self.again.outcomes if outcome.changed)
            raise DemoError(f"the second run of {playbook} changed {self.again.changed}: {places}")
        changes = sum(outcome.changed for outcome in self.done.outcomes)
        return (
            f"The check run predicted the first run ({changes} changed in {self.done.changed} of its tasks): in the "
            f"directory down to its diffs, on blank servers whatever can be known before.\n"
            f"The second run changed nothing."
        )


def servers() -> dict[str, server_report.State]:
    """The state of each simulated NDES server, as its model has it."""
    hosts = json.loads((TOP / LAB / "lab.json").read_text(encoding="utf-8"))["hosts"]
    return {name: state(name) for name, host in hosts.items() if host["group"] == SERVERS}


def state(host: str) -> server_report.State:
    done = subprocess.run(
        ["bin/lab", "state", "--dir", str(LAB), host], cwd=TOP, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DemoError(done.stderr)
    known: server_report.State = json.loads(done.stdout)
    return known


def first_logon() -> None:
    """Log on to the servers: the first logon makes a profile there, in check mode too."""
    inventory = str(LAB / "inventory" / "hosts.yml")
    if lab("exec", "--", "ansible", "-i", inventory, SERVERS, "-m", "ansible.windows.win_ping", "--one-line"):
        raise DemoError("the servers do not answer")


def servers_report(before: Mapping[str, server_report.State], after: Mapping[str, server_report.State]) -> str:
    """What each server is now, beside what it was, as a table."""
    rows = [("server", "", "before", "now")]
    for name, now in after.items():
        was = server_report.describe(before[name])
        told = server_report.describe(now)
        rows += [(name, title, was[title], text) for title, text in told.items() if was[title] != text]
    return _table(rows)


def report(before: Mapping[str, Template], after: Mapping[str, Template]) -> str:
    """What is new or different among the templates, as a table."""
    rows = [("", "template", "display name", "revision", "published on", "OID")]
    for name, template in sorted(after.items()):
        if before.get(name) != template:
            sign = "~" if name in before else "+"
            published = ", ".join(template.published_on) or "-"
            rows.append((sign, name, template.display_name, template.revision, published, template.oid))
    rows += [("-", name, template.display_name, "", "", "") for name, template in before.items() if name not in after]
    return _table(rows)


def accounts_report(before: Mapping[str, Account], after: Mapping[str, Account]) -> str:
    """What is new or different among the accounts, as a table."""
    rows = [("", "account", "service principal names", "flags", "DN")]
    for name, account in sorted(after.items()):
        if before.get(name) != account:
            sign = "~" if name in before else "+"
            flags = ", ".join(text for bit, text in CONTROL.items() if account.control & bit) or "-"
            rows.append((sign, name, ", ".join(account.service_principal_names) or "-", flags, account.dn))
    rows += [("-", name, "", "", account.dn) for name, account in before.items() if name not in after]
    return _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def show(started: float) -> str:
    """Everything the demo shows. Returns the line it ends with; raises DemoError when something is not as it should."""
    title(f"a fresh forest in {LAB}")
    if lab("down") or lab("up"):
        raise DemoError("the lab did not come up")
    shutil.rmtree(TOP / RECORDS, ignore_errors=True)
    (TOP / RECORDS).mkdir(parents=True)
    first_logon()
    before, blank = forest(), servers()
    print(
        f"ldapsearch sees {len(before.templates)} certificate templates and {len(before.accounts)} accounts of people."
    )

    title(f"{PLAYBOOK}, check mode: what would be done")
    predicted = play("check", "--check", "--diff")
    if forest() != before:
        raise DemoError("the check run changed the forest")
    if touched := [name for name, found in servers().items() if found != blank[name]]:
        raise DemoError(f"the check run changed {', '.join(touched)}")
    title(f"{PLAYBOOK}: do it")
    done = play("first", "--diff")
    title(f"{PLAYBOOK}, again: nothing is left to do")
    again = play("second")

    title(f"what changed in the forest, as ldapsearch sees it ({READER})")
    after, made = forest(), servers()
    print(accounts_report(before.accounts, after.accounts))
    print()
    print(report(before.templates, after.templates))
    title("what changed on the simulated NDES servers, as their models have it")
    print(servers_report(blank, made))

    print(f"\n{Rehearsal(predicted, done, again).judged(PLAYBOOK, blank)}")
    if after == before:
        raise DemoError(f"ldapsearch sees no change after {PLAYBOOK}")
    if lacking := [name for name, now in made.items() if server_report.describe(now)["NDES"] != "configured"]:
        raise DemoError(f"NDES is not configured on {', '.join(lacking)}")

    title(f"{AUDIT_PLAYBOOK} as {AUDITOR}, an ordinary user: who may enroll for what")
    page = audit(after.templates)
    if forest() != after:
        raise DemoError("the audit changed the forest")
    print(f"The audit found the {len(after.templates)} templates that ldapsearch sees. Its page: {page}")
    return f"DEMO OK changed={done.changed} then={again.changed} seconds={time.monotonic() - started:.0f}"


def main() -> int:
    """Run the demo. Return the exit status."""
    started, keep = time.monotonic(), bool(os.environ.get("KEEP"))
    try:
        last, status = show(started), 0
    except (DemoError, OSError, RuntimeError, ValueError, KeyError) as error:
        last, status = f"DEMO FAILED {' '.join(str(error).split())}", 1
    finally:
        if not keep:
            lab("down")
    if keep:
        print(f"\nThe lab still runs. Look around with bin/lab exec --dir {LAB} -- COMMAND, end it with bin/lab down.")
    print(f"\n{last}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())

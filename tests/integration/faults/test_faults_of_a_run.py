# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do while a run goes on: the account's password, its rights, the object itself, the clock, the disk.

In each the run ends with a clear message or goes on, nothing half made stays, and the next run converges.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
import typing as t
from dataclasses import replace

import pytest

from .conftest import WISHES
from .forest import DOMAIN, SERVICES, Dump, Forest, differences, half_made
from .replication import held, settle
from .runs import Call, Fault, run

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..conftest import Lab
    from .conftest import Controllers, Recorded
    from .runs import Playbooks

PASSWORD = "Vinter-2026-i-fjallen"
OTHER_PASSWORD = "Host-2026-vid-havet"
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
ONE: dict[str, t.Any] = {**WISHES, "certificate_templates_wanted": [{"recipe": "scep"}]}
TAG = ("--tags", "templates")


class Person:
    """An administrator of this test alone, to whom things may happen."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self.name = "faulty"
        self.dn = f"CN={self.name},CN=Users,{DOMAIN}"

    def make(self) -> None:
        self.forest.change(
            f"dn: {self.dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: {self.name}\n"
            f"userPrincipalName: {self.name}@corp.example\nuserAccountControl: 512\n{_password(PASSWORD)}"
        )
        for group in ("Domain Admins", "Enterprise Admins"):
            self.member(group, "add")

    def member(self, group: str, change: str) -> None:
        self.forest.change(
            f"dn: CN={group},CN=Users,{DOMAIN}\nchangetype: modify\n{change}: member\nmember: {self.dn}\n"
        )

    def replace(self, attribute: str, value: str) -> None:
        self.forest.change(f"dn: {self.dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")

    def new_password(self, password: str) -> None:
        self.forest.change(f"dn: {self.dn}\nchangetype: modify\nreplace: unicodePwd\n{_password(password)}")

    def call(self, call: Call) -> Call:
        """O(call), made by the person."""
        mine = {"domain_username": f"{self.name}@CORP.EXAMPLE", "domain_password": PASSWORD}
        # The one domain controller that knows what has just been done to the person.
        return replace(call, arguments={**call.arguments, **mine, "domain_server": ["dc1.corp.example"]})


def _password(text: str) -> str:
    quoted = f'"{text}"'.encode("utf-16-le")
    return f"unicodePwd:: {base64.b64encode(quoted).decode()}\n"


@pytest.fixture
def person(forest: Forest) -> Iterator[Person]:
    made = Person(forest)
    made.make()
    yield made
    forest.change(f"dn: {made.dn}\nchangetype: delete\n")


Event: t.TypeAlias = t.Callable[[Person], None]

ACCOUNT_ROWS: list[tuple[str, Event, Event, str]] = [
    (
        "password changed",
        lambda person: person.new_password(OTHER_PASSWORD),
        lambda person: person.new_password(PASSWORD),
        (
            "Failed to get a Kerberos ticket (faulty@CORP.EXAMPLE): the password is wrong (Preauthentication failed, "
            "krb5 error -1765328360). Remedy: correct domain_password, or export the keytab again."
        ),
    ),
    (
        "password expired",
        lambda person: person.replace("pwdLastSet", "0"),
        lambda person: person.replace("pwdLastSet", "-1"),
        (
            "the password of the account has expired or must be changed (Password has expired, krb5 error "
            "-1765328361). Remedy: change the password, then run again."
        ),
    ),
    (
        "account disabled",
        lambda person: person.replace("userAccountControl", "514"),
        lambda person: person.replace("userAccountControl", "512"),
        (
            "the account is disabled, locked out or expired (Kerberos does not say which) (Client's credentials "
            "have been revoked, krb5 error -1765328366). Remedy: look at the account's properties in the domain."
        ),
    ),
    (
        "account deleted",
        lambda person: person.forest.change(f"dn: {person.dn}\nchangetype: delete\n"),
        Person.make,
        (
            "the domain does not know the account (Client 'faulty@CORP.EXAMPLE' not found in Kerberos database, krb5 "
            "error -1765328378). Remedy: check the spelling of domain_username."
        ),
    ),
]


@pytest.mark.parametrize(
    ("does", "repairs", "message"), [row[1:] for row in ACCOUNT_ROWS], ids=[r[0] for r in ACCOUNT_ROWS]
)
def test_something_happens_to_the_account_in_the_middle(
    forest: Forest,
    fresh: Dump,
    home: Path,
    person: Person,
    recorded: Recorded,
    does: Event,
    repairs: Event,
    message: str,
) -> None:
    """Between the two writes of a task, which has its session and ends. The next one is refused and writes nothing."""
    first, second = (person.call(call) for call in recorded.site if call.module == "certificate_template")
    ended = run(first, home, Fault(1, "after", lambda: does(person)))
    assert not ended.failed, ended.message
    assert len(ended.writes) == 2
    before = forest.dump()
    refused = run(second, home)
    assert refused.failed
    assert message in refused.message
    assert refused.writes == []
    assert differences(before, forest.dump()) == []
    repairs(person)
    assert run(second, home).changed
    assert [run(call, home).changed for call in (first, second)] == [False, False]
    assert half_made(forest.dump(), fresh) == []


def test_membership_ends_in_the_middle(
    forest: Forest, fresh: Dump, home: Path, person: Person, recorded: Recorded
) -> None:
    first, second = (person.call(call) for call in recorded.site if call.module == "certificate_template")

    def ends() -> None:
        for group in ("Domain Admins", "Enterprise Admins"):
            person.member(group, "delete")

    ended = run(first, home, Fault(1, "after", ends))
    # Who is in which group is settled at logon: the task ends as it began.
    assert not ended.failed, ended.message
    refused = run(second, home)
    assert refused.failed
    assert "the account lacks the rights for this" in refused.message
    assert "Remedy: use an account with the rights that docs/delegated-operator.md lists" in refused.message
    assert refused.writes == []
    assert half_made(forest.dump(), fresh) == []
    for group in ("Domain Admins", "Enterprise Admins"):
        person.member(group, "add")
    assert run(second, home).changed
    assert half_made(forest.dump(), fresh) == []


def test_right_ends_between_two_writes(forest: Forest, fresh: Dump, home: Path, template_call: Call) -> None:
    """The OID object is there already when the template is refused: it is taken back."""
    before = forest.search(TEMPLATES, "(cn=Certificate Templates)", "nTSecurityDescriptor", "objectSid")
    descriptor = next(iter(before.values()))["nTSecurityDescriptor"][0]

    def denied() -> None:
        subprocess.run(
            ["samba-tool", "dsacl", "set", "-H", forest.directory / "dc1" / "private" / "sam.ldb", "--configfile",
             forest.directory / "dc1" / "smb.conf", f"--objectdn={TEMPLATES}", "--sddl=(D;;CC;;;AU)"],
            check=True,
            capture_output=True,
        )  # fmt: skip

    try:
        ended = run(template_call, home, Fault(2, "before", denied))
    finally:
        value = base64.b64encode(descriptor).decode()
        forest.change(
            f"dn: {TEMPLATES}\nchangetype: modify\nreplace: nTSecurityDescriptor\nnTSecurityDescriptor:: {value}\n"
        )
    assert ended.failed
    assert "Failed to create the object (CN=IntuneSCEP,CN=Certificate Templates," in ended.message
    assert "the account lacks the rights for this" in ended.message
    assert [line.split()[0] for line in ended.writes] == ["add_ext", "add_ext", "delete_ext"]
    assert differences(fresh, forest.dump()) == []
    assert run(template_call, home).changed


# The playbook as people run it


def test_another_tool_is_faster(
    forest: Forest, fresh: Dump, home: Path, playbooks: Playbooks, template_call: Call, tmp_path: Path
) -> None:
    """An administrator changes the template between the last look of the module and its write."""
    assert run(template_call, home).changed
    template = f"CN=IntuneSCEP,{TEMPLATES}"
    change = forest.change_program(
        tmp_path,
        f"dn: {template}\nchangetype: modify\nreplace: msPKI-Template-Minor-Revision\n"
        "msPKI-Template-Minor-Revision: 77\n-\nreplace: msPKI-Minimal-Key-Size\nmsPKI-Minimal-Key-Size: 4096\n",
    )
    wishes = {
        **WISHES,
        "certificate_templates_wanted": [{"recipe": "scep", "options": {"general": {"validity_period": "2 years"}}}],
    }
    fault = {"at": 1, "when": "before", "command": [change]}
    done = playbooks.run("playbooks/site.yml", *TAG, wishes=wishes, fault=fault)
    assert done.status == 2, done.output
    assert "somebody else has changed the object meanwhile; nothing was overwritten" in done.output
    assert "Remedy: run again." in done.output
    entry = forest.search(template, "(objectClass=*)", "*")[template]
    assert (entry["msPKI-Template-Minor-Revision"], entry["msPKI-Minimal-Key-Size"]) == ([b"77"], [b"4096"])
    again = playbooks.run("playbooks/site.yml", *TAG, wishes=wishes)
    assert again.status == 0, again.output
    entry = forest.search(template, "(objectClass=*)", "*")[template]
    assert entry["msPKI-Minimal-Key-Size"] == [b"2048"]
    assert half_made(forest.dump(), fresh) == []


def test_domain_controller_ends_between_two_tasks(
    forest: Forest, fresh: Dump, playbooks: Playbooks, controllers: Controllers, recorded: Recorded, lab: Lab
) -> None:
    """The template is on dc1 alone when it ends, so dc2 cannot publish it: refused, until it is back."""
    settle(forest)
    ends = {"MOMENTS_RUN": json.dumps(controllers.command("stop", "dc1"))}
    with held(forest):
        try:
            done = playbooks.run("playbooks/site.yml", *TAG, wishes=ONE, environment=ends)
        finally:
            controllers("start", "dc1")
    assert done.status == 2, done.output
    assert "A domain controller was passed over" in done.output
    assert "templates.add: 'IntuneSCEP' is not a template of this forest; an authority would ignore it" in done.output
    settle(forest)
    assert half_made(forest.dump(), fresh) == []
    again = playbooks.run("playbooks/site.yml", *TAG, wishes=ONE)
    assert again.status == 0, again.output
    assert half_made(forest.dump(), fresh) == []


def test_second_domain_controller_lags_behind(
    forest: Forest, fresh: Dump, home: Path, template_call: Call, recorded: Recorded
) -> None:
    """A later task lands on dc2, which has not got the template yet."""
    settle(forest)
    publication = next(call for call in recorded.site if call.module == "template_publication")
    publication = replace(
        publication, arguments={**publication.arguments, "templates": {"add": ["IntuneSCEP"]}, "expected_templates": []}
    )
    other = {"domain_server": ["dc2.corp.example"]}
    with held(forest):
        assert run(template_call, home).changed
        # Whoever names no server goes on with the one of the task before: a choice that every run makes the same way.
        assert run(publication, home).changed
        elsewhere = run(replace(publication, arguments={**publication.arguments, **other}), home)
        assert elsewhere.failed
        assert "templates.add: 'IntuneSCEP' is not a template of this forest" in elsewhere.message
    settle(forest)
    assert not run(replace(publication, arguments={**publication.arguments, **other}), home).changed
    assert half_made(forest.dump("dc2"), fresh) == []
    forest.restore(fresh)
    settle(forest)


# The host


FASTER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
#define AHEAD 3600
int clock_gettime(clockid_t id, struct timespec *at) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, at);
    if (id == CLOCK_REALTIME) at->tv_sec += AHEAD;
    return result;
}
int gettimeofday(struct timeval *at, void *zone) {
    int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int result = real(at, zone);
    at->tv_sec += AHEAD;
    return result;
}
time_t time(time_t *at) {
    time_t (*real)(time_t *) = dlsym(RTLD_NEXT, "time");
    time_t now = real(0) + AHEAD;
    if (at) *at = now;
    return now;
}
"""


@pytest.fixture
def an_hour_ahead(tmp_path: Path) -> dict[str, str]:
    """The environment of processes whose clock is an hour ahead of the domain's."""
    source, library = tmp_path / "faster.c", tmp_path / "faster.so"
    source.write_text(FASTER)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    shown = subprocess.run(
        ["date", "+%s"], env={"LD_PRELOAD": str(library)}, check=True, capture_output=True, text=True
    ).stdout
    assert int(shown) - time.time() > 3000
    return {"LD_PRELOAD": str(library)}


def test_clock_of_the_host_is_wrong(
    forest: Forest, fresh: Dump, lab: Lab, home: Path, playbooks: Playbooks, an_hour_ahead: dict[str, str]
) -> None:
    """A ticket that was got with another clock is refused; with a password Kerberos itself sees to the difference."""
    cache = home / "cache"
    account = lab.credentials["accounts"]["pkiadmin"]
    subprocess.run(
        ["kinit", "-c", f"FILE:{cache}", account["username"]], input=account["password"], text=True, check=True
    )
    connection = {"intune_directory": {"domain": "corp.example", "domain_ccache": f"FILE:{cache}"}}
    refused = playbooks.run("playbooks/site.yml", *TAG, wishes={**ONE, **connection}, environment=an_hour_ahead)
    assert refused.status == 2
    assert "the clocks of this host and of the domain differ too much" in refused.output
    assert "Remedy: set the clock of this host by the domain's time source." in refused.output
    assert refused.writes == []
    assert differences(fresh, forest.dump()) == []
    done = playbooks.run("playbooks/site.yml", *TAG, wishes=ONE, environment=an_hour_ahead)
    assert done.status == 0, done.output
    assert half_made(forest.dump(), fresh) == []


def test_no_room_for_the_backup(
    forest: Forest, fresh: Dump, home: Path, playbooks: Playbooks, template_call: Call, tmp_path: Path
) -> None:
    assert run(template_call, home).changed
    before = forest.dump()
    wishes = {
        **WISHES,
        "certificate_templates_wanted": [{"recipe": "scep", "options": {"general": {"validity_period": "2 years"}}}],
    }
    full = home / "certops-intune-backups"
    full.mkdir(exist_ok=True)
    # One block, which is taken.
    mount = f'mount -t tmpfs -o size=4k none {full} && head -c 4096 /dev/zero > {full}/taken && exec "$@"'
    done = playbooks.run(
        "playbooks/site.yml", *TAG, wishes=wishes, enter=("unshare", "--mount", "sh", "-c", mount, "sh")
    )
    assert done.status == 2, done.output
    assert "No space left on device" in done.output
    assert done.writes == []
    assert differences(before, forest.dump()) == []
    again = playbooks.run("playbooks/site.yml", *TAG, wishes=wishes)
    assert again.status == 0, again.output
    assert again.changed >= 1

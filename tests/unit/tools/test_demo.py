# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo reads and when it is satisfied. The demo itself is run by `make demo`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import demo
from tools.ldapsearch import Account, Template, parse_ldif
from tools.runs import Outcome, Run
from tools.server_report import State

OLD = Template("User", "User", "1.1", "3.1", ("CA 1",))
NEW = Template("IntuneSCEP", "Intune SCEP", "1.2", "100.3", ("CA 1", "CA 2"))


def test_ldif_is_read() -> None:
    text = "\n".join(
        [
            "dn: CN=User,DC=corp,DC=example",
            "cn: User",
            "displayName:: QW52w6RuZGFyZQ==",
            "certificateTemplates: A",
            "certificateTemplates: B: C",
            "",
            "# refldap://corp.example/DC=corp,DC=example",
            "",
            "dn:",
            "configurationNamingContext: CN=Configuration,DC=corp,DC=example",
            "",
        ]
    )
    assert parse_ldif(text) == [
        {
            "dn": ["CN=User,DC=corp,DC=example"],
            "cn": ["User"],
            "displayname": ["Användare"],
            "certificatetemplates": ["A", "B: C"],
        },
        {"dn": [""], "configurationnamingcontext": ["CN=Configuration,DC=corp,DC=example"]},
    ]


def test_report_shows_what_is_new_different_and_gone() -> None:
    before = {"User": OLD, "Web": Template("Web", "Web", "1.9", "4.1")}
    after = {"IntuneSCEP": NEW, "User": Template("User", "User", "1.1", "3.1")}
    assert [line.split() for line in demo.report(before, after).splitlines()] == [
        ["template", "display", "name", "revision", "published", "on", "OID"],
        ["+", "IntuneSCEP", "Intune", "SCEP", "100.3", "CA", "1,", "CA", "2", "1.2"],
        ["~", "User", "User", "3.1", "-", "1.1"],
        ["-", "Web", "Web"],
    ]
    assert len(demo.report(after, after).splitlines()) == 1


def test_accounts_report_shows_names_and_flags() -> None:
    old = Account("svc-ndes", "CN=NDES,DC=corp", 0x10200)
    new = Account("svc-scep", "CN=svc-scep,DC=corp", 0x110202, ("http/scep.corp.example",))
    changed = Account("svc-ndes", "CN=NDES,DC=corp", 0x200)
    shown = demo.accounts_report({"svc-ndes": old}, {"svc-ndes": changed, "svc-scep": new})
    assert [line.split() for line in shown.splitlines()] == [
        ["account", "service", "principal", "names", "flags", "DN"],
        ["~", "svc-ndes", "-", "-", "CN=NDES,DC=corp"],
        ["+", "svc-scep", "http/scep.corp.example", *"disabled, password never expires, not delegated".split(), new.dn],
    ]
    assert demo.accounts_report({"svc-ndes": old}, {}).splitlines()[1].split() == ["-", "svc-ndes", "CN=NDES,DC=corp"]


def run(changed: int) -> Run:
    outcomes = [Outcome("localhost", f"task {number}", None, "ok", number < changed, None, "") for number in range(3)]
    return Run(outcomes, {"localhost": {"changed": changed, "failures": 0, "unreachable": 0}})


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Play the demo with given runs and readings; returns its status and what the lab was told."""

    def play_demo(
        runs: dict[str, Run],
        readings: list[dict[str, Template]],
        up: int = 0,
        servers: tuple[dict[str, State], ...] = (BLANK, BLANK, MADE),
    ) -> tuple[int, list[str]]:
        told: list[str] = []
        seen = list(servers)

        def lab(verb: str, *_arguments: str) -> int:
            told.append(verb)
            return up if verb == "up" else 0

        monkeypatch.setattr(demo, "TOP", tmp_path)
        monkeypatch.setattr(demo, "lab", lab)
        monkeypatch.setattr(demo, "play", lambda name, *_options, **_playbook: runs[name])
        monkeypatch.setattr(demo, "servers", lambda: seen.pop(0))
        monkeypatch.setattr(demo, "forest", lambda: demo.Forest(readings.pop(0), {}))
        monkeypatch.setattr(demo, "audit", lambda _templates: "build/demo/audit.html")
        return demo.main(), told

    monkeypatch.delenv("KEEP", raising=False)
    return play_demo


UNPREDICTED = "did not predict the real one: localhost: task 1: predicted no change, was changed"


def server(status: int) -> State:
    """A server whose role service is in that state of configuration."""
    return {
        "features": {"Web-Server": "Installed" if status == 2 else "Available"},
        "registry": {r"HKLM\SOFTWARE\Microsoft\ADCS\NDES": {"values": {"ConfigurationStatus": {"data": status}}}},
        "power": {"effective": {"http": {"MaxFieldLength": 16384, "MaxRequestBytes": 16384}}, "pending": []},
        "iis": {"sections": {}, "ssl_bindings": []},
        "certificates": {"stores": {"LocalMachine": {"machine": {}}}},
    }


BLANK, MADE = {"ndes1": server(1)}, {"ndes1": server(2)}
BEFORE, AFTER = {"User": OLD}, {"User": OLD, "IntuneSCEP": NEW}


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_success(stage: Callable[..., tuple[int, list[str]]], capsys: pytest.CaptureFixture[str]) -> None:
    runs = {"check": run(2), "first": run(2), "second": run(0)}
    assert stage(runs, [BEFORE, BEFORE, AFTER, AFTER]) == (0, ["down", "up", "exec", "down"])
    assert re.fullmatch(r"DEMO OK changed=2 then=0 seconds=\d+", last_line(capsys))


def test_the_lab_can_be_kept(
    stage: Callable[..., tuple[int, list[str]]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEP", "1")
    runs = {"check": run(2), "first": run(2), "second": run(0)}
    assert stage(runs, [BEFORE, BEFORE, AFTER, AFTER])[1] == ["down", "up", "exec"]
    assert last_line(capsys).startswith("DEMO OK ")


@pytest.mark.parametrize(
    "changed, readings, up, message",
    [
        ((2, 2, 0), [BEFORE, BEFORE, AFTER], 1, "the lab did not come up"),
        ((2, 2, 0), [BEFORE, AFTER, AFTER], 0, "the check run changed the forest"),
        ((1, 2, 0), [BEFORE, BEFORE, AFTER], 0, f"the check run of playbooks/site.yml {UNPREDICTED}"),
        ((0, 0, 0), [BEFORE, BEFORE, BEFORE], 0, "the first run of playbooks/site.yml changed nothing"),
        ((2, 2, 0), [BEFORE, BEFORE, BEFORE], 0, "ldapsearch sees no change after playbooks/site.yml"),
        ((2, 2, 0), [BEFORE, BEFORE, AFTER, BEFORE], 0, "the audit changed the forest"),
        ((2, 2, 1), [BEFORE, BEFORE, AFTER], 0, "the second run of playbooks/site.yml changed 1: localhost: task 0"),
    ],
)
def test_failure(
    stage: Callable[..., tuple[int, list[str]]],
    capsys: pytest.CaptureFixture[str],
    changed: tuple[int, int, int],
    readings: list[dict[str, Template]],
    up: int,
    message: str,
) -> None:
    runs = dict(zip(("check", "first", "second"), map(run, changed), strict=True))
    status, told = stage(runs, list(readings), up)
    assert (status, told[-1]) == (1, "down")
    assert last_line(capsys) == f"DEMO FAILED {message}"


@pytest.mark.parametrize(
    "servers, message",
    [
        ((BLANK, MADE), "the check run changed ndes1"),
        ((BLANK, BLANK, BLANK), "NDES is not configured on ndes1"),
    ],
)
def test_failure_on_the_servers(
    stage: Callable[..., tuple[int, list[str]]],
    capsys: pytest.CaptureFixture[str],
    servers: tuple[dict[str, State], ...],
    message: str,
) -> None:
    runs = {"check": run(2), "first": run(2), "second": run(0)}
    status, told = stage(runs, [BEFORE, BEFORE, AFTER, AFTER], servers=servers)
    assert (status, told[-1]) == (1, "down")
    assert last_line(capsys) == f"DEMO FAILED {message}"


def test_what_is_told_of_a_server() -> None:
    assert [line.split() for line in demo.servers_report(BLANK, MADE).splitlines()] == [
        ["server", "before", "now"],
        ["ndes1", "features", "-", "1"],
        ["ndes1", "NDES", "-", "configured"],
    ]


def test_the_audit_is_made_as_a_user_and_held_against_ldapsearch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / demo.RECORDS
    place.mkdir(parents=True)
    given: list[str] = []

    def play(_name: str, *options: str, playbook: str) -> Run:
        given.extend((*options, playbook))
        (place / "audit.json").write_text('{"templates": [{"name": "User"}]}')
        return run(1)

    monkeypatch.setattr(demo, "TOP", tmp_path)
    monkeypatch.setattr(demo, "play", play)
    assert demo.audit({"User": OLD}) == "build/demo/audit.html"
    assert given[0] == "--extra-vars"
    assert '"domain_username": "alice"' in given[1]
    assert given[2] == "playbooks/audit.yml"
    with pytest.raises(demo.DemoError, match="the audit found 1 templates, ldapsearch 2"):
        demo.audit({"User": OLD, "IntuneSCEP": NEW})

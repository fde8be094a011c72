# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_binding on the model of a host: what it binds, what it refuses, and what it leaves to others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.certops.intune.plugins.action.iis_binding import ActionModule

from lab.windows import consequences
from lab.windows.host import Host
from lab.windows.parts.certificates import Entry, thumbprint
from lab.windows.parts.iis.http_sys import SslCertificate
from tests.unit.lab.windows.hosts import identity
from tests.unit.plugins.action.on_a_host import USER, OnHost
from tests.unit.plugins.module_utils.certificates import made
from tools.tree import TOP

SITE = "Default Web Site"
NDES1 = "ndes1.corp.example"
WEBSITE = "microsoft.iis.website"


def web_server() -> Host:
    host = Host(identity())
    consequences.install_features(host, ["Web-Server"])
    host.clock.real = lambda: made.NOW
    return host


def add(host: Host, dns: Any = (NDES1,), *, store: str = "My", with_key: bool = True, **more: Any) -> str:
    """Put a certificate into a store of a host; its thumbprint."""
    der = made.der(made.certificate(dns, **more))
    key = host.certificates.add_key(
        made.pkcs8(more.get("kind", "P-256")), machine=True, owner="S-1-5-18", exportable=False
    )
    host.certificates.create("LocalMachine", store).put(Entry(der, key=key.name if with_key else None))
    return thumbprint(der)


def run(host: Host, arguments: dict[str, Any], **more: Any) -> tuple[dict[str, Any], list[str]]:
    task = OnHost(ActionModule, host, {"site": SITE, **arguments}, **more)
    return task.run(), [name.rpartition(".")[2] for name, _sent in task.calls]


def bound(host: Host, site: str = SITE) -> dict[str, str]:
    """The https bindings of a site with their certificates."""
    found = host.iis.sites.get(site)
    assert found is not None
    return {one.information: one.thumbprint for one in found.bindings if one.protocol == "https"}


def bind(host: Host, information: str, digits: str, site: str = SITE, flags: int = 0, store: str = "My") -> None:
    """Give a site a binding, as somebody else would."""
    host.iis.sites.add_binding(site, "https", information, flags)
    found = host.iis.sites.get(site)
    assert found is not None
    if digits:
        host.iis.sites.bind_certificate(found.bindings[-1], digits, store)


@pytest.mark.requirement("SCEP-075")
def test_a_certificate_is_bound() -> None:
    host = web_server()
    digits = add(host, common_name="ndes1")
    wish = {"thumbprint": "\u200e" + " ".join(digits.lower()[at : at + 2] for at in range(0, 40, 2))}
    before = host.export()
    foretold, calls = run(host, wish, check_mode=True)
    assert host.export() == before
    assert calls == ["win_powershell"]
    result, calls = run(host, wish)
    assert calls == ["win_powershell", "website", "win_powershell"]
    assert bound(host) == {"*:443:": digits}
    assert result["diff"] == foretold["diff"]
    assert result["diff"]["before"] == {}
    assert result["binding"] == result["diff"]["after"]["binding"]
    assert result["binding"]["certificate"] == {
        "thumbprint": digits,
        "subject": "CN=ndes1",
        "issuer": "CN=Issuing CA",
        "not_before": "2026-11-20T19:00:00+00:00",
        "not_after": "2027-11-21T19:00:00+00:00",
    }
    again, calls = run(host, wish)
    assert (again["changed"], calls) == (False, ["win_powershell"])
    assert again["diff"]["before"] == again["diff"]["after"]


def test_another_certificate_is_bound_again() -> None:
    host = web_server()
    old, new = add(host, common_name="old"), add(host, common_name="new", serial=2)
    run(host, {"thumbprint": old})
    before = host.export()
    foretold, _ = run(host, {"thumbprint": new}, check_mode=True)
    assert host.export() == before
    assert foretold["changed"]
    result, calls = run(host, {"thumbprint": new})
    assert calls == ["win_powershell", "website", "win_powershell"]
    assert bound(host) == {"*:443:": new}
    shown = [result["diff"][when]["binding"]["certificate"]["subject"] for when in ("before", "after")]
    assert shown == ["CN=old", "CN=new"]


def test_an_old_certificate_that_was_deleted_is_shown_by_its_thumbprint() -> None:
    host = web_server()
    old, new = add(host), add(host, serial=2)
    run(host, {"thumbprint": old})
    store = host.certificates.store("LocalMachine", "My")
    assert store is not None
    store.remove(old)
    result, _ = run(host, {"thumbprint": new})
    shown = result["diff"]["before"]["binding"]["certificate"]
    assert (shown["thumbprint"], shown["subject"]) == (old, None)
    assert bound(host) == {"*:443:": new}


def test_a_binding_without_certificate_is_completed() -> None:
    """As a run leaves it that ended between the two steps of the upstream module."""
    host = web_server()
    digits = add(host)
    bind(host, "*:443:", "")
    result, _ = run(host, {"thumbprint": digits})
    assert (result["changed"], bound(host)) == (True, {"*:443:": digits})
    assert result["diff"]["before"]["binding"]["certificate"] is None


def test_the_binding_is_taken_away_and_nothing_is_left() -> None:
    host = web_server()
    before = host.export()["iis"]
    digits = add(host)
    run(host, {"thumbprint": digits})
    state = host.export()
    foretold, calls = run(host, {"state": "absent"}, check_mode=True)
    assert (host.export(), calls) == (state, ["win_powershell"])
    result, calls = run(host, {"state": "absent"})
    assert calls == ["win_powershell"] * 3
    assert (result["changed"], result["binding"], result["diff"]) == (True, None, foretold["diff"])
    assert host.export()["iis"] == before
    again, calls = run(host, {"state": "absent"})
    assert (again["changed"], calls) == (False, ["win_powershell"])


def test_the_certificate_of_others_stays_when_a_binding_goes() -> None:
    host = web_server()
    digits = add(host)
    bind(host, "*:443:", digits)
    bind(host, "*:443:other.example", digits)
    run(host, {"state": "absent"})
    assert bound(host) == {"*:443:other.example": digits}


def test_a_stopped_site_stays_stopped() -> None:
    host = web_server()
    host.iis.sites.stop(SITE)
    run(host, {"thumbprint": add(host)})
    site = host.iis.sites.get(SITE)
    assert site is not None
    assert site.state == "Stopped"


def test_names_chosen_by_the_client() -> None:
    host = web_server()
    default = add(host)
    named = add(host, ["*.corp.example"], serial=2)
    run(host, {"thumbprint": default})
    wish = {"thumbprint": named, "host_header": "SCEP.corp.example", "server_name_indication": True}
    result, _ = run(host, wish)
    assert bound(host) == {"*:443:": default, "*:443:scep.corp.example": named}
    assert not run(host, wish)[0]["changed"]
    # From the name to the address and back: the certificate goes along, and nothing stays behind.
    endpoints = {one.endpoint for one in host.iis.http.all()}
    run(host, {"state": "absent"})
    plain = {**wish, "server_name_indication": False}
    result, calls = run(host, plain)
    assert result["changed"]
    assert calls == ["win_powershell", "website", "website", "win_powershell", "win_powershell"]
    assert bound(host) == {"*:443:scep.corp.example": named}
    assert [one.endpoint for one in host.iis.http.all()] == ["0.0.0.0:443"]
    assert not run(host, plain)[0]["changed"]
    run(host, wish)
    assert bound(host) == {"*:443:scep.corp.example": named}
    assert {one.endpoint for one in host.iis.http.all()} == endpoints - {"0.0.0.0:443"}


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("missing_private_key", {"with_key": False}, "the server has no private key for it"),
    ("wrong_purpose", {"purposes": [made.CLIENT]}, "it is for 1.3.6.1.5.5.7.3.2 and not for 1.3.6.1.5.5.7.3.1"),
    ("expired", {"ends": made.NOW - dt.timedelta(minutes=1)},
     "it was valid until 2026-11-21T18:59:00Z, and the server's time is 2026-11-21T19:00:00Z"),
    ("not_yet_valid", {"begins": made.NOW + dt.timedelta(minutes=1)},
     "it is valid from 2026-11-21T19:01:00Z, and the server's time is 2026-11-21T19:00:00Z"),
    ("name_mismatch", {"dns": ["scep.example"]}, f"it is for scep.example and not for {NDES1}"),
    ("self_signed", {"common_name": made.AUTHORITY}, "its issuer is its subject, CN=Issuing CA"),
    ("weak_key", {"kind": "RSA-1024"}, "its RSA key has 1024 bits and not 2048"),
]  # fmt: skip


@pytest.mark.requirement("SCEP-074")
@pytest.mark.parametrize("already", [False, True], ids=["new", "bound already"])
@pytest.mark.parametrize(("finding", "wrong", "evidence"), BAD, ids=[one[0] for one in BAD])
def test_a_certificate_that_clients_would_refuse(
    finding: str, wrong: dict[str, Any], evidence: str, already: bool
) -> None:
    host = web_server()
    digits = add(host, **wrong)
    if already:
        bind(host, "*:443:", digits)
    before = host.export()
    for check_mode in (True, False):
        result, calls = run(host, {"thumbprint": digits}, check_mode=check_mode)
        assert result["failed"]
        hint = "" if finding == "missing_private_key" else f". Where that is meant, give allow: [{finding}]"
        assert result["msg"] == f"thumbprint: certificate {digits}: {evidence} ({finding}){hint}"
        assert calls == ["win_powershell"]
    assert host.export() == before
    if finding == "missing_private_key":
        return
    result, _ = run(host, {"thumbprint": digits, "allow": [finding]})
    assert result["findings"] == [{"id": finding, "evidence": evidence}]
    assert result["warnings"] == [f"Allowed by {finding}: {evidence}."]
    assert bound(host) == {"*:443:": digits}


def test_a_certificate_for_any_purpose_is_taken() -> None:
    host = web_server()
    assert run(host, {"thumbprint": add(host, purposes=None)})[0]["changed"]


def test_which_names_are_asked_for() -> None:
    host = web_server()
    digits = add(host, ["scep.corp.example"], addresses=["192.0.2.21"])
    for names, missing in (
        (None, NDES1),
        (["scep.corp.example", "192.0.2.22"], "192.0.2.22"),
        (["SCEP.corp.example.", "192.0.2.21"], None),
        ([], None),
    ):
        wish = {"thumbprint": digits} | ({} if names is None else {"host_names": names})
        result, _ = run(host, wish, check_mode=True)
        assert result.get("failed", False) == bool(missing)
        assert missing is None or f"and not for {missing} (name_mismatch)" in result["msg"]
    result, _ = run(host, {"thumbprint": digits, "host_header": "scep.corp.example"}, check_mode=True)
    assert result["msg"].endswith(f"not for {NDES1} (name_mismatch). Where that is meant, give allow: [name_mismatch]")


def other_site(host: Host) -> None:
    host.iis.sites.create("Other", "C:\\inetpub\\other")
    for one in host.iis.sites.all()[-1].bindings:
        host.iis.sites.remove_binding("Other", one)


def test_what_another_site_has_is_not_taken() -> None:
    host = web_server()
    other_site(host)
    theirs, ours = add(host, serial=7), add(host, serial=8)
    bind(host, "*:443:intranet.example", theirs, "Other")
    before = host.export()
    result, _ = run(host, {"thumbprint": ours})
    assert result["msg"] == (
        "site: the binding *:443:: the binding *:443:intranet.example of site 'Other' answers at 0.0.0.0:443 too, with "
        f"certificate {theirs}, and would get this one (shared_endpoint). Where that is meant, give allow: "
        "[shared_endpoint]"
    )
    assert host.export() == before
    wish = {"thumbprint": ours, "host_header": NDES1, "server_name_indication": True}
    assert run(host, wish)[0]["changed"]
    assert (bound(host, "Other"), bound(host)) == ({"*:443:intranet.example": theirs}, {f"*:443:{NDES1}": ours})
    result, _ = run(host, {"thumbprint": ours, "allow": ["shared_endpoint"]})
    assert result["findings"][0]["id"] == "shared_endpoint"
    assert bound(host, "Other") == {"*:443:intranet.example": ours}


def test_the_same_certificate_may_be_shared() -> None:
    host = web_server()
    other_site(host)
    digits = add(host)
    bind(host, "*:443:intranet.example", digits, "Other")
    assert run(host, {"thumbprint": digits})[0]["findings"] == []
    run(host, {"state": "absent"})
    assert bound(host, "Other") == {"*:443:intranet.example": digits}


def test_what_another_service_has_is_not_taken() -> None:
    host = web_server()
    theirs = "AB" * 20
    host.iis.http.put(SslCertificate("0.0.0.0:443", theirs, "My", "{00000000-0000-0000-0000-000000000001}"))
    ours = add(host)
    before = host.export()
    result, _ = run(host, {"thumbprint": ours})
    assert f"HTTP.sys has certificate {theirs} for 0.0.0.0:443, which no site uses" in result["msg"]
    assert "allow: [held_by_another_service]" in result["msg"]
    assert host.export() == before
    result, calls = run(host, {"thumbprint": ours, "allow": ["held_by_another_service"]})
    assert calls == ["win_powershell", "win_powershell", "website", "win_powershell"]
    assert bound(host) == {"*:443:": ours}
    assert result["warnings"][0].startswith("Allowed by held_by_another_service: HTTP.sys has")


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_central_store_is_left_alone(state: str) -> None:
    host = web_server()
    digits = add(host)
    bind(host, f"*:443:{NDES1}", "", flags=3)
    wish = {"thumbprint": digits, "host_header": NDES1, "state": state, "server_name_indication": True}
    before = host.export()
    result, _ = run(host, wish)
    assert "its certificate comes from the central certificate store (central_certificate_store)" in result["msg"]
    assert host.export() == before
    result, _ = run(host, {**wish, "allow": ["central_certificate_store"]})
    assert result["changed"]
    assert bound(host) == ({f"*:443:{NDES1}": digits} if state == "present" else {})


def test_flags_that_would_be_lost() -> None:
    host = web_server()
    old, new = add(host), add(host, serial=2)
    bind(host, "*:443:", old, flags=32)
    assert not run(host, {"thumbprint": old})[0]["changed"]
    result, _ = run(host, {"thumbprint": new})
    assert "it has the sslFlags 32, which microsoft.iis.website would take away (lost_flags)" in result["msg"]
    assert run(host, {"thumbprint": new, "allow": ["lost_flags"]})[0]["changed"]
    assert bound(host) == {"*:443:": new}


def test_what_iis_cannot_have_twice() -> None:
    host = web_server()
    other_site(host)
    digits = add(host)
    bind(host, "*:443:", digits, "Other")
    assert run(host, {"thumbprint": digits})[0]["msg"] == "site: site 'Other' has the binding *:443: already"
    host.iis.sites.add_binding("Other", "http", "*:8443:x", 0)
    result, _ = run(host, {"thumbprint": digits, "port": 8443})
    assert result["msg"] == "port: site 'Other' answers http at *:8443:x"


def test_a_server_without_iis() -> None:
    host = Host(identity())
    host.clock.real = lambda: made.NOW
    digits = "12" * 20
    foretold, _ = run(host, {"thumbprint": digits}, check_mode=True)
    assert foretold["changed"]
    assert foretold["warnings"] == [
        f"There is no certificate {digits} in LocalMachine\\My of {NDES1} yet: what it is for is not checked."
    ]
    assert foretold["binding"]["certificate"]["thumbprint"] == digits
    wrong = add(host, ["elsewhere.example"])
    assert "name_mismatch" in run(host, {"thumbprint": wrong}, check_mode=True)[0]["msg"]
    right = add(host)
    assert "warnings" not in run(host, {"thumbprint": right}, check_mode=True)[0]
    result, _ = run(host, {"thumbprint": right})
    assert result["msg"] == "ndes1 has no sites to bind a certificate to: IIS is not installed (feature Web-Server)"
    assert not run(host, {"state": "absent"})[0]["changed"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"thumbprint": "12" * 20}, f"thumbprint: there is no certificate {'12' * 20} in LocalMachine\\My of {NDES1}"),
    ({"thumbprint": "12" * 19},
     f"thumbprint: '{'12' * 19}' is no thumbprint, which has 40 hexadecimal digits (this has 38 characters)"),
    ({"thumbprint": ""}, "thumbprint: '' is no thumbprint"),
    ({"thumbprint": "G" * 40}, f"thumbprint: '{'G' * 40}' is no thumbprint"),
    ({"thumbprint": "12" * 20, "site": "None"}, "site: there is no site 'None'; there are 'Default Web Site'"),
    ({"thumbprint": "12" * 20, "site": ""}, "site: '' is no name of a site"),
    ({"thumbprint": "12" * 20, "ip": "::1"}, "ip: '::1' is neither * nor an IPv4 address"),
    ({"thumbprint": "12" * 20, "ip": "host"}, "ip: 'host' is neither * nor an IPv4 address"),
    ({"thumbprint": "12" * 20, "port": 0}, "port: 0 is not between 1 and 65535"),
    ({"thumbprint": "12" * 20, "port": 65536}, "port: 65536 is not between 1 and 65535"),
    ({"thumbprint": "12" * 20, "server_name_indication": True}, "server_name_indication: needs host_header"),
    ({"thumbprint": "12" * 20, "host_header": "a b"}, "host_header: 'a b' is no host name"),
    ({"thumbprint": "12" * 20, "host_header": "*"}, "host_header: '*' is no host name"),
    ({"thumbprint": "12" * 20, "host_names": ["https://x"]}, "host_names: 'https://x' is no host name"),
    ({"state": "absent", "site": "None"}, "site: there is no site 'None'; there are 'Default Web Site'"),
]  # fmt: skip


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("wish", "message"), REFUSED)
def test_what_is_refused(wish: dict[str, Any], message: str, check_mode: bool) -> None:
    host = web_server()
    before = host.export()
    result, calls = run(host, wish, check_mode=check_mode)
    assert result["failed"]
    assert result["msg"].startswith(message)
    assert calls in ([], ["win_powershell"])
    assert host.export() == before


@pytest.mark.parametrize("wish", [
    {}, {"thumbprint": "12" * 20, "store": "Root"}, {"thumbprint": "12" * 20, "allow": ["missing_private_key"]},
    {"thumbprint": "12" * 20, "port": "https"}, {"thumbprint": "12" * 20, "sni": True},
])  # fmt: skip
def test_wrong_arguments_are_refused_before_anything_is_run(wish: dict[str, Any]) -> None:
    task = OnHost(ActionModule, web_server(), {"site": SITE, **wish})
    with pytest.raises(AnsibleActionFail):
        task.run()
    assert task.calls == []


def test_a_user_without_rights() -> None:
    result, _ = run(web_server(), {"thumbprint": "12" * 20}, user=USER)
    assert result["msg"].startswith("Failed to read the bindings of the sites and their certificates on ndes1: Access")


def test_a_failure_of_the_upstream_module_is_told() -> None:
    host = web_server()
    digits = add(host)
    result, _ = run(host, {"thumbprint": digits}, replaced={2: {"failed": True, "msg": "The process cannot"}})
    assert result["msg"] == (
        f"Failed to bind certificate {digits} to *:443: of site 'Default Web Site' on ndes1: The process cannot"
    )


def test_steps_that_did_not_do_what_they_should_are_told() -> None:
    host = web_server()
    digits = add(host)
    result, _ = run(host, {"thumbprint": digits}, replaced={2: {"changed": True}})
    assert result["failed"]
    assert result["msg"] == (f"ndes1 took the steps, but afterwards the binding *:443: has not certificate {digits}")


def test_other_bindings_are_looked_after() -> None:
    """Upstream looks its binding up again by address, port and an empty host name, which may find others as well."""
    host = web_server()
    ours, theirs = add(host), add(host, ["x.example"], serial=3)
    bind(host, "*:443:x.example", theirs, flags=1)

    class Task(OnHost):
        def _execute(self, **given: Any) -> dict[str, Any]:
            answer = super()._execute(**given)
            if given["module_name"] == WEBSITE:
                site = self._host.iis.sites.get(SITE)
                assert site is not None
                for one in site.bindings:
                    if one.protocol == "https":
                        self._host.iis.sites.bind_certificate(one, ours, "My")
            return answer

    result = Task(ActionModule, host, {"site": SITE, "thumbprint": ours}).run()
    assert result["msg"] == (
        "ndes1 took the steps, but afterwards the binding *:443:x.example of site 'Default Web Site' is not what it was"
    )


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "iis_binding.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["DOCUMENTATION"]["options"]
    kept = {
        name: {key: option[key] for key in ("type", "required", "elements", "choices", "default") if key in option}
        for name, option in documented.items()
    }
    assert kept == ActionModule.SPEC

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_request_limits on the model of a host: what it writes, what it refuses, how it tells of failures."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.certops.intune.plugins.action.iis_request_limits import ActionModule

from lab.windows import consequences
from lab.windows.host import Host
from tests.unit.lab.windows.hosts import identity
from tests.unit.plugins.action.on_a_host import USER, OnHost
from tools.tree import TOP

SITE = "Default Web Site"
ASKED = {"site": SITE, "max_url": 65534, "max_query_string": 65534}
FILTERING = "system.webServer/security/requestFiltering"


def web_server() -> Host:
    host = Host(identity())
    consequences.install_features(host, ["Web-Server", "Web-Filtering"])
    return host


def run(host: Host, arguments: dict[str, Any], **more: Any) -> tuple[dict[str, Any], list[str]]:
    task = OnHost(ActionModule, host, arguments, **more)
    return task.run(), [str(sent.get("script", name)) for name, sent in task.calls]


def limit(host: Host, name: str, location: str = SITE) -> Any:
    return host.iis.section(FILTERING, location).at("requestLimits").get(name)


@pytest.mark.requirement("SCEP-069", "SCEP-070", "TRBL-054")
def test_limits_of_a_site() -> None:
    host = web_server()
    before = host.export()
    foretold, _ = run(host, ASKED, check_mode=True)
    assert host.export() == before
    result, calls = run(host, ASKED)
    assert len(calls) == 2
    assert (limit(host, "maxUrl"), limit(host, "maxQueryString")) == (65534, 65534)
    assert (limit(host, "maxUrl", ""), limit(host, "maxQueryString", "")) == (4096, 2048)
    assert result["changed"]
    assert {**result, "invocation": None} == {**foretold, "invocation": None}
    assert result["limits"] == {"max_url": 65534, "max_query_string": 65534, "max_allowed_content_length": 30000000}
    assert result["inherited"] == {"max_url": 4096, "max_query_string": 2048, "max_allowed_content_length": 30000000}
    assert result["diff"]["before"]["request_limits"]["max_url"] == 4096
    assert result["diff"]["after"]["request_limits"]["max_url"] == 65534
    again, calls = run(host, ASKED)
    assert (again["changed"], len(calls)) == (False, 1)
    assert again["diff"]["before"] == again["diff"]["after"]


def test_what_was_written_is_taken_back() -> None:
    host = web_server()
    before = host.export()
    run(host, ASKED)
    one, _ = run(host, {"site": SITE, "max_url": 1, "state": "absent"})
    assert one["changed"]
    assert (limit(host, "maxUrl"), limit(host, "maxQueryString")) == (4096, 65534)
    rest, _ = run(host, {"site": SITE, "state": "absent"})
    assert rest["limits"] == rest["inherited"]
    assert host.export() == before
    again, calls = run(host, {"site": SITE, "state": "absent"})
    assert (again["changed"], len(calls)) == (False, 1)


def test_what_is_inherited_is_not_written() -> None:
    host = web_server()
    run(host, {"max_url": 65534, "max_query_string": 65534})
    assert limit(host, "maxUrl", "") == 65534
    result, calls = run(host, ASKED)
    assert (result["changed"], len(calls)) == (False, 1)
    assert result["inherited"]["max_url"] == 65534


def test_smaller_limits_below_are_told() -> None:
    host = web_server()
    host.iis.sites.add_application(SITE, "/CertSrv/mscep", "C:\\inetpub\\wwwroot", "")
    host.iis.configuration.set(FILTERING, "requestLimits", "maxQueryString", 1024, SITE + "/CertSrv/mscep")
    host.iis.configuration.set(FILTERING, "requestLimits", "maxUrl", 512, SITE, web=True)
    result, _ = run(host, ASKED)
    assert result["overridden_by"] == [
        {"path": f"{SITE}/CertSrv/mscep", "option": "max_query_string", "value": 1024, "source": "location"},
        {"path": SITE, "option": "max_url", "value": 512, "source": "web.config"},
        {"path": f"{SITE}/CertSrv/mscep", "option": "max_url", "value": 512, "source": "web.config"},
    ]
    assert result["warnings"] == [
        (
            f"At {SITE}/CertSrv/mscep max_query_string stays 1024 and not 65534: its <location> in "
            "applicationHost.config says so."
        ),
        f"At {SITE} max_url stays 512 and not 65534: a web.config says so.",
        f"At {SITE}/CertSrv/mscep max_url stays 512 and not 65534: a web.config says so.",
    ]
    again, calls = run(host, ASKED)
    assert (again["changed"], len(calls)) == (False, 1)


def test_a_server_without_iis() -> None:
    host = Host(identity())
    before = host.export()
    foretold, calls = run(host, ASKED, check_mode=True)
    assert (foretold["changed"], len(calls)) == (True, 1)
    assert foretold["limits"]["max_url"] == 65534
    result, _ = run(host, ASKED)
    assert result["failed"]
    assert result["msg"] == ("ndes1 has no limits of request filtering: IIS is not installed (feature Web-Server)")
    gone, _ = run(host, {"site": SITE, "state": "absent"})
    assert not gone["changed"]
    assert host.export() == before


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("arguments", "message"), [
    ({"max_url": 0}, "max_url: 0 is not between 1 and 4294967295"),
    ({"max_url": 65534, "max_query_string": -1}, "max_query_string: -1 is not between 1 and 4294967295"),
    ({"max_allowed_content_length": 2**32},
     "max_allowed_content_length: 4294967296 is not between 1 and 4294967295"),
    ({"site": SITE}, "state: present needs a limit: max_url, max_query_string, max_allowed_content_length"),
    ({"site": " ", "max_url": 1}, "site: ' ' is no name of a site; leave the option out for the whole server"),
    ({"site": "a/b", "max_url": 1}, "site: 'a/b' is no name of a site; leave the option out for the whole server"),
    ({"site": "None", "max_url": 1}, "site: there is no site 'None'; there are 'Default Web Site'"),
    ({"site": "None", "state": "absent"}, "site: there is no site 'None'; there are 'Default Web Site'"),
])  # fmt: skip
def test_what_is_refused(arguments: dict[str, Any], message: str, check_mode: bool) -> None:
    host = web_server()
    before = host.export()
    result, _ = run(host, arguments, check_mode=check_mode)
    assert (result["failed"], result["msg"]) == (True, message)
    assert host.export() == before


@pytest.mark.parametrize("arguments", [{"max_url": "many"}, {"max_uri": 1}, {"max_url": 1, "state": "gone"}])
def test_wrong_arguments_are_refused_before_anything_is_run(arguments: dict[str, Any]) -> None:
    task = OnHost(ActionModule, web_server(), arguments)
    with pytest.raises(AnsibleActionFail):
        task.run()
    assert task.calls == []


def test_a_user_without_rights() -> None:
    result, _ = run(web_server(), ASKED, user=USER)
    assert result["msg"].startswith("Failed to read the limits of request filtering on ndes1: Filename: redirection")
    assert result["error"]["win32_code"] == 5


def test_a_locked_section_is_told_with_the_remedy() -> None:
    record = {
        "exception": {"message": "This section cannot be used", "type": "X", "hresult": -2147024863},
        "fully_qualified_error_id": "X",
    }
    refused = {"failed": True, "error": [record], "output": []}
    result, _ = run(web_server(), ASKED, replaced={2: refused})
    assert result["msg"].startswith(
        "Failed to write the limits of request filtering of site 'Default Web Site' on ndes1: This section cannot be "
        "used (0x80070021) The section or an attribute of it is locked above"
    )


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "iis_request_limits.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["DOCUMENTATION"]["options"]
    kept = {
        name: {key: option[key] for key in ("type", "choices", "default") if key in option}
        for name, option in documented.items()
    }
    assert kept == ActionModule.SPEC

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What iis_binding does on the controller: one look, a plan, its steps, and a second look at what they made.

microsoft.iis.website adds and changes bindings. In check mode it would bind another certificate to an existing binding
(AddSslCertificate knows no check mode), so it is not called there. It cannot take away a binding without those of the
same address that have a host name, and leaves the certificate with HTTP.sys: that is done by a script of our own.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib

from ..module_utils.certificates.certificate import CRYPTOGRAPHY_IMPORT_ERROR
from ..module_utils.windows.iis import binding, failures
from ..module_utils.windows.iis.binding_wish import ALLOWABLE, Wish, wish
from ..module_utils.windows.iis.bindings import State, read
from ..plugin_utils.windows_script.action import WindowsAction
from ..plugin_utils.windows_script.runner import Runner


class ActionModule(WindowsAction):
    """Binds a certificate to a site."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "site": {"type": "str", "required": True},
        "ip": {"type": "str", "default": "*"},
        "port": {"type": "int", "default": 443},
        "host_header": {"type": "str", "default": ""},
        "server_name_indication": {"type": "bool", "default": False},
        "thumbprint": {"type": "str"},
        "store": {"type": "str", "choices": ["My", "WebHosting"], "default": "My"},
        "host_names": {"type": "list", "elements": "str"},
        "allow": {"type": "list", "elements": "str", "choices": list(ALLOWABLE), "default": []},
    }
    RULES: t.ClassVar[dict[str, t.Any]] = {"required_if": [("state", "present", ("thumbprint",))]}

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        if CRYPTOGRAPHY_IMPORT_ERROR is not None:
            raise AnsibleActionFail(f"{missing_required_lib('cryptography')} {CRYPTOGRAPHY_IMPORT_ERROR}")
        wanted = wish(arguments)
        state = _look(runner, wanted)
        if not (state.installed or wanted.absent or runner.check_mode):
            raise ValueError(failures.not_installed(runner.host, "sites to bind a certificate to"))
        plan = binding.plan(wanted, state)
        if plan.changed and not runner.check_mode:
            _bring_about(runner, wanted, plan, state)
        result: dict[str, t.Any] = {
            "changed": plan.changed,
            "binding": plan.after,
            "findings": [dataclasses.asdict(one) for one in plan.findings],
            "diff": {"before": _shown(plan.before), "after": _shown(plan.after)},
        }
        warnings = [*(f"Allowed by {one.id}: {one.evidence}." for one in plan.findings), *plan.foretold]
        if warnings:
            result["warnings"] = warnings
        return result


def _look(runner: Runner, wanted: Wish) -> State:
    attempted = "read the bindings of the sites and their certificates"
    return read(runner.read_one("iis_binding_read", attempted, Store=wanted.store, Thumbprint=wanted.thumbprint))


def _bring_about(runner: Runner, wanted: Wish, plan: binding.Plan, state: State) -> None:
    site = state.site(wanted.site)
    name = site.name if site else wanted.site
    for step in plan.steps:
        if isinstance(step, binding.Remove):
            runner.write(
                "iis_binding_remove",
                f"take away the binding {wanted.information} of site '{name}'"
                if step.binding
                else f"take away the certificate of {step.endpoint} from HTTP.sys",
                Site=name,
                Information=wanted.information if step.binding else "",
                Endpoint=step.endpoint.item if step.endpoint else "",
            )
        else:
            runner.module(
                "microsoft.iis.website",
                f"bind certificate {wanted.thumbprint} to {wanted.information} of site '{name}'",
                {
                    "name": name,
                    # Its default would start a site that somebody stopped.
                    "state": "stopped" if plan.site_stopped else "started",
                    "bindings": {"add": [_upstream(wanted)]},
                },
            )
    unlike = binding.unlike(wanted, state, _look(runner, wanted))
    if unlike:
        raise ValueError(f"{runner.host} took the steps, but afterwards {'; '.join(unlike)}")


def _upstream(wanted: Wish) -> dict[str, t.Any]:
    """The binding as microsoft.iis.website takes it."""
    return {
        "protocol": "https",
        "ip": wanted.ip,
        "port": wanted.port,
        "hostname": wanted.host_header,
        "use_sni": wanted.sni,
        "use_ccs": False,
        "certificate_hash": wanted.thumbprint,
        "certificate_store_name": wanted.store,
    }


def _shown(described: dict[str, t.Any] | None) -> dict[str, t.Any]:
    return {} if described is None else {"binding": described}

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the steps of a plan for NDES on a host, with upstream modules wherever there is one.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import functools
import typing as t

from ...module_utils.windows import mscep
from ...module_utils.windows.ndes import describe, plan, sids
from ...module_utils.windows.ndes.wish import Wish
from ...module_utils.windows.values import Fields
from ..windows_script.errors import ScriptError
from ..windows_script.runner import Runner, Secret

_POOL_MODULE = "microsoft.iis.web_app_pool"


class Steps:
    """Makes steps on one host.

    Attributes:
        warnings: What did not come about and is no failure.
    """

    def __init__(self, runner: Runner, wanted: plan.Wanted | None = None, wish: Wish | None = None) -> None:
        self.warnings: list[str] = []
        self._runner = runner
        self._wanted = wanted
        self._wish = wish

    @functools.singledispatchmethod
    def make(self, step: t.Any) -> bool:
        """Make a step; whether it changed something. Raises ScriptError."""
        raise TypeError(step)

    @make.register
    def _uninstall(self, step: plan.Uninstall) -> bool:
        try:
            self._let("ndes_uninstall", "take the configuration of NDES away")
        except ScriptError as error:
            if not step.tolerated:
                raise
            self.warnings.append(f"{error}. The rest was taken away without it.")
        return True

    @make.register
    def _remove_certificate(self, step: plan.RemoveCertificate) -> bool:
        return self._module(
            "ansible.windows.win_certificate_store",
            f"delete the certificate {step.thumbprint} of the registration authority",
            {
                "thumbprint": step.thumbprint,
                "store_location": "LocalMachine",
                "store_name": "My",
                "state": "absent",
            },
        )

    @make.register
    def _remove_application(self, step: plan.RemoveApplication) -> bool:
        return self._module(
            "microsoft.iis.web_application",
            f"remove the application {step.name} of the site '{step.site}'",
            {
                "name": step.name,
                "site": step.site,
                "state": "absent",
            },
        )

    @make.register
    def _remove_pool(self, step: plan.RemovePool) -> bool:
        return self._module(
            _POOL_MODULE,
            f"remove the pool {step.name}",
            {
                "name": step.name,
                "state": "absent",
            },
        )

    @make.register
    def _remove_key(self, step: plan.RemoveKey) -> bool:
        return self._module(
            "ansible.windows.win_regedit",
            f"remove the registry key {step.path}",
            {
                "path": step.path,
                "delete_key": True,
                "state": "absent",
            },
        )

    @make.register
    def _reset_status(self, step: plan.ResetStatus) -> bool:
        return self._module(
            "ansible.windows.win_regedit",
            f"let the registry say that the role service is not configured ({step.path})",
            {
                "path": step.path,
                "name": mscep.CONFIGURATION_STATUS,
                "data": step.value,
                "type": "dword",
                "state": "present",
            },
        )

    @make.register
    def _join(self, step: plan.Join) -> bool:
        return self._module(
            "ansible.windows.win_group_membership",
            f"make the service account a member of {sids.IIS_USERS_NAME}",
            {
                "name": sids.IIS_USERS_NAME,
                "members": [step.sid],
                "state": "present",
            },
        )

    @make.register
    def _configure(self, step: plan.Configure) -> bool:
        wanted, wish = self._wanted, self._wish
        if wanted is None or wish is None:
            raise TypeError(step)
        parameters: dict[str, t.Any] = {
            "CAConfig": wanted.ca_config,
            "SigningProvider": wanted.keys["signing"].provider,
            "SigningLength": wanted.keys["signing"].length,
            "EncryptionProvider": wanted.keys["encryption"].provider,
            "EncryptionLength": wanted.keys["encryption"].length,
            "Subject": dict(wanted.subject),
        }
        if step.account:
            parameters |= {"AccountName": step.account, "AccountPassword": Secret(wish.password or "")}
        if wish.installer:
            user, password = wish.installer
            parameters["InstallerCredential"] = Secret(password, username=user)
        self._let("ndes_install", f"configure NDES for '{wanted.ca_config}'", **parameters)
        return True

    @make.register
    def _grant(self, step: plan.Grant) -> bool:
        return self._key(step.thumbprint, step.sid, "Read", "present")

    @make.register
    def _revoke(self, step: plan.Revoke) -> bool:
        changed = self._key(step.thumbprint, step.sid, "FullControl" if step.whole else "Read", "absent")
        if not changed:
            self.warnings.append(
                f"{step.sid} keeps its rights on the private key of {step.thumbprint}: they are of a kind that "
                "ansible.windows.win_acl does not take away. Take them away in the console of certificates."
            )
        return changed

    @make.register
    def _run(self, step: plan.Run) -> bool:
        attributes = describe.spelled(step.account)
        if step.account.kind == plan.USER:
            attributes["processModel.password"] = self._password
        shown = step.account.name or "itself"
        return self._module(
            _POOL_MODULE,
            f"let the pool {describe.POOL_NAME} run as {shown}",
            {
                "name": describe.POOL_NAME,
                "attributes": attributes,
            },
            secret=True,
        )

    @make.register
    def _set_password(self, _step: plan.SetPassword) -> bool:
        # The module compares with what IIS keeps, in check mode too.
        return self._module(
            _POOL_MODULE,
            f"give the pool {describe.POOL_NAME} the password of its account",
            {
                "name": describe.POOL_NAME,
                "attributes": {"processModel.password": self._password},
            },
            secret=True,
            rehearse=True,
        )

    @property
    def _password(self) -> str:
        return (self._wish.password if self._wish else None) or ""

    def _key(self, thumbprint: str, sid: str, rights: str, state: str) -> bool:
        verb = "let" if state == "present" else "no longer let"
        return self._module(
            "ansible.windows.win_acl",
            f"{verb} {sid} read the private key of the certificate {thumbprint}",
            {
                "path": f"Cert:\\LocalMachine\\My\\{thumbprint}",
                "user": sid,
                "rights": rights,
                "type": "allow",
                "state": state,
            },
        )

    def _module(self, name: str, attempted: str, arguments: dict[str, t.Any], **how: bool) -> bool:
        return bool(self._runner.module(name, attempted, arguments, **how).get("changed"))

    def _let(self, script: str, attempted: str, **parameters: t.Any) -> None:
        """Run a script. Raises ScriptError, also for a failure that the cmdlet tells by its result."""
        found = Fields(self._runner.write_one(script, attempted, **parameters))
        code, text = found.optional_integer("error_id"), (found.optional_text("error_text") or "").strip()
        if code or text:
            raise ScriptError(attempted, self._runner.host, text or f"the cmdlet ended with {code}")

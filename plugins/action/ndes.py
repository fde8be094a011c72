# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ndes does on the controller: everything but the looks at the host and the steps themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib

from ..module_utils.certificates.certificate import CRYPTOGRAPHY_IMPORT_ERROR
from ..module_utils.directory import options as connection
from ..module_utils.windows import server as servers
from ..module_utils.windows.ndes import current as reading
from ..module_utils.windows.ndes import describe, failures, passwords, plan, preflight
from ..module_utils.windows.ndes.current import Current
from ..module_utils.windows.ndes.drift import drift, warning
from ..module_utils.windows.ndes.forest import Forest, look
from ..module_utils.windows.ndes.wish import DEFAULT_LENGTH, DEFAULT_PROVIDER, FIELDS, Wish, parse
from ..module_utils.windows.values import Fields
from ..plugin_utils.ndes.steps import Steps
from ..plugin_utils.windows_script.directory_action import DirectoryAction
from ..plugin_utils.windows_script.errors import ScriptError
from ..plugin_utils.windows_script.runner import Runner

FEATURE = "ADCS-Device-Enrollment"

#: Where CryptoAPI knows its providers from (Microsoft's documentation of CryptEnumProviders).
PROVIDERS = r"HKLM:\SOFTWARE\Microsoft\Cryptography\Defaults\Provider"

#: What the set-up brings decides what is left to do, once: the account of the pool and the keys.
_ROUNDS = 2


@dataclasses.dataclass(frozen=True)
class Look:
    """What one look at the host found."""

    server: servers.Server
    current: Current
    groups: frozenset[str]
    computer_sid: str | None
    feature_state: str | None


class ActionModule(DirectoryAction):
    """Configures NDES, or takes the configuration away."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "certification_authority": {"type": "str"},
        "service_account": {"type": "str"},
        "application_pool_identity": {"type": "bool", "default": False},
        "service_account_password": {"type": "str", "no_log": True},
        "update_password": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
        "registration_authority": {"type": "dict", "options": {name: {"type": "str"} for name in FIELDS}},
        "signing_provider": {"type": "str", "default": DEFAULT_PROVIDER},
        "signing_key_length": {"type": "int", "default": DEFAULT_LENGTH, "no_log": False},
        "encryption_provider": {"type": "str", "default": DEFAULT_PROVIDER},
        "encryption_key_length": {"type": "int", "default": DEFAULT_LENGTH, "no_log": False},
        "installer_username": {"type": "str"},
        "installer_password": {"type": "str", "no_log": True},
        "repair": {"type": "bool", "default": False},
        "allow": {"type": "list", "elements": "str", "default": []},
        "expected_principals": {"type": "list", "elements": "str", "default": []},
        "try_passwords": {"type": "str", "choices": ["real_run", "always"], "default": "real_run", "no_log": False},
    }

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        if CRYPTOGRAPHY_IMPORT_ERROR is not None:
            raise AnsibleActionFail(f"{missing_required_lib('cryptography')} {CRYPTOGRAPHY_IMPORT_ERROR}")
        try:
            if arguments["state"] == "absent":
                return _absent(runner, arguments)
            return self._present(runner, arguments)
        except ScriptError as error:
            return _told(error)

    def _present(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        wish = parse(arguments)
        found = _look(runner)
        forest = self._ask(runner, arguments, wish, found)
        wanted = plan.Wanted(
            ca_config=forest.authority.config,
            account=forest.wanted,
            subject=wish.subject,
            keys=wish.keys,
            has_password=wish.password is not None,
            update_password=wish.update_password,
            repair=wish.repair,
        )
        current = found.current.identified(forest.identity_sid)
        surroundings = preflight.Surroundings(
            server=found.server,
            current=current,
            forest=forest,
            groups=found.groups,
            feature_state=found.feature_state,
            check_mode=runner.check_mode,
            secrets=wish.password is not None or wish.installer is not None,
            providers=_providers(runner, wish) if found.current.state != reading.CONFIGURED else {},
        )
        findings = preflight.findings(surroundings)
        differs = drift(current, wanted)
        result = _result(current, differs, findings)
        try:
            steps = plan.present(current, wanted)
        except plan.HalfConfigured as error:
            return {**result, "failed": True, "msg": str(error)}
        refusal = _refusal(findings, wish, steps)
        if refusal is None and (not runner.check_mode or arguments["try_passwords"] == "always"):
            tried = _tried(arguments, wish, forest, steps)
            if tried is not None:
                findings = preflight.findings(dataclasses.replace(surroundings, passwords=tried, tried=True))
                result = _result(current, differs, findings)
                refusal = _refusal(findings, wish, steps)
        if refusal is not None:
            return {**result, "failed": True, "msg": refusal}
        before, after = describe.difference(current, wanted, steps)
        warnings = [*([warning(differs)] if differs else []), *_accepted(findings, wish, steps)]
        making = Steps(runner, wanted, wish)
        if runner.check_mode:
            changed = any(making.make(step) if isinstance(step, plan.SetPassword) else True for step in steps)
        else:
            changed, current = self._bring(runner, making, current, wanted, steps)
            result = _result(current, drift(current, wanted), findings)
            if current.half:
                # The cmdlet said that all was well.
                told = str(plan.HalfConfigured(current.half))
                return {**result, "changed": changed, "failed": True, "msg": f"After the set-up: {told}"}
        return {
            **result,
            "changed": changed,
            "diff": {"before": before, "after": after},
            **({"warnings": [*warnings, *making.warnings]} if warnings or making.warnings else {}),
        }

    def _ask(self, runner: Runner, arguments: dict[str, t.Any], wish: Wish, found: Look) -> Forest:
        with self.directory(arguments) as session:
            return look(
                session,
                wish,
                identity=found.current.identity,
                computer_sid=found.computer_sid,
                now=dt.datetime.now(dt.UTC),
                expected=arguments["expected_principals"] if runner.check_mode else (),
            )

    def _bring(
        self, runner: Runner, making: Steps, current: Current, wanted: plan.Wanted, steps: t.Sequence[plan.Step]
    ) -> tuple[bool, Current]:
        """Make the steps, and those that follow from what they brought."""
        changed = False
        for _round in range(_ROUNDS):
            if not steps:
                break
            for step in steps:
                changed = making.make(step) or changed
            configured = plan.configures(steps)
            account = wanted.account if configured or plan.changes_account(steps) else None
            # The set-up lets the pool run as the account that it was given: whose SID that is, is known.
            sid = account.sid if account else current.identity_sid
            current = _state(runner, feature=True).identified(sid)
            steps = plan.present(current, wanted) if configured and not current.half else ()
        return changed, current


def _absent(runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
    current = _look(runner).current
    result: dict[str, t.Any] = {"changed": False, "ndes": describe.ndes(current), "preflight": []}
    making = Steps(runner)
    try:
        steps = plan.absent(current, repair=arguments["repair"])
        before, after = describe.removal(current, steps)
        rest = () if runner.check_mode else steps
        while rest:
            for step in rest:
                making.make(step)
            current = _state(runner, feature=current.feature)
            result |= {"changed": True, "ndes": describe.ndes(current)}
            # What Windows left of it although it said that it was done.
            rest = tuple(step for step in plan.absent(current, repair=False) if step not in rest)
    except plan.HalfConfigured as error:
        told = {"warnings": making.warnings} if making.warnings else {}
        return {**result, **told, "failed": True, "msg": str(error)}
    left = describe.left_behind(current) if steps else None
    warnings = [*making.warnings, *([left] if left else [])]
    return {
        **result,
        "changed": bool(steps),
        "diff": {"before": before, "after": after},
        **({"warnings": warnings} if warnings else {}),
    }


def _look(runner: Runner) -> Look:
    attempted = "read what the server is"
    before = dt.datetime.now(dt.UTC)
    found = runner.read_one("server_info", attempted, Feature=[FEATURE])
    after = dt.datetime.now(dt.UTC)
    server, told = servers.describe(found, [FEATURE], before, after), Fields(found)
    state = server.features[FEATURE]
    return Look(
        server=server,
        current=_state(runner, feature=state == "installed"),
        groups=frozenset(told.texts("groups")),
        computer_sid=told.optional_text("account_sid"),
        feature_state=state,
    )


def _providers(runner: Runner, wish: Wish) -> dict[str, bool]:
    """Whether the server has the wished providers that are not part of Windows as the default one is."""
    return {
        name: bool(
            runner.module(
                "ansible.windows.win_reg_stat",
                f"look for the cryptographic service provider '{name}'",
                {"path": rf"{PROVIDERS}\{name}"},
                rehearse=True,
            ).get("exists")
        )
        for name in wish.added_providers
    }


def _state(runner: Runner, *, feature: bool) -> Current:
    return reading.read(runner.read_one("ndes_state", "read what there is of NDES"), feature=feature)


def _result(current: Current, differs: t.Sequence[t.Any], findings: t.Sequence[preflight.Finding]) -> dict[str, t.Any]:
    return {
        "changed": False,
        "ndes": describe.ndes(current, differs),
        "preflight": [dataclasses.asdict(one) for one in findings],
    }


def _refusal(findings: t.Sequence[preflight.Finding], wish: Wish, steps: t.Sequence[plan.Step]) -> str | None:
    configures = plan.configures(steps)
    if not configures and not plan.changes_account(steps):
        return None
    return preflight.refusal(findings, wish.allowed, configures=configures)


def _accepted(findings: t.Sequence[preflight.Finding], wish: Wish, steps: t.Sequence[plan.Step]) -> list[str]:
    return preflight.warnings(findings, wish.allowed) if plan.configures(steps) else []


def _tried(
    arguments: dict[str, t.Any], wish: Wish, forest: Forest, steps: t.Sequence[plan.Step]
) -> dict[str, str] | None:
    """Why the domain refuses passwords that are about to be used, by account; None when none is."""
    configures = plan.configures(steps)
    given: list[tuple[str | None, str, str]] = []
    if wish.password is not None and forest.account and (configures or plan.changes_account(steps)):
        given.append((forest.account.logon_name, forest.account.name, wish.password))
    if wish.installer and forest.installer and configures:
        given.append((forest.installer.logon_name, forest.installer.name, wish.installer[1]))
    known = [(logon, name, password) for logon, name, password in given if logon]
    if not known:
        return None
    settings = connection.settings_from(arguments)
    answers = {name: passwords.refusal(settings, logon, password) for logon, name, password in known}
    return {name: reason for name, reason in answers.items() if reason is not None}


def _told(error: ScriptError) -> dict[str, t.Any]:
    """A failure with what is known about its code."""
    result = error.as_result()
    known = failures.known(error.hresult, error.text)
    if known is None:
        return result
    return {**result, "msg": f"{result['msg']} Cause: {known.cause}. Remedy: {known.remedy}."}

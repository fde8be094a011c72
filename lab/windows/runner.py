# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an upstream module on a host: its arguments checked as it checks them, its result as it returns it.

What a run changes it changes wholly or not at all: where the module fails, what it did is taken back, unless it says
itself that it changed something (a program that ran and then gave another exit status than 0).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from lab.windows import win32
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.people.token import Token
from lab.windows.running.environment import expand

from .arguments import basic, legacy
from .arguments.checked import Checked, Ended
from .arguments.masking import masked
from .arguments.specification import Specification, known
from .arguments.surroundings import Surroundings, only_sids
from .host import Host
from .operation import OPERATIONS, Call, ModuleFailure, Operation
from .watch import Watch, watched

LOG = logging.getLogger(__name__)

#: From this verbosity on Ansible.Basic tells the exception behind a failure.
TELLS_EXCEPTIONS = 3


def run_module(host: Host, user: Token, name: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Run a module and return its result. Never raises for what was sent.

    Args:
        host: What it acts on.
        user: Who runs it.
        name: Its full name.
        sent: Its arguments, `_ansible_...` among them.
    """
    operation, specification = OPERATIONS.get(("module", name)), known().get(name)
    if operation is None or specification is None:
        return _not_modelled(f"the module {name}")
    with host.lock:
        try:
            checked = _check(host, user, name, specification, sent)
        except Ended as ended:
            return ended.result
        except NotModelled as reason:
            return _not_modelled(str(reason))
        call = Call(host, user, name, checked.arguments, checked.check_mode, checked.diff, checked.internal)
        result = _run(operation, call, checked.secrets)
    return _legacy_result(result) if specification.legacy else _basic_result(result, checked)


def _check(host: Host, user: Token, name: str, specification: Specification, sent: Mapping[str, Any]) -> Checked:
    around = Surroundings(expand=lambda text: expand(host, user, text), sid=lambda account: _sid(host, account))
    if specification.legacy:
        return legacy.check(specification, sent, around)
    return basic.check(specification, sent, around, name)


def _sid(host: Host, name: str) -> str:
    try:
        return only_sids(name)
    except LookupError:
        pass
    try:
        return principals.find(host, name).sid
    except principals.NoMapping:
        raise LookupError(name) from None


def _run(operation: Operation, call: Call, secrets: tuple[str, ...]) -> dict[str, Any]:
    """The result of a body, and nothing left behind of one that fails."""
    with watched(call.host) as watch:
        result = _answer(operation, call, secrets)
        if result.get("failed"):
            if not result.get("changed"):
                watch.undo()
        elif call.check_mode and watch.changed() and not operation.check_mode_leaks:
            LOG.error("%s changed %s in check mode", call.module, sorted(watch.changed()))
            watch.undo()
            result = {"failed": True, "msg": f"unhandled exception in the lab: {call.module} changed in check mode"}
        elif _is_forbidden(call, watch):
            watch.undo()
            result = {"failed": True, "msg": access_denied(call.host)}
    return result


def _answer(operation: Operation, call: Call, secrets: tuple[str, ...]) -> dict[str, Any]:
    try:
        return dict(operation.body(call))
    except ModuleFailure as failure:
        return {**failure.result, "failed": True, "msg": masked(str(failure), secrets)}
    except NotModelled as reason:
        return _not_modelled(str(reason))
    except Exception as error:
        # The text of an exception may hold what must not be told; the log is the lab's own.
        LOG.exception("%s", call.module)
        told = f"unhandled exception in the lab while it answered {call.module}: {type(error).__name__}"
        return {"failed": True, "msg": f"{told}. The log of the Windows hosts has more."}


def _not_modelled(reason: str) -> dict[str, Any]:
    prefix = "The lab does not model "
    return {"changed": False, "failed": True, "msg": reason if reason.startswith(prefix) else prefix + reason}


def _is_forbidden(call: Call, watch: Watch) -> bool:
    """Whether someone who is no administrator changed what is not their own.

    Every module that needs no administrator writes below the user's profile. Modules that Windows refuses in other
    words, or earlier, say so themselves.
    """
    if call.user.is_administrator:
        return False
    changed = watch.changed()
    return bool(changed - {"files", "security"}) or (bool(changed) and not _is_own(call))


def _is_own(call: Call) -> bool:
    profile = expand(call.host, call.user, "%USERPROFILE%").lower() + "\\"
    place = call.arguments.get("path") or call.arguments.get("dest") or expand(call.host, call.user, "%TEMP%")
    return str(place).replace("/", "\\").lower().startswith(profile) and ".." not in str(place)


def access_denied(host: Host) -> str:
    """Windows' text of ERROR_ACCESS_DENIED in the language of a host."""
    return f"{win32.text(win32.ACCESS_DENIED, host.identity.language)}."


def _legacy_result(result: dict[str, Any]) -> dict[str, Any]:
    return {"changed": False, **result}


def _basic_result(result: dict[str, Any], checked: Checked) -> dict[str, Any]:
    """A result as ExitJson and FailJson of Ansible.Basic give it."""
    found = {"changed": False, **result}
    if checked.invocation is not None:
        found["invocation"] = checked.invocation
    told = (checked.internal.get("_ansible_exec_wrapper_warnings") or [], found.pop("warnings", None) or [])
    warnings = [warning for source in told for warning in source]
    if warnings:
        found["warnings"] = warnings
    deprecations = [*checked.deprecations, *(found.pop("deprecations", None) or [])]
    if deprecations:
        found["deprecations"] = deprecations
    if not (checked.diff and found.get("diff")):
        found.pop("diff", None)
    if found.get("failed") and checked.verbosity < TELLS_EXCEPTIONS:
        found.pop("exception", None)
    return found

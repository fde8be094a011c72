# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that speak to a directory have in common: their specification, the session, and how an error is
told.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import gc
import typing as t

from ansible.module_utils.basic import AnsibleModule

from . import core_dumps
from .directory import options
from .directory.edits import OptionError
from .directory.errors import DirectoryError
from .directory.principals import PrincipalError
from .directory.session import Session, connect

Body: t.TypeAlias = t.Callable[[AnsibleModule, Session], dict[str, t.Any]]


def create_module(spec: dict[str, t.Any], **rules: t.Any) -> AnsibleModule:
    """A module with O(spec) and the options of the connection; O(rules) are those of AnsibleModule."""
    core_dumps.forbid()
    merged = dict(options.SPEC_RULES)
    for name, rule in rules.items():
        common = merged.get(name)
        merged[name] = {**common, **rule} if isinstance(common, dict) else [*(common or ()), *rule]
    return AnsibleModule(argument_spec={**spec, **options.argument_spec()}, supports_check_mode=True, **merged)


def run(module: AnsibleModule, body: Body) -> t.NoReturn:
    """Connect as the options say, let O(body) do the work, and end the module with its result or the error told."""
    options.require_libraries(module)
    # The process ends with its result. In that of a large forest the collector would look for cycles again and again,
    # for a third of the time, and there are none.
    gc.disable()
    try:
        with connect(options.settings_from(module.params)) as session:
            try:
                result = body(module, session)
            finally:
                for text in warnings_of(session):
                    module.warn(text)
    except (OptionError, PrincipalError) as exc:
        module.fail_json(msg=str(exc))
    except DirectoryError as exc:
        notes = getattr(exc, "__notes__", [])
        module.fail_json(msg=" ".join([str(exc), *notes]), cause=exc.code)
    except ValueError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


def warnings_of(session: Session) -> list[str]:
    """Which domain controllers were passed over: what they alone know was not seen."""
    return [
        f"A domain controller was passed over ({failure.target}): {failure.cause}. {session.server} was used "
        "instead; what was written shortly before may not have reached it."
        for failure in session.passed_over
    ]

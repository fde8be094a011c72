# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ndes_settings does on the controller: all of it but the look at the host and the writing there."""

from __future__ import annotations

import datetime as dt
import typing as t
from pathlib import Path

from ..module_utils.adcs import store
from ..module_utils.directory.backup import argument_spec as backup_argument_spec
from ..module_utils.directory.edits import OptionError
from ..module_utils.kept_file import file_label, keep, local_user
from ..module_utils.windows import mscep
from ..module_utils.windows.ndes_settings.places import DEFAULT
from ..module_utils.windows.ndes_settings.plan import Plan, make_plan, needs_reboot, needs_restart, waiting
from ..module_utils.windows.ndes_settings.state import KEYS, TREES, State, read_state
from ..module_utils.windows.ndes_settings.templates import Checked, check, configured_authority
from ..module_utils.windows.ndes_settings.way_back import way_back
from ..module_utils.windows.ndes_settings.wish import Wish, read_wish
from ..module_utils.windows.registry_file import octets_of, text_of
from ..module_utils.windows.values import Fields
from ..plugin_utils.windows_script.directory_action import DirectoryAction
from ..plugin_utils.windows_script.runner import Runner

_NAMES: dict[str, t.Any] = {"type": "list", "elements": "str"}
_NUMBER: dict[str, t.Any] = {"type": "int"}


class ActionModule(DirectoryAction):
    """Manages what NDES and HTTP.sys keep in the registry."""

    SPEC: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "certification_authority": {"type": "str"},
        "templates": {
            "type": "dict",
            "options": {
                "signature": {"type": "str"},
                "encryption": {"type": "str"},
                "general_purpose": {"type": "str"},
            },
        },
        "expected_templates": {"type": "list", "elements": "str", "default": []},
        "policy_module_thumbprint": {"type": "str"},
        "passwords": {
            "type": "dict",
            # Numbers and switches: no password is among them.
            "no_log": False,
            "options": {
                "enforce": {"type": "bool"},
                "use_single": {"type": "bool"},
                "length": _NUMBER,
                "max": _NUMBER,
                "validity": _NUMBER,
            },
        },
        "hash_algorithm": {"type": "str", "choices": [DEFAULT, "SHA1", "SHA256", "SHA384", "SHA512"]},
        "ca_capabilities": {"type": "dict", "options": {"add": _NAMES, "remove": _NAMES, "set": _NAMES}},
        "http": {"type": "dict", "options": {"max_field_length": _NUMBER, "max_request_bytes": _NUMBER}},
        **backup_argument_spec(),
    }

    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        wish = read_wish(arguments)
        reading = "read the settings of NDES and of HTTP.sys"
        state = read_state(runner.read_one("ndes_settings_read", reading, Key=list(KEYS), Tree=list(TREES)))
        checked = self._checked(wish, state, arguments, runner.check_mode)
        plan = make_plan(state, wish, checked.names, rehearsed=runner.check_mode)
        noted, kept = state.now, {}
        if plan.changes and not runner.check_mode:
            kept = _backup(state, plan, runner.host, arguments["backup_dir"])
            noted = _write(runner, plan)
        notes = waiting(state, plan, noted)
        warnings = [*checked.warnings, *plan.warnings]
        return {
            "changed": bool(plan.changes),
            "diff": {"before": plan.before, "after": plan.after},
            "settings": {"certification_authority": state.ca_config, **plan.after},
            "reboot_required": needs_reboot(notes),
            "restart_required": needs_restart(notes),
            "waiting": [{"reason": note.reason, "since": note.since and note.since.isoformat()} for note in notes],
            "last_boot_time": state.booted.isoformat(),
            **({"warnings": warnings} if warnings else {}),
            **kept,
        }

    def _checked(self, wish: Wish, state: State, arguments: dict[str, t.Any], rehearsed: bool) -> Checked:
        """The templates as they are to be written. Without any the directory is not asked."""
        if not wish.templates:
            return Checked({})
        with self.directory(arguments) as session:
            snapshot = store.read(session, wish.templates.values())
        authority = configured_authority(snapshot.authorities, arguments["certification_authority"], state.ca_config)
        return check(wish.templates, snapshot, authority, arguments["expected_templates"] if rehearsed else ())


def _backup(state: State, plan: Plan, host: str, folder: str) -> dict[str, str]:
    """Keep what is about to be changed. Raises OptionError when that cannot be done."""
    sections = way_back(state, plan.changes)
    if not sections:
        return {}
    moment, label = dt.datetime.now(dt.UTC), f"ndes_settings {host}"
    comment = (
        f"State before: {label}\nWritten: {moment:%Y-%m-%d %H:%M:%S} UTC by {local_user()}\n"
        "To bring it back: reg.exe import THIS_FILE on the server, then a reboot"
    )
    content = octets_of(text_of(sections, comment))
    try:
        file = keep(Path(folder), f"{moment:%Y%m%dT%H%M%SZ}-{file_label(label)}", ".reg", content)
    except OSError as exc:
        raise OptionError(
            "backup_dir",
            f"the backup could not be written to {folder}: {exc.strerror or exc}, errno {exc.errno}; without it "
            "nothing was changed on the server; make room there, or give another folder",
        ) from exc
    return {"backup_file": str(file)}


def _write(runner: Runner, plan: Plan) -> dt.datetime:
    """Write what is planned, and tell when the server noted it."""
    written = [change for change in plan.changes if change.after is not None]
    removed = [change for change in plan.changes if change.after is None]
    values = [
        {
            "path": change.place.path,
            "name": change.place.name,
            "kind": change.place.kind,
            "data": list(change.after.data) if isinstance(change.after.data, tuple) else change.after.data,
        }
        for change in written
        if change.after is not None
    ]
    obsolete = [{"path": change.place.path, "name": change.place.name} for change in removed]
    obsolete += [{"path": mscep.WAITING, "name": reason} for reason in plan.forgotten]
    names = ", ".join(change.place.name for change in [*written, *removed])
    output = runner.write_one(
        "ndes_settings_write",
        f"write {names} into the registry",
        Waiting=mscep.WAITING,
        Reason=list(plan.reasons),
        Value=values,
        Obsolete=obsolete,
    )
    return Fields(output).moment("noted")

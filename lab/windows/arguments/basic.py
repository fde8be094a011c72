# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks arguments as Ansible.Basic does: mirrors AnsibleModule of ansible/module_utils/csharp/Ansible.Basic.cs.

The real one goes over options in the order of a hash table. Here it is the order of the specification, which decides
where two arguments are wrong, which of them is told. Names in the message about unsupported parameters are sorted, as
ansible-core 2.21 has them; before, they stand in the order of a hash table too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checked import Checked, Ended
from .dotnet import WINDOWS_POWERSHELL, ConversionError, NullReference, Words, text, type_name
from .masking import masked
from .specification import Option, Specification
from .surroundings import Surroundings
from .table import Table
from .values import Conversions

#: What the controllers of ansible-core 2.18 to 2.21 send for themselves. True for booleans, False for other types.
INTERNAL: Mapping[str, bool] = {
    "_ansible_check_mode": True,
    "_ansible_debug": True,
    "_ansible_diff": True,
    "_ansible_exec_wrapper_warnings": False,
    "_ansible_ignore_unknown_opts": True,
    "_ansible_inject_invocation": True,
    "_ansible_keep_remote_files": True,
    "_ansible_module_name": False,
    "_ansible_no_log": True,
    "_ansible_remote_tmp": False,
    "_ansible_selinux_special_fs": False,
    "_ansible_shell_executable": False,
    "_ansible_socket": False,
    "_ansible_string_conversion_action": False,
    "_ansible_syslog_facility": False,
    "_ansible_target_log_info": False,
    "_ansible_tmpdir": False,
    "_ansible_tracebacks_for": False,
    "_ansible_verbosity": False,
    "_ansible_version": False,
}

#: What PowerShell says of an exception that a module did not expect.
UNHANDLED = "Unhandled exception while executing module: "
NULL = UNHANDLED + (
    'Exception calling "Create" with "2" argument(s): "Object reference not set to an instance of an object."'
)


def check(
    specification: Specification,
    sent: Mapping[str, Any],
    around: Surroundings,
    name: str = "undefined win module",
    words: Words = WINDOWS_POWERSHELL,
) -> Checked:
    """Check and convert what was sent to a module. Raises Ended where the module ends at that.

    Args:
        specification: What the module takes.
        sent: The arguments, `_ansible_...` among them.
        around: What conversions ask the host.
        name: The module, where `_ansible_module_name` does not say it.
        words: Which PowerShell's words are used.
    """
    try:
        return _Check(around, name, words).run(specification, Table(sent, insensitive=True))
    except NullReference:
        raise Ended({"failed": True, "msg": NULL}) from None


class _Check:
    """One run of a module up to where its own code begins."""

    def __init__(self, around: Surroundings, name: str, words: Words) -> None:
        self.name, self.words = name, words
        self.values = Conversions(words, around)
        self.internal: dict[str, Any] = {}
        self.context: list[str] = []
        # In the order they were met; a dict for want of an ordered set.
        self.secrets: dict[str, None] = {}
        self.deprecations: list[dict[str, Any]] = []
        self.arguments = Table({}, insensitive=True)

    def run(self, specification: Specification, sent: Table) -> Checked:
        self.arguments = sent
        aliases = self._resolve_aliases(specification, sent)
        self._note_secrets(specification, sent)
        self._check(specification, sent, [*INTERNAL, *specification.options, *aliases])
        return Checked(
            arguments=dict(sent.content),
            internal=self.internal,
            check_mode=bool(self.internal.get("_ansible_check_mode")),
            diff=bool(self.internal.get("_ansible_diff")),
            verbosity=self._verbosity,
            invocation=self._invocation(),
            secrets=tuple(self.secrets),
            deprecations=tuple(self.deprecations),
        )

    @property
    def _verbosity(self) -> int:
        return int(self.internal.get("_ansible_verbosity") or 0)

    def _invocation(self) -> dict[str, Any] | None:
        # From 2.21 on the controller says whether it wants it; before, it was always there.
        if not self.internal.get("_ansible_inject_invocation", True):
            return None
        found: dict[str, Any] = masked({"module_args": self.arguments.content}, self.secrets)
        return found

    def _fail(self, message: str) -> Ended:
        result = {"changed": False, "failed": True, "msg": masked(message, self.secrets)}
        return self._ended(result)

    def _ended(self, result: dict[str, Any]) -> Ended:
        invocation = self._invocation()
        if invocation is not None:
            result["invocation"] = invocation
        if self.deprecations:
            result["deprecations"] = self.deprecations
        return Ended(result)

    def _within(self, message: str) -> str:
        return f"{message} found in {' -> '.join(self.context)}" if self.context else message

    def _resolve_aliases(self, specification: Specification, given: Table) -> list[str]:
        """Give what came under an alias its own name too, and return all aliases."""
        for option in specification.options.values():
            for alias in option.aliases:
                if alias in given:
                    given[option.name] = given[alias]
        return [alias for option in specification.options.values() for alias in option.aliases]

    def _note_secrets(self, specification: Specification, given: Table) -> None:
        for option in specification.options.values():
            value = given[option.name]
            if option.no_log and value is not None and text(value):
                self.secrets[text(value)] = None
            if option.removed_in_version is not None and option.name in given:
                self.deprecations.append(
                    {
                        "msg": f"Param '{option.name}' is deprecated. See the module docs for more information",
                        "version": option.removed_in_version,
                        "collection_name": option.removed_from_collection,
                    }
                )

    def _check(self, specification: Specification, given: Table, legal: list[str]) -> None:
        self._unsupported(given, legal, specification.open and not self.context)
        if self.internal.get("_ansible_check_mode") and not specification.supports_check_mode and not self.context:
            message = f"remote module ({self.name}) does not support check mode"
            raise self._ended({"changed": False, "skipped": True, "msg": message})
        for names in specification.mutually_exclusive:
            if sum(name in given for name in names) > 1:
                raise self._fail(self._within(f"parameters are mutually exclusive: {', '.join(names)}"))
        self._required(specification, given)
        for option in specification.options.values():
            if given[option.name] is not None:
                self._convert(option, given)
        self._constraints(specification, given)
        for option in specification.options.values():
            if option.name not in given:
                given[option.name] = None
            self._inner(option, given)

    def _unsupported(self, given: Table, legal: list[str], is_open: bool) -> None:
        """Refuse what is not known, give names their own case, and take out what the controller sent for itself."""
        folded = {name.lower(): name for name in reversed(legal)}
        unknown = [] if is_open else [name for name in given.content if name.lower() not in folded]
        for name in [name for name in given.content if name.startswith("_ansible_") and name in legal]:
            self._take(name, given.remove(name))
        if unknown and not self.internal.get("_ansible_ignore_unknown_opts"):
            options = ", ".join(sorted(name for name in legal if name not in INTERNAL))
            message = self._within(f"Unsupported parameters for ({self.name}) module: {', '.join(sorted(unknown))}")
            raise self._fail(f"{message}. Supported parameters include: {options}")
        for name in [name for name in given.content if name not in legal and name.lower() in folded]:
            value = given.remove(name)
            given[folded[name.lower()]] = value

    def _take(self, name: str, value: Any) -> None:
        if INTERNAL[name]:
            value = self.values.to_bool(value)
        if name == "_ansible_module_name":
            self.name = value
        self.internal[name] = value

    def _required(self, specification: Specification, given: Table) -> None:
        missing = []
        for option in specification.options.values():
            if option.default is not None and option.name not in given:
                given[option.name] = option.default
            if option.required and option.name not in given:
                missing.append(option.name)
        if missing:
            raise self._fail(self._within(f"missing required arguments: {', '.join(missing)}"))

    def _convert(self, option: Option, given: Table) -> None:
        value = given[option.name]
        try:
            value = given[option.name] = self.values.convert(option.kind, value)
        except ConversionError as error:
            kind = "delegate" if option.kind.startswith("custom:") else option.kind
            told = f"argument for {option.name} is of type {type_name(value, self.words)} and we were unable to convert"
            raise self._fail(self._within(f"{told} to {kind}: {error}")) from None
        if not option.choices:
            return
        choices = [text(choice) for choice in option.choices]
        known = {choice.lower() for choice in choices}
        found = [text(item) for item in value] if option.kind == "list" else [text(value)]
        wrong = list(dict.fromkeys(item for item in found if item.lower() not in known))
        if wrong:
            many = "one or more of" if option.kind == "list" else "one of"
            message = f"value of {option.name} must be {many}: {', '.join(choices)}. Got no match for:"
            raise self._fail(self._within(f"{message} {', '.join(wrong)}"))

    def _constraints(self, specification: Specification, given: Table) -> None:
        for names in specification.required_together:
            if len({name in given for name in names}) > 1:
                raise self._fail(self._within(f"parameters are required together: {', '.join(names)}"))
        for names in specification.required_one_of:
            if not any(name in given for name in names):
                raise self._fail(self._within(f"one of the following is required: {', '.join(names)}"))
        for rule in specification.required_if:
            value = given[rule.option]
            if value is None or text(value) != text(rule.value):
                continue
            missing = [name for name in rule.needs if name not in given]
            if len(missing) >= (len(rule.needs) if rule.any_of else 1):
                term = "any" if rule.any_of else "all"
                message = f"{rule.option} is {text(rule.value)} but {term} of the following are missing:"
                raise self._fail(self._within(f"{message} {', '.join(missing)}"))
        for name, needs in specification.required_by.items():
            missing = [need for need in needs if need not in given]
            if name in given and missing:
                message = f"missing parameter(s) required by '{name}': {', '.join(missing)}"
                raise self._fail(self._within(message))

    def _inner(self, option: Option, given: Table) -> None:
        """Convert the elements of a list, and check what an option holds by its own specification."""
        value = given[option.name]
        if option.kind == "dict":
            given[option.name] = self._inner_table(option, value)
        elif option.kind == "list" and option.elements and value is not None:
            if option.elements == "dict":
                given[option.name] = [self._inner_table(option, item) for item in value]
            else:
                given[option.name] = [self._element(option, item) for item in value]

    def _element(self, option: Option, item: Any) -> Any:
        try:
            return self.values.convert(option.elements, item)
        except ConversionError:
            # The reason is hidden behind the exception of the call by reflection.
            told = f"argument for list entry {option.name} is of type {type_name(item, self.words)} and we were unable"
            reason = "Exception has been thrown by the target of an invocation."
            raise self._fail(self._within(f"{told} to convert to {option.elements}: {reason}")) from None

    def _inner_table(self, option: Option, value: Any) -> Any:
        own = option.own
        if not own.options or (value is None and not option.apply_defaults):
            return value
        self.context.append(option.name)
        try:
            table = self.values.to_dict({} if value is None else value)
        except ConversionError as error:
            message = f'Exception calling "Create" with "2" argument(s): "{error}"'
            raise Ended({"failed": True, "msg": UNHANDLED + message}) from None
        given = Table(table, insensitive=False)
        aliases = self._resolve_aliases(own, given)
        self._note_secrets(own, given)
        self._check(own, given, [*own.options, *aliases])
        self.context.pop()
        return given.content

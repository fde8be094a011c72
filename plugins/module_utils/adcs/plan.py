# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done to a template: decided from what is there and what is wanted, without touching either.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ..directory.descriptor import Control, SecurityDescriptor
from ..directory.sid import Sid
from .creation import Origin, create
from .fields import OptionError, Vocabulary
from .oids import FOREST_ROOT_ARC
from .options import Wanted, apply_options
from .period import format_period
from .rights_plan import RightsEdit, plan_rights
from .tabs import cryptography
from .template import Template, changed_attributes, security_changed

#: Longest cn of a template (its attribute's rangeUpper), and longest display name.
_NAME_LENGTH, _DISPLAY_LENGTH = 64, 256
_LARGEST_REVISION = 0x7FFFFFFF
#: What the console's default name avoids. A number sign is harmless but at the beginning, where it is escaped.
_FORBIDDEN = frozenset('"+,;<=>/\\')
_BUILT_IN_OID = re.compile(re.escape(FOREST_ROOT_ARC) + r"(?:\.\d+){6}\.1\.\d{1,2}\Z", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """A template as its options want it; what is None is not managed.

    Attributes:
        minimum_revision: the least major revision. Raising it makes every holder of a certificate enroll again.
        owner: the SID that should own the object.
        inherit_rights: whether the container's inheritable entries apply; a new template does not inherit.
    """

    name: str
    display_name: str | None
    wanted: Wanted
    rights: RightsEdit | None
    owner: Sid | None = None
    inherit_rights: bool | None = None
    minimum_revision: int | None = None


def check_names(name: str, display_name: str | None) -> None:
    """Raises OptionError for a name that the console would not take."""
    for option, text, longest, forbidden in (
        ("name", name, _NAME_LENGTH, _FORBIDDEN),
        ("display_name", display_name, _DISPLAY_LENGTH, frozenset[str]()),
    ):
        if text is None:
            continue
        if not text or text != text.strip():
            raise OptionError(option, f"'{text}' is empty or begins or ends with a blank")
        # The directory counts in UTF-16, as Windows does.
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if length > longest:
            raise OptionError(option, f"has {length} characters; {longest} are allowed")
        bad = sorted({character for character in text if character in forbidden or not character.isprintable()})
        if bad:
            held = " ".join(repr(character) for character in bad)
            raise OptionError(option, f"'{text}' holds {held}, which a template name cannot have")


def is_built_in(template: Template) -> bool:
    """Whether the template came with the first enterprise CA.

    Its OID is root.1.n, a duplicate's has two random arcs.
    """
    return _BUILT_IN_OID.match(template.oid) is not None


def plan_new(wish: Wish, origin: Origin, vocabulary: Vocabulary) -> Template:
    """The template to create, without its OID. Raises OptionError."""
    check_names(wish.name, wish.display_name)
    _check_revision(wish)
    template = create(wish.name, wish.display_name or wish.name, origin, wish.wanted, vocabulary)
    if wish.rights is not None and wish.rights.set is not None and template.security is not None:
        # Of an exact list nothing need be kept in the form it has.
        template = replace(template, security=template.security.with_dacl(()))
    template = _with_security(template, wish)
    _check(template)
    return replace(template, revision=max(template.revision, wish.minimum_revision or 0))


def plan_change(current: Template, wish: Wish, vocabulary: Vocabulary) -> Template:
    """O(current) as wanted; the very same object when nothing of it has to change. Raises OptionError.

    Each effective change raises the minor revision by one, as each save in the console does; a raised major revision
    begins again at minor revision 0.
    """
    _check_revision(wish)
    changed = apply_options(current, wish.wanted, vocabulary)
    if wish.display_name is not None and wish.display_name != current.display_name:
        check_names(wish.name, wish.display_name)
        changed = replace(changed, display_name=wish.display_name)
    if changed.key_usage != current.key_usage and changed.key_usage.rstrip(b"\0"):
        changed = replace(changed, key_usage=changed.key_usage.rstrip(b"\0"))
    raised = wish.minimum_revision is not None and current.revision < wish.minimum_revision
    if raised or changed_attributes(current, changed):
        if is_built_in(current):
            raise OptionError(
                "name",
                f"'{current.name}' is a built-in template, of which only the rights may be changed; "
                "give a new name and duplicate_of to change a copy",
            )
        # What was wrong before may stay as it was: the wish may be about something else.
        _check(changed, known=_problems(current))
    changed = _with_security(changed, wish)
    if raised:
        return replace(changed, revision=t.cast(int, wish.minimum_revision), minor_revision=0)
    if changed_attributes(current, changed) or security_changed(current, changed):
        return replace(changed, minor_revision=current.minor_revision + 1)
    return current


def _with_security(template: Template, wish: Wish) -> Template:
    if wish.rights is None and wish.owner is None and wish.inherit_rights is None:
        return template
    security = template.security
    if security is None:
        raise OptionError("rights", f"the security of '{template.name}' cannot be read with these credentials")
    if security.dacl is None and (wish.rights is not None or wish.inherit_rights is not None):
        raise OptionError(
            "inherit_rights" if wish.rights is None else "rights",
            f"'{template.name}' has no access control list at all: everyone has full control; give it one by "
            "hand first",
        )
    # First, since what is inherited no longer cannot be what grants or denies.
    if wish.inherit_rights is not None:
        security = _with_inheritance(security, wish.inherit_rights)
    if wish.rights is not None and security.dacl is not None:
        aces = plan_rights(security.dacl.aces, wish.rights)
        if aces is not security.dacl.aces:
            security = security.with_dacl(aces)
    if wish.owner is not None and wish.owner != security.owner:
        security = replace(security, owner=wish.owner)
    return replace(template, security=security)


def _with_inheritance(security: SecurityDescriptor, inherit: bool) -> SecurityDescriptor:
    control = security.control & ~Control.DACL_PROTECTED if inherit else security.control | Control.DACL_PROTECTED
    if control == security.control or security.dacl is None:
        return security
    # A list that no longer inherits does not keep what it had inherited.
    aces = security.dacl.aces if inherit else tuple(ace for ace in security.dacl.aces if not ace.inherited)
    return replace(security.with_dacl(aces), control=control)


def _check_revision(wish: Wish) -> None:
    if wish.minimum_revision is not None and not 0 <= wish.minimum_revision <= _LARGEST_REVISION:
        raise OptionError("minimum_revision", f"{wish.minimum_revision} is not between 0 and {_LARGEST_REVISION}")


def _check(template: Template, known: t.Mapping[str, str] | None = None) -> None:
    """Raises OptionError for the first problem of O(template) that is not among the O(known) ones."""
    for option, reason in _problems(template).items():
        if (known or {}).get(option) != reason:
            raise OptionError(option, reason)


def _problems(template: Template) -> dict[str, str]:
    """What no client could enroll for, by the option that would have to be another."""
    found: dict[str, str] = {}
    validity, renewal = template.validity_period, template.renewal_period
    if renewal and renewal >= validity:
        found["general.renewal_period"] = (
            f"is not shorter than the validity period ({format_period(renewal)} and {format_period(validity)})"
        )
    if not validity:
        found["general.validity_period"] = "is zero"
    if not template.key_usage.rstrip(b"\0"):
        found["extensions.key_usage"] = "is empty; a certificate needs at least one use of its key"
    return {**found, **cryptography.problems(template)}

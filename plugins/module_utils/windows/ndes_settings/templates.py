# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the templates that a task names can be what NDES asks the certification authority for.

A wrong name shows only when a device asks for its certificate: NDES logs an error then, and the device gets none. So
the directory is asked before the name is written.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...adcs.authority_names import config_string, find_authority
from ...adcs.fields import given_display_name
from ...adcs.store import Snapshot, StoredAuthority
from ...adcs.template import Template
from ...directory.edits import OptionError
from .. import mscep
from .places import SLOTS

_BOTH = mscep.DIGITAL_SIGNATURE | mscep.KEY_ENCIPHERMENT

#: Of these two bits of the key usage, those that a template for the slot has.
USAGES: t.Final = dict(zip(SLOTS, (mscep.DIGITAL_SIGNATURE, mscep.KEY_ENCIPHERMENT, _BOTH), strict=True))

_WORDS = {
    0: "neither digital signature nor key encipherment",
    mscep.DIGITAL_SIGNATURE: "digital signature without key encipherment",
    mscep.KEY_ENCIPHERMENT: "key encipherment without digital signature",
    _BOTH: "digital signature and key encipherment",
}

#: The version of templates that the guide to NDES asks for: "v2 (with Windows 2003 compatibility)".
_NEWEST = 2


@dataclasses.dataclass(frozen=True)
class Checked:
    """Templates that may be written.

    Attributes:
        names: As the directory spells them, by slot.
        warnings: What is to be said of them.
    """

    names: t.Mapping[str, str]
    warnings: tuple[str, ...] = ()


def configured_authority(
    authorities: t.Sequence[StoredAuthority], asked: str | None, ca_config: str | None
) -> StoredAuthority | None:
    """The authority that NDES asks; None when neither the task nor the server names one.

    Args:
        asked: What the task says.
        ca_config: The configuration string that NDES has.

    Raises OptionError when there is none such in the forest, and when both name different ones.
    """
    # The host may be spelled in several ways, the name of an authority is the only one of its forest.
    has = (ca_config or "").rpartition("\\")[2]
    if asked is None:
        return find_authority(authorities, has) if has else None
    found = find_authority(authorities, asked)
    if has and found.name.casefold() != has.casefold():
        raise OptionError(
            "certification_authority",
            f"NDES on this server asks '{ca_config}', not '{config_string(found)}'; leave the option out, or configure "
            "NDES anew for the other authority",
        )
    return found


def check(
    given: t.Mapping[str, str],
    snapshot: Snapshot,
    authority: StoredAuthority | None,
    expected: t.Collection[str] = (),
) -> Checked:
    """Find each template and hold it against its slot and the authority.

    Args:
        given: Names by slot.
        authority: Where they must be published; None when that is not known yet.
        expected: Names that an earlier task of a rehearsal would have made as they have to be.

    Raises:
        OptionError: A template that cannot serve.
        ValueError: A template that cannot be read.
    """
    awaited = {name.casefold() for name in expected}
    names: dict[str, str] = {}
    warnings: list[str] = []
    for slot, name in given.items():
        stored = snapshot.template(name)
        if name.casefold() in awaited:
            names[slot] = stored.template.name if stored is not None else name
            continue
        option = f"templates.{slot}"
        if stored is None:
            shown = snapshot.displayed_as(name)
            if shown is not None:
                raise given_display_name(option, name, shown.template.name)
            raise OptionError(option, f"'{name}' is not a template of this forest")
        template = stored.template
        _check_usage(option, slot, template)
        if authority is not None:
            _check_publication(option, template, authority)
        names[slot] = template.name
        if template.schema_version > _NEWEST:
            warnings.append(
                f"{option}: '{template.name}' is a template of version {template.schema_version}; the guide to NDES "
                "asks for version 2 (compatible with Windows Server 2003)."
            )
    if given and authority is None:
        warnings.append(
            "templates: whether they are published was not checked, since NDES is not configured yet and "
            "certification_authority was not given."
        )
    return Checked(names, tuple(warnings))


def _check_usage(option: str, slot: str, template: Template) -> None:
    usage = (template.key_usage[0] if template.key_usage else 0) & _BOTH
    if usage == USAGES[slot]:
        return
    fits = next((other for other, wanted in USAGES.items() if wanted == usage), None)
    hint = f"it is one for templates.{fits}" if fits else "it serves no device"
    raise OptionError(
        option,
        f"'{template.name}' has the key usage {_WORDS[usage]}, and this slot is for {_WORDS[USAGES[slot]]}; {hint}",
    )


def _check_publication(option: str, template: Template, authority: StoredAuthority) -> None:
    if template.name.casefold() in {name.casefold() for name in authority.published}:
        return
    raise OptionError(
        option,
        f"'{template.name}' is not issued by '{config_string(authority)}', which would deny every request; publish it "
        "there with certops.intune.template_publication",
    )

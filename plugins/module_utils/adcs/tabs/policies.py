# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Application and issuance policies between the words that people write and OIDs.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import difflib
import typing as t

from ..fields import OptionError, Vocabulary, unique
from ..names import APPLICATION_POLICIES, ISSUANCE_POLICIES
from ..oids import is_oid

Parser: t.TypeAlias = t.Callable[[t.Sequence[str], Vocabulary], tuple[str, ...]]


def _parser(
    path: str, kind: str, standard: dict[str, str], own: t.Callable[[Vocabulary], t.Mapping[str, str]]
) -> Parser:
    def parse(words: t.Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
        known = _known(own(vocabulary), standard)
        oids: list[str] = []
        for word in words:
            oid = word if is_oid(word) else known.get(word.strip().casefold())
            if oid is None:
                spelling = {name.casefold(): name for table in (own(vocabulary), standard) for name in table}
                close = [spelling[name] for name in difflib.get_close_matches(word.casefold(), known, 3)]
                hint = f" (did you mean {' or '.join(repr(name) for name in close)}?)" if close else ""
                raise OptionError(
                    path, f"'{word}' is neither an OID nor the name of an {kind} policy that is known here{hint}"
                )
            oids.append(oid)
        return unique(oids)

    return parse


def parse_application_policies(path: str) -> Parser:
    return _parser(path, "application", APPLICATION_POLICIES, lambda vocabulary: vocabulary.application_policies)


def parse_issuance_policies(path: str) -> Parser:
    return _parser(path, "issuance", ISSUANCE_POLICIES, lambda vocabulary: vocabulary.issuance_policies)


def show_application_policies(oids: t.Iterable[str], vocabulary: Vocabulary) -> list[str]:
    return _show(oids, APPLICATION_POLICIES, vocabulary.application_policies)


def show_issuance_policies(oids: t.Iterable[str], vocabulary: Vocabulary) -> list[str]:
    return _show(oids, ISSUANCE_POLICIES, vocabulary.issuance_policies)


def _known(own: t.Mapping[str, str], standard: t.Mapping[str, str]) -> dict[str, str]:
    """OID by casefolded word; a standard word keeps its meaning in every forest."""
    return {name.casefold(): oid for table in (own, standard) for name, oid in table.items()}


def _show(oids: t.Iterable[str], standard: t.Mapping[str, str], own: t.Mapping[str, str]) -> list[str]:
    known = _known(own, standard)
    # A name that would be read as another policy, since the forest has two of that name, is no word for either.
    names = {
        oid: name
        for table in (own, standard)
        for name, oid in table.items()
        if known.get(name.strip().casefold()) == oid and not is_oid(name)
    }
    return [names.get(oid, oid) for oid in oids]

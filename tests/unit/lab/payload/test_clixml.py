# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIXML: read back by ansible-core's own parser, and held against what a real PowerShell wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.payload import clixml
from lab.payload.records import CATEGORIES, ErrorRecord, thrown, written
from tools.tree import TOP

DATA = Path(TOP).parent / "shared" / "data" / "powershell" / "clixml.json"


def core_parser() -> Callable[[bytes], bytes]:
    """The parser of the installed core."""
    try:
        parser: Any = import_module("ansible._internal._powershell._clixml").replace_stderr_clixml
    except ImportError:
        parser = vars(import_module("ansible.plugins.shell.powershell"))["_parse_clixml"]
    return lambda data: bytes(parser(data))


PARSE = core_parser()


@given(st.lists(st.text(st.characters(exclude_characters="\x1b")), max_size=4))
def test_the_core_reads_every_text_back(texts: list[str]) -> None:
    # Colours (an escape character) are taken away on purpose by 2.21.
    expected = "".join(f"{text}\r\n" for text in texts).encode("utf-8", "surrogatepass")
    assert PARSE(clixml.stderr(texts)) == expected


@given(st.text())
def test_what_is_escaped_is_unescaped(text: str) -> None:
    document = ElementTree.fromstring(f"<S>{clixml.escape(text)}</S>")
    assert clixml.unescape(document.text or "") == text


@pytest.mark.parametrize(
    "record, text",
    [
        (
            thrown("Åtkomst nekad", "throw 'Åtkomst nekad'"),
            (
                "Åtkomst nekad\r\nAt line:1 char:1\r\n+ throw 'Åtkomst nekad'\r\n+ ~~~~~~~~~~~~~~~~~~~~~\r\n"
                "    + CategoryInfo          : OperationStopped: (Åtkomst nekad:String) [], RuntimeException\r\n"
                "    + FullyQualifiedErrorId : Åtkomst nekad\r\n \r\n"
            ),
        ),
        (
            written("<a> & _x000D_"),
            (
                "Write-Error : <a> & _x000D_\r\n"
                "    + CategoryInfo          : NotSpecified: (:) [Write-Error], WriteErrorException\r\n"
                "    + FullyQualifiedErrorId : Microsoft.PowerShell.Commands.WriteErrorException\r\n \r\n"
            ),
        ),
    ],
)
def test_a_record_comes_with_its_place(record: ErrorRecord, text: str) -> None:
    written_bytes = clixml.stderr([record])
    assert b"Preparing modules for first use." in written_bytes
    assert b"_x000D__x000A_</S>" in written_bytes
    assert PARSE(written_bytes).decode() == text


def test_only_errors_reach_the_user() -> None:
    assert PARSE(clixml.stderr(["bad"], ["w"], ["v"], ["d"])) == b"bad\r\n"


def test_nothing_to_say_is_nothing() -> None:
    assert clixml.stderr(progress=False) == b""


def test_categories_have_the_numbers_of_the_enumeration() -> None:
    assert (CATEGORIES.index("ObjectNotFound"), CATEGORIES.index("PermissionDenied")) == (13, 18)
    with pytest.raises(ValueError, match="no ErrorCategory"):
        ErrorRecord("x", category="Nonsense")


def test_texts_are_escaped_as_powershell_escapes_them() -> None:
    if not DATA.exists():
        pytest.skip("../shared/data is not there")
    space = "{http://schemas.microsoft.com/powershell/2004/04}"
    compared = 0
    for run in json.loads(DATA.read_text(encoding="utf-8"))["runs"]:
        raw = re.findall(r'<S S="(?:Error|warning|verbose|debug)">([^<]*)</S>', run["stderr"])
        if not raw:
            continue
        document = ElementTree.fromstring(run["stderr"].partition("\n")[2])
        for text, element in zip(raw, document.findall(f"{space}S"), strict=True):
            # Undone by hand, so that nothing is compared with itself.
            shown = re.sub(
                "(?:_x[0-9A-F]{4}_)+",
                lambda found: bytes.fromhex(found[0].replace("_x", "").replace("_", "")).decode("utf-16-be"),
                element.text or "",
            )
            assert clixml.escape(shown) == text
            compared += 1
    assert compared > 10

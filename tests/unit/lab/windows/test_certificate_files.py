# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with certificates: read whatever their form, and written so that they can be read again."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.support import certificate_files as files
from lab.windows.support.certificate_files import CryptographicError

from . import certificate_samples as samples

FIRST, SECOND = samples.server(), samples.server("other.corp.example")
DER, OTHER = samples.der(FIRST), samples.der(SECOND)
KEY = samples.pkcs8(samples.key())
PEM = FIRST.public_bytes(serialization.Encoding.PEM)
BUNDLE = [
    pkcs7.serialize_certificates([FIRST, SECOND], encoding)
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
]
PFX = files.pfx(DER, KEY, "secret", "Lab")

FORMS = {
    "der": (DER, "x.cer", 1, "der"),
    "base64": (base64.b64encode(DER), "x.cer", 1, "der"),
    "pem": (PEM, "x.pem", 1, "pem"),
    "pkcs7 text": (BUNDLE[0], "x.p7b", 2, "pkcs7-ascii"),
    "pkcs7 binary": (BUNDLE[1], "x.p7b", 2, "pkcs7-binary"),
    "pfx": (PFX, "x.bin", 1, "pkcs12"),
    "der named as a pfx": (DER, "x.pfx", 1, "pkcs12"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_are_known(form: str) -> None:
    content, name, count, kind = FORMS[form]
    found = files.load(content, "secret")
    assert (len(found), files.file_type(content, name, "secret")) == (count, kind)
    assert DER in [each.der for each in found]


def test_a_pfx_gives_its_key_and_name_with_the_right_password_only() -> None:
    (found,) = files.load(PFX, "secret")
    assert (found.pkcs8, found.friendly_name) == (KEY, "Lab")
    for wrong in ("Secret", "", None):
        with pytest.raises(CryptographicError, match="network password is not correct"):
            files.load(PFX, wrong)
    assert files.file_type(PFX, "x.cer", "wrong") == "pkcs12"


def test_a_pfx_may_hold_a_chain() -> None:
    content = pkcs12.serialize_key_and_certificates(b"x", samples.key(), FIRST, [SECOND], serialization.NoEncryption())
    assert [each.pkcs8 is not None for each in files.load(content, None)] == [True, False]


@pytest.mark.parametrize("password", [None, ""])
def test_no_password_and_an_empty_one_are_the_same(password: str | None) -> None:
    (found,) = files.load(files.pfx(DER, KEY, password), None if password == "" else "")
    assert found.pkcs8 == KEY


def test_a_certificate_without_key_makes_a_pfx_too() -> None:
    (found,) = files.load(files.pfx(DER, None, "secret"), "secret")
    assert (found.der, found.pkcs8) == (DER, None)


def test_pem_is_written_as_dot_net_does() -> None:
    lines = files.pem(DER).split(b"\r\n")
    assert (lines[0], lines[-1]) == (b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----")
    assert {len(line) for line in lines[1:-2]} == {76}
    assert files.load(files.pem(DER), None)[0].der == DER


# The library reads what is BER only, as Windows does, and says that it may not for ever.
@pytest.mark.filterwarnings("ignore:.*could not be parsed as DER")
@given(st.sampled_from([DER, PEM, PFX, *BUNDLE]), st.integers(0, 3000), st.binary(max_size=4))
def test_damaged_files_are_refused_and_nothing_else(content: bytes, at: int, put: bytes) -> None:
    damaged = content[:at] + put + content[at + len(put) :]
    try:
        files.load(damaged, "secret")
    except CryptographicError:
        return


@given(st.binary(max_size=60))
def test_any_octets_are_judged(content: bytes) -> None:
    with pytest.raises(CryptographicError):
        files.load(content, None)

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a listener of HTTP and one of HTTPS on the loopback."""

from __future__ import annotations

import ssl
import typing as t

import pytest

from lab.winrm.server import Acceptor, Service, load_tls

from .hosts import ADDRESS, FakeMachine, certificate

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def no_default_certificates() -> Iterator[None]:
    """Reading the system's authorities takes a client longer than all of its requests, and none of them is needed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine()


@pytest.fixture
def acceptor() -> Iterator[Acceptor]:
    made = Acceptor()
    yield made
    made.stop()


@pytest.fixture
def service(machine: FakeMachine, acceptor: Acceptor, files: tuple[Path, Path]) -> Iterator[Service]:
    made = Service(machine, acceptor, version="OS: 10.0.20348 SP: 0.0 Stack: 3.0")
    made.listen(ADDRESS, 0)
    made.listen(ADDRESS, 0, load_tls(*files))
    made.open()
    yield made
    machine.go.set()
    made.close()

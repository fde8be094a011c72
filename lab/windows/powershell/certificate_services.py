# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of ADCSDeployment for NDES."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.payload.records import ErrorRecord
from lab.windows import ndes
from lab.windows.not_modelled import NotModelled
from lab.windows.scripts import Credential, ScriptError, SecureString

from .state import Cmdlet, Run, Terminated, as_text, shortened, value
from .values import Word

Arguments = Mapping[str, Word | None]

_SUBJECT = ("name", "email", "company", "department", "city", "state", "country")
_COMMON = {"force": True, "erroraction": False}
_INSTALL = {
    **_COMMON,
    "applicationpoolidentity": True,
    "serviceaccountname": False,
    "serviceaccountpassword": False,
    "caconfig": False,
    "credential": False,
    "signingprovidername": False,
    "signingkeylength": False,
    "encryptionprovidername": False,
    "encryptionkeylength": False,
    **{f"ra{field}": False for field in _SUBJECT},
}
#: What both cmdlets put out where nothing went wrong (NetworkDeviceEnrollmentServiceResult).
DONE = {"ErrorId": 0, "ErrorString": ""}


def _install(state: Run, arguments: Arguments, statement: str) -> None:
    _asked(state, arguments, statement)
    request = _request(state, arguments, statement)
    _run(state, arguments, lambda: ndes.install(state.around.host, state.around.user, request))


def _uninstall(state: Run, arguments: Arguments, statement: str) -> None:
    _asked(state, arguments, statement)
    _run(state, arguments, lambda: ndes.uninstall(state.around.host, state.around.user))


def _asked(state: Run, arguments: Arguments, statement: str) -> None:
    if state.what_if:
        raise NotModelled(f"what is told of what would happen: {shortened(statement)}")
    if "force" not in arguments:
        raise NotModelled(f"the question whether to go on, which -Force leaves out: {shortened(statement)}")


def _run(state: Run, arguments: Arguments, act: Any) -> None:
    try:
        act()
    except ScriptError as failure:
        # An error that ends the statement: whether it ends the text, too, says the preference.
        state.ran.succeeded = False
        if state.stops or as_text(_worth(state, arguments, "erroraction")).lower() == "stop":
            raise Terminated(failure.record) from failure
        state.ran.errors.append(failure.record)
    else:
        state.ran.output.append(dict(DONE))


def _request(state: Run, arguments: Arguments, statement: str) -> ndes.InstallRequest:
    account, password = (_worth(state, arguments, f"serviceaccount{part}") for part in ("name", "password"))
    own = "applicationpoolidentity" in arguments
    if own and (account is not None or password is not None):
        raise _binding(
            "Parameter set cannot be resolved using the specified named parameters.", "AmbiguousParameterSet"
        )
    if (account is None) != (password is None):
        missing = "ServiceAccountPassword" if password is None else "ServiceAccountName"
        raise _binding(
            f"Cannot process command because of one or more missing mandatory parameters: {missing}.",
            "MissingMandatoryParameter",
        )
    credential = _worth(state, arguments, "credential")
    if not isinstance(password, SecureString | None) or not isinstance(credential, Credential | None):
        raise NotModelled(f"how PowerShell converts a secret: {shortened(statement.split(maxsplit=1)[0])}")
    return ndes.InstallRequest(
        ca_config=as_text(_worth(state, arguments, "caconfig")),
        service_account=None if account is None else as_text(account),
        service_account_password=None if password is None else password.text,
        application_pool_identity=own,
        ra={field: as_text(_worth(state, arguments, f"ra{field}")) for field in _SUBJECT},
        signing_provider=_worth(state, arguments, "signingprovidername"),
        signing_key_length=_worth(state, arguments, "signingkeylength"),
        encryption_provider=_worth(state, arguments, "encryptionprovidername"),
        encryption_key_length=_worth(state, arguments, "encryptionkeylength"),
        credential=(credential.user, credential.password) if credential else None,
    )


def _worth(state: Run, arguments: Arguments, name: str) -> Any:
    word = arguments.get(name)
    return None if word is None else value(state, word)


def _binding(message: str, error_id: str) -> Terminated:
    return Terminated(
        ErrorRecord(
            message,
            activity="Install-AdcsNetworkDeviceEnrollmentService",
            category="InvalidArgument",
            exception="System.Management.Automation.ParameterBindingException",
            error_id=error_id,
        )
    )


#: In lower case, as those of cmdlets.py.
CMDLETS: dict[str, Cmdlet] = {
    "install-adcsnetworkdeviceenrollmentservice": Cmdlet(_INSTALL, (), _install),
    "uninstall-adcsnetworkdeviceenrollmentservice": Cmdlet(_COMMON, (), _uninstall),
}

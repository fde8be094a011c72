# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States of simulated hosts, made comparable: two hosts that were brought to the same differ in nothing here.

What is taken out or given a common name, and why:

- the identity of the host: its names, its address, its SIDs and its own certificate are its own;
- points in time: two runs are not made at once;
- the clock, the logs of events, the last shutdown, process ids: they tell the way, and the ways differ;
- thumbprints, serial numbers, keys and their identifiers: each enrolment makes new ones. What a certificate is
  (subject, issuer, template, usages, how long it is valid) and what its key is (provider, length, who may read it)
  stays;
- what the role noted as waiting before the last boot: it waits no more, and is there or not;
- the order in a backup of IIS's configuration: the lab writes the same sections in another order once it has read them
  from its file. The size stays;
- keys that no certificate has: a set-up that ended half way leaves them, and they are of no use to anybody but who
  is SYSTEM or an administrator.
"""

from __future__ import annotations

import base64
import json
import re
import typing as t
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

State: t.TypeAlias = dict[str, t.Any]

#: Parts that tell how a host got to where it is.
OF_THE_WAY = ("clock", "event_logs", "identity", "format")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T_ ]\d\d[:-]?\d\d[:-]?\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|(?<!\d)20\d{6}[T_-]?\d{6}Z?(?!\d)"
)
_WAITING = r"HKLM\SOFTWARE\certops.intune\Waiting"
_BACKUPS = "\\inetsrv\\backup\\"
_TEMPLATE_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
#: What Windows shows in its own language: parts of the model, and the keys that hold it there.
_LOCALISED = re.compile(r"/(accounts|services|firewall|tasks)/.*/(name|description|display_name|full_name|comment)$")
#: Made up when Windows is installed.
_MACHINE_GUID = r"HKLM\SOFTWARE\Microsoft\Cryptography", "MachineGuid"


def normal(state: State) -> State:
    """A state without what two hosts or two runs have of their own."""
    known = json.loads(json.dumps({name: part for name, part in state.items() if name not in OF_THE_WAY}))
    known["power"] = {name: known["power"][name] for name in ("pending", "effective")}
    waiting = known["registry"].get(_WAITING, {"values": {}})["values"]
    booted = datetime.fromisoformat(state["power"]["boot_time"])
    for name in [name for name, note in waiting.items() if datetime.fromisoformat(note["data"]) <= booted]:
        del waiting[name]
    labels = _certificates(known)
    for service in known["services"].values():
        service.pop("process_id", None)
    for path, entry in known["files"].items():
        for name in ("accessed", "created", "modified", "free", *(["sha256"] if _BACKUPS in path.lower() else [])):
            entry.pop(name, None)
    key, name = _MACHINE_GUID
    known["registry"][key]["values"].pop(name)
    identity = state["identity"]
    labels |= {identity["machine_sid"]: "<machine>", identity["address"]: "<address>"}
    text = json.dumps(known)
    for found, label in sorted(labels.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(
            re.escape(json.dumps(found)[1:-1]), json.dumps(label)[1:-1].replace("\\", r"\\"), text, flags=re.I
        )
    text = re.sub(rf"(?i)(?<![a-z0-9]){identity['name']}(?![a-z0-9])", "<host>", text)
    cleaned: State = json.loads(_TIME.sub("<time>", text))
    return cleaned


def _certificates(known: State) -> dict[str, str]:
    """Tell certificates by what they are; return what their thumbprints and keys are called from now on."""
    labels: dict[str, str] = {}
    certificates = known["certificates"]
    for places in certificates["stores"].values():
        for stores in places.values():
            for store, entries in stores.items():
                for thumbprint, entry in list(entries.items()):
                    certificate = x509.load_der_x509_certificate(base64.b64decode(entry.pop("der")))
                    label = f"<{certificate.subject.rfc4514_string()} by {template(certificate) or store}>"
                    while label in labels.values() and labels.get(thumbprint) != label:
                        label += " again"
                    labels[thumbprint] = label
                    entry["certificate"] = described(certificate)
                    if entry["key"]:
                        labels[entry["key"]] = f"<key of {label[1:]}"
    orphans = certificates["keys"].keys() - labels.keys()
    for key in orphans:
        del certificates["keys"][key]
        known["security"]["key_container"].pop(key, None)
    return labels


def template(certificate: x509.Certificate) -> str:
    """The name of the template of version 1 that it was issued by; empty without one."""
    for extension in certificate.extensions:
        if extension.oid == _TEMPLATE_NAME:
            value = t.cast("x509.UnrecognizedExtension", extension.value).value
            # A BMPString.
            return value[2:].decode("utf-16-be")
    return ""


def described(certificate: x509.Certificate) -> State:
    """What a certificate is, whenever and with which key it was made."""
    key = certificate.public_key()
    usages: list[str] = []
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.ExtendedKeyUsage):
            usages = sorted(usage.dotted_string for usage in extension.value)
    return {
        "issuer": certificate.issuer.rfc4514_string(),
        "days": round((certificate.not_valid_after_utc - certificate.not_valid_before_utc).total_seconds() / 86400),
        "extensions": sorted(extension.oid.dotted_string for extension in certificate.extensions),
        "usages": usages,
        "bits": key.key_size if isinstance(key, RSAPublicKey) else 0,
    }


def flat(value: t.Any, path: str = "") -> dict[str, t.Any]:
    """Every leaf of a state by the path that leads to it. Lists are leaves."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    found: dict[str, t.Any] = {}
    for name, inner in value.items():
        found |= flat(inner, f"{path}/{name}")
    return found


def differences(wanted: State, found: State) -> list[str]:
    """Where two states differ, in words."""
    first, second = flat(normal(wanted)), flat(normal(found))
    return [
        f"{path}: {first.get(path, '(nothing)')} -> {second.get(path, '(nothing)')}"[:400]
        for path in sorted(first.keys() | second.keys())
        if first.get(path, "(nothing)") != second.get(path, "(nothing)")
    ]


def changes(before: State, after: State) -> dict[str, t.Any]:
    """What became of a host, without words that Windows shows in its own language."""
    first, second = flat(normal(before)), flat(normal(after))
    return {
        path: second.get(path, "(nothing)")
        for path in sorted(first.keys() | second.keys())
        if first.get(path, "(nothing)") != second.get(path, "(nothing)") and not _LOCALISED.match(path)
    }

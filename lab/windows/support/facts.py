# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a host as ansible.windows.setup names and formats them, one function a subset."""

from __future__ import annotations

import hashlib
import math
import uuid
from datetime import UTC, datetime, timedelta

from lab.windows import tables
from lab.windows.consequences import restart_told
from lab.windows.host import Host
from lab.windows.operation import Call, Result
from lab.windows.people import principals
from lab.windows.people.token import ADMINISTRATORS
from lab.windows.running.environment import variables

CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PROCESSORS = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor"
SERVER = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters"

FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

#: What of the registry lets ansible_reboot_pending be true, by the names of power.yml.
REBOOT_PENDING = ("pending_file_rename", "component_based_servicing", "server_manager")


def addresses(call: Call) -> Result:
    """Link-local IPv6 first, then IPv4."""
    host = call.host
    index = tables.load("hardware")["interface"]["index"]
    return {"ansible_ip_addresses": [f"{_link_local(host)}%{index}", host.identity.address]}


def interfaces(call: Call) -> Result:
    host = call.host
    card = tables.load("hardware")["interface"]
    return {
        "ansible_interfaces": [
            {
                "connection_name": card["name"],
                "default_gateway": None,
                "dns_domain": None,
                "interface_index": card["index"],
                "interface_name": card["description"],
                "ipv4": {"address": host.identity.address, "prefix": str(card["prefix"])},
                "ipv6": {"address": f"{_link_local(host)}%{card['index']}", "prefix": "64"},
                "macaddress": ":".join(f"{byte:02X}" for byte in _mac(host)),
                "mtu": card["mtu"],
                "speed": card["megabits"],
            }
        ]
    }


def bios(call: Call) -> Result:
    hardware = tables.load("hardware")
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{call.host.identity.machine_sid}/machine")
    serial = f"{identity.int % 10**28:028d}"
    return {
        "ansible_bios_date": hardware["bios"]["date"],
        "ansible_bios_version": hardware["bios"]["version"],
        "ansible_product_name": hardware["model"],
        "ansible_product_serial": "-".join(serial[start : start + 4] for start in range(0, 28, 4)),
        "ansible_product_uuid": str(identity).upper(),
    }


def date_time(call: Call) -> Result:
    moment = call.host.clock.now()
    local, utc = call.host.clock.local(moment), moment.astimezone(UTC)
    offset = local.utcoffset() or timedelta()
    # Windows PowerShell counts what UFormat calls the week from the day of the year alone.
    week = local.timetuple().tm_yday // 7
    language = call.host.identity.language
    return {
        "ansible_date_time": {
            "date": local.strftime("%Y-%m-%d"),
            "day": local.strftime("%d"),
            "epoch_local": _seconds(utc.timestamp() + offset.total_seconds(), language),
            "epoch": _seconds(utc.timestamp(), language),
            "epoch_int": round(utc.timestamp()),
            "hour": local.strftime("%H"),
            "iso8601": utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "iso8601_basic": local.strftime("%Y%m%dT%H%M%S%f"),
            "iso8601_basic_short": local.strftime("%Y%m%dT%H%M%S"),
            "iso8601_micro": utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "minute": local.strftime("%M"),
            "month": local.strftime("%m"),
            "second": local.strftime("%S"),
            "time": local.strftime("%H:%M:%S"),
            "tz": call.host.clock.time_zone,
            "tz_offset": _offset(offset),
            "weekday": DAYS[local.isoweekday() % 7],
            "weekday_number": str(local.isoweekday() % 7),
            "weeknumber": str(week),
            "year": local.strftime("%Y"),
        }
    }


#: Always in English.
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def distribution(call: Call) -> Result:
    host = call.host
    release = tables.release(host.identity)
    installed = host.registry.get(CURRENT_VERSION, "InstallTime")
    date = None
    if installed is not None and isinstance(installed.data, int) and installed.data:
        date = (FILETIME_EPOCH + timedelta(microseconds=installed.data // 10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    caption = f"{release['caption_prefix']}{release['product_name']}" if call.user.is_administrator else None
    return {
        "ansible_distribution": caption,
        "ansible_distribution_version": _version(host),
        "ansible_distribution_major_version": str(release["major"]),
        "ansible_os_family": "Windows",
        "ansible_os_name": caption,
        "ansible_os_product_type": {1: "workstation", 2: "domain_controller", 3: "server"}[release["product_type"]],
        "ansible_os_installation_type": _text(host, CURRENT_VERSION, "InstallationType") or None,
        "ansible_os_install_date": date,
    }


def environment(call: Call) -> Result:
    found = variables(call.host, call.user)
    return {"ansible_env": {name: value.rstrip("\\") for name, value in found.items()}}


def memory(call: Call) -> Result:
    sizes = tables.load("hardware")["memory"]
    known = call.user.is_administrator
    return {
        "ansible_memtotal_mb": sizes["total_mb"],
        "ansible_memfree_mb": sizes["free_mb"],
        "ansible_swaptotal_mb": 0,
        "ansible_pagefiletotal_mb": sizes["page_file_mb"] if known else None,
        "ansible_pagefilefree_mb": sizes["page_file_free_mb"] if known else None,
    }


def platform(call: Call) -> Result:
    host = call.host
    identity, hardware = host.identity, tables.load("hardware")
    known = call.user.is_administrator
    return {
        "ansible_domain": identity.dns_domain,
        "ansible_fqdn": identity.fqdn,
        "ansible_hostname": identity.name,
        "ansible_netbios_name": identity.computer,
        "ansible_kernel": _version(host),
        "ansible_nodename": identity.fqdn,
        "ansible_machine_id": _machine_sid(host),
        "ansible_owner_name": _text(host, CURRENT_VERSION, "RegisteredOwner"),
        "ansible_system": tables.release(identity)["platform"],
        "ansible_system_description": _text(host, SERVER, "srvcomment"),
        "ansible_system_vendor": hardware["manufacturer"],
        "ansible_architecture": hardware["architecture"][identity.language] if known else None,
        "ansible_owner_contact": "",
        "ansible_reboot_pending": any(restart_told(host, reason) for reason in REBOOT_PENDING),
        "ansible_architecture2": "x86_64",
    }


def powershell_version(call: Call) -> Result:
    return {"ansible_powershell_version": int(tables.release(call.host.identity)["powershell"].split(".")[0])}


def processor(call: Call) -> Result:
    host = call.host
    told = tables.load("hardware")["processors"]
    described: list[str | None] = []
    for number in sorted(host.registry.subkeys(PROCESSORS), key=int):
        key = f"{PROCESSORS}\\{number}"
        described += [
            number,
            _text(host, key, "VendorIdentifier") or told["vendor"],
            _text(host, key, "ProcessorNameString") or told["name"],
        ]
    return {
        "ansible_processor": described,
        "ansible_processor_count": told["sockets"],
        "ansible_processor_vcpus": told["sockets"] * told["cores"] * told["threads"],
        "ansible_processor_cores": told["cores"],
        "ansible_processor_threads_per_core": told["threads"],
    }


def uptime(call: Call) -> Result:
    host = call.host
    # The format ends in Z though it is local time.
    boot = host.clock.local(host.power.boot_time)
    seconds = (host.clock.now() - host.power.boot_time).total_seconds()
    return {
        "ansible_lastboot": boot.strftime("%Y-%m-%d %H:%M:%SZ"),
        "ansible_uptime_seconds": round(seconds),
    }


def user(call: Call) -> Result:
    found = variables(call.host, call.user)
    return {
        "ansible_user_dir": found.find("USERPROFILE"),
        "ansible_user_gecos": "",
        "ansible_user_id": found.find("USERNAME"),
        "ansible_user_sid": call.user.sid,
    }


def windows_domain(call: Call) -> Result:
    return {
        "ansible_windows_domain": call.host.identity.dns_domain,
        "ansible_windows_domain_member": True,
        "ansible_windows_domain_role": "Member server",
    }


def winrm(call: Call) -> Result:
    """When the certificate of the HTTPS listener ends; nothing where there is none."""
    store = call.host.certificates.store("LocalMachine", "My")
    entry = next((each for each in store or () if each.key is not None), None)
    # Who is no administrator may not read the listener's settings.
    if entry is None or not call.user.is_administrator:
        return {}
    end = call.host.clock.local(entry.certificate.not_valid_after_utc)
    return {
        "ansible_win_rm_certificate_expires": end.strftime("%Y-%m-%d %H:%M:%S"),
        "ansible_win_rm_certificate_thumbprint": entry.thumbprint,
    }


def virtual(_call: Call) -> Result:
    return {"ansible_virtualization_role": "guest", "ansible_virtualization_type": "Hyper-V"}


def _version(host: Host) -> str:
    release = tables.release(host.identity)
    return f"{release['major']}.{release['minor']}.{release['build']}.0"


def _text(host: Host, key: str, name: str) -> str:
    value = host.registry.get(key, name)
    return str(value.data) if value is not None else ""


def _machine_sid(host: Host) -> str | None:
    """The SID of the machine, found as upstream finds it: by the administrator among the administrators."""
    members = host.accounts.members(ADMINISTRATORS)
    built_in = next((sid for sid in members if sid.endswith("-500") and principals.by_sid(host, sid)), None)
    return built_in.removesuffix("-500") if built_in else None


def _seconds(value: float, language: str) -> str:
    """Seconds as .NET Framework writes a double: 15 digits, the decimal sign of the language."""
    whole = 15 - len(str(math.trunc(abs(value))))
    text = f"{value:.{max(whole, 0)}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "sv-SE" else text


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _mac(host: Host) -> bytes:
    seed = hashlib.sha256(host.identity.machine_sid.encode()).digest()
    return bytes(tables.load("hardware")["interface"]["mac"]) + seed[:3]


def _link_local(host: Host) -> str:
    mac = _mac(host)
    identifier = bytes([mac[0] ^ 2, *mac[1:3], 0xFF, 0xFE, *mac[3:]])
    groups = [f"{int.from_bytes(identifier[start : start + 2]):x}" for start in range(0, 8, 2)]
    return "fe80::" + ":".join(groups)

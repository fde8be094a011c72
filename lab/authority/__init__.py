# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's issuing CA: certificates for templates of the real directory, by the rights of who asks.

`Enterprise` is what a host reaches of the forest when somebody can prove who they are: the directory with their
rights, and the CA that issues for them. `issuing` makes a certificate of a template and a request, without any I/O.
"""

from .enterprise import (
    AccessDenied,
    Caller,
    DirectoryEnterprise,
    Enterprise,
    LogonRefused,
    NetworkIdentity,
    NoEnterprise,
    NotFound,
    Unreachable,
)
from .issuing import Issuer, Refused, Request, issue
from .templates import Template

__all__ = [
    "AccessDenied",
    "Caller",
    "DirectoryEnterprise",
    "Enterprise",
    "Issuer",
    "LogonRefused",
    "NetworkIdentity",
    "NoEnterprise",
    "NotFound",
    "Refused",
    "Request",
    "Template",
    "Unreachable",
    "issue",
]

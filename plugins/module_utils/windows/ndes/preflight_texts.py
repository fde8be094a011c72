# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight of NDES looks at: what it means when something is not as it must be, and what to do. Data only.

Provenance: scep-configure and the prerequisites of "Network Device Enrollment Service Guidance" (Microsoft Learn) for
what is asked; Microsoft's support article on the failures of NDES for chain and site.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t


class Text(t.NamedTuple):
    """Why a finding refuses, as a clause, and what to do, as an imperative clause."""

    cause: str
    fix: str


#: By id, in the order in which they are told.
TEXTS: t.Final[t.Mapping[str, Text]] = {
    "domain_member": Text(
        "NDES enrolls with an enterprise authority, which knows only members of its forest",
        "join the server to a domain of the forest",
    ),
    "same_forest": Text(
        "the server belongs to another forest than the authority, whose templates it cannot use",
        "take a server of this forest, or an authority of the server's own",
    ),
    "supported_release": Text(
        "the certificate connector needs NDES on Windows Server 2012 R2 or later",
        "take a newer server",
    ),
    "not_a_domain_controller": Text(
        "a service that the internet reaches must not run where the keys of the domain are",
        "take a member server",
    ),
    "not_the_authority": Text(
        "a service that the internet reaches must not run where the key of the authority is",
        "take another server than the authority's",
    ),
    "desktop_experience": Text(
        "the certificate connector needs a desktop to be set up, and Server Core has none",
        "install the server with Desktop Experience, or allow this when no connector is to run here",
    ),
    "feature_installed": Text(
        "the role service ADCS-Device-Enrollment is not installed, so there is nothing to configure",
        "install it, for example with the role ndes_server",
    ),
    "site_present": Text(
        "NDES is made in the site with the number 1 and needs the folder of it",
        "restore the Default Web Site with its number and folder",
    ),
    "chain_trusted": Text(
        "the server does not trust the root of the authority, and would refuse its own certificates (0x80070490)",
        "let the server take the root certificate from the forest (gpupdate /force), and look at its store Root",
    ),
    "caller_rights": Text(
        "who is no administrator of the server cannot configure it",
        "connect as an administrator of the server",
    ),
    "installer_rights": Text(
        "the templates of NDES can be published only by members of Enterprise Admins",
        "give such an account as installer_username and installer_password",
    ),
    "no_pending_reboot": Text(
        "a restart is pending, and what it will change could break the set-up half way",
        "restart the server",
    ),
    "providers_present": Text(
        "the set-up makes the keys of the registration authority with the provider, and would fail",
        "install the provider, or leave the option out for the one that is part of Windows",
    ),
    "account_usable": Text(
        "the pool could not be started as the service account",
        "enable, unlock or prolong the account, or let this server read its password (module service_account)",
    ),
    "account_unprivileged": Text(
        "whoever takes over a service that the internet reaches would have the rights of its account",
        "take an account without rights of administration",
    ),
    "account_password": Text(
        "the domain refused the password of the service account or of the installer",
        "give the right password; it was tried once, so that nothing was locked",
    ),
    "built_in_templates": Text(
        "the set-up publishes the three built-in templates of NDES, and the forest does not have all of them",
        "let the authority create them anew (certutil -InstallDefaultTemplates on the authority)",
    ),
}

#: What is wrong with these cannot be accepted: NDES would not work, or should not.
NEVER_ALLOWED: t.Final = frozenset(
    {"domain_member", "same_forest", "not_a_domain_controller", "not_the_authority", "feature_installed"}
)

#: What decides where only the account of the pool is changed.
FOR_THE_ACCOUNT: t.Final = frozenset({"account_usable", "account_unprivileged", "account_password"})

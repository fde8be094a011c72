#!/usr/bin/env bash
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the Debian or Ubuntu packages named in the given lists that are missing, after saying which.
# Of an entry "a|b" the first name that the release knows is taken; "a?" is gone without where the release lacks it.
# Silent when all are there. No service is started: a policy-rc.d stands in the way while apt-get works (where the
# administrator has none of his own), and the file services that come with Samba are not left enabled.
#
# usage: tools/system.sh LIST...

set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }

wanted() { # the entries of the lists: comments and blank lines off
    sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | sort -u
}

is_installed() {
    case $'\n'"$installed"$'\n' in *$'\n'"$1"$'\n'*) return 0 ;; esac
    return 1
}

any_installed() { # entry "a|b" or "a?"
    local name entry=${1%\?}
    for name in ${entry//|/ }; do
        is_installed "$name" && return 0
    done
    return 1
}

choose() { # the first name of "a|b" that apt knows; nothing of "a?" when it knows none
    local name entry=${1%\?}
    for name in ${entry//|/ }; do
        [ -n "$(apt-cache madison "$name" 2>/dev/null)" ] && { printf '%s\n' "$name"; return; }
    done
    [ "$entry" != "$1" ] || printf '%s\n' "${entry%%|*}" # apt-get will say that it does not know it
}

choose_all() {
    local entry
    for entry in "${missing[@]}"; do choose "$entry"; done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    if [ "${SYSTEM_PACKAGES:-}" = skip ]; then
        exit 0
    fi
    say "this system has no apt-get. The packages needed are, by their names in Debian:" >&2
    wanted "$@" | sed -e 's/^/setup:   /' -e 's/?$/ (for tests in a browser alone)/' >&2
    say "install what they are called here (bindep.txt has the names for RPM), then run make SYSTEM_PACKAGES=skip" >&2
    exit 1
fi

mapfile -t entries < <(wanted "$@")
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=()
for entry in "${entries[@]}"; do
    any_installed "$entry" || missing+=("$entry")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && [ "${SYSTEM_PACKAGES:-}" != print ]; then
        as_root=(sudo)
    else
        mapfile -t names < <(choose_all)
        [ ${#names[@]} -gt 0 ] || exit 0
        say "these system packages are missing; installing them needs root:" >&2
        printf '  apt-get install --no-install-recommends %s\n' "${names[*]}" >&2
        exit 1
    fi
fi

update() {
    say "fetching the list of packages (apt-get update)"
    "${as_root[@]}" apt-get -qq update
}

install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "${names[@]}" >/dev/null
}

# On a fresh machine the list was never fetched.
[ -n "$(apt-cache madison bash 2>/dev/null)" ] || update
mapfile -t names < <(choose_all)
[ ${#names[@]} -gt 0 ] || exit 0

say "system packages needed and missing: ${names[*]}"
say "installing them with apt-get (no recommended packages, no service is started)"

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\n# Laid by certops.intune during apt-get install, removed after it.\nexit 101\n' |
        "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
# An old list names versions that are gone.
install || { update && mapfile -t names < <(choose_all) && install; } || {
    say "apt-get could not install them; its own words stand above" >&2
    exit 1
}

# A unit that is enabled starts at the next boot. Nobody asked for a file server.
if [ -d /run/systemd/system ]; then
    for unit in smbd nmbd winbind samba-ad-dc; do
        case " ${names[*]} " in *' samba'* | *' winbind '*) ;; *) continue ;; esac
        if systemctl is-enabled --quiet "$unit" 2>/dev/null; then
            say "disabling $unit, which came with the packages"
            "${as_root[@]}" systemctl disable --quiet "$unit"
        fi
    done
fi
say "system packages installed"

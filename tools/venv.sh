#!/usr/bin/env bash
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes or refreshes a virtual environment from files of pins. Does nothing when it was made from the same pins by
# the same Python. python-ldap and the Kerberos libraries have no wheels on PyPI: they are built once for each Python and kept in
# build/wheels.
#
# usage: tools/venv.sh DIRECTORY PYTHON PINS...      PINS: names in tools/pins without .txt

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
directory=$1 python=$2
shift 2

pins=()
for name in "$@"; do pins+=("$top/tools/pins/$name.txt"); done
constraints=$top/tools/pins/constraints.txt
stamp=$directory/made-from
recipe=$(printf '%s\n' "$python" "$directory" && cat "${pins[@]}" "$constraints")
if [ -x "$directory/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$recipe" ] && "$directory/bin/python" -c ''; then
    exit 0
fi

wheels=$top/build/wheels
mkdir -p "$wheels"
printf 'setup: environment %s with %s: %s\n' "${directory#"$top"/}" "$("$python" --version)" "$*"
rm -rf "$directory"
"$python" -m venv "$directory"

# Set from outside, these would decide what is installed and from where; the pins do.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=1
pip=("$directory/bin/python" -m pip --quiet --no-input)
log=$top/build/pip-$(basename "$directory").log
built=$(grep -hE '^(python-ldap|krb5|gssapi|pykerberos)==' "${pins[@]}" || true)
# A program of somebody else's lives with the versions it asks for, not with those that the tests ran with.
limits=(--constraint "$constraints")
if grep -qhx '# constraints: none' "${pins[@]}"; then limits=(); fi
if ! {
    { [ -z "$built" ] ||
        "${pip[@]}" wheel --no-deps --find-links "$wheels" --wheel-dir "$wheels" --requirement /dev/stdin <<<"$built"; } &&
        "${pip[@]}" install --find-links "$wheels" "${limits[@]}" "${pins[@]/#/--requirement=}"
} >"$log" 2>&1; then
    cat "$log" >&2
    printf 'setup: pip failed; its log is %s\n' "$log" >&2
    exit 1
fi
printf '%s' "$recipe" >"$stamp"

#!/usr/bin/env bash
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the path of the first Python found among the given minor versions that can make a virtual environment.
# Looks in PATH and among the versions of pyenv. Exit status 1 and no output when there is none.
#
# usage: tools/python.sh 3.11 3.12 ...

set -euo pipefail

# A shim of pyenv exists for versions that are not switched on: only running it tells.
probe='
import sys
import ensurepip, ssl, venv
if "%d.%d" % sys.version_info[:2] != sys.argv[1]:
    sys.exit(1)
# Not the one of a virtual environment, which may be the one that is about to be made anew.
print(sys._base_executable)
'

for version in "$@"; do
    for candidate in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python3 python3 /usr/bin/python3; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c "$probe" "$version" 2>/dev/null && exit 0
    done
done
exit 1

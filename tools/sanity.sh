#!/usr/bin/env bash
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs ansible-test sanity on the collection, with no ignore files. ansible-test takes no links: it works on a copy
# under build/sanity, of what belongs to the product and its tests' settings. The caches go to a home of its own.
#
# usage: tools/sanity.sh [ENVIRONMENT [ARGUMENTS OF ansible-test sanity]]      ENVIRONMENT: .venv or build/cores/X.Y

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
environment=$top/${1:-.venv}
shift || true

home=$top/build/ansible-test-home
copy=$top/build/sanity/$(basename "$environment")/ansible_collections/certops/intune
rm -rf "$copy"
mkdir -p "$copy"

cd "$top"
git ls-files --cached --others --exclude-standard -- \
    plugins roles playbooks meta docs changelogs extensions tests/config.yml tests/sanity \
    galaxy.yml requirements.txt README.md COPYING CHANGELOG.rst |
    while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
    xargs -0 cp --parents --target-directory "$copy"

# ansible-test wants get-pip.py from a server of its project to start its environments. Every Python that can make an
# environment has pip inside: this stand-in uses it.
mkdir -p "$home/.ansible/test/cache"
package=("$environment"/lib/python*/site-packages/ansible_test/_internal/python_requirements.py)
sed -nE "s/^ *pip='([0-9.]+)',$/\1/p" "${package[@]}" | while IFS= read -r release; do
    printf 'import ensurepip\n\nensurepip.bootstrap(upgrade=True)\n' \
        >"$home/.ansible/test/cache/get_pip_${release//./_}.py"
done

cd "$copy"
git init --quiet . && git add --all .
export HOME=$home PATH=$environment/bin:$PATH
unset PYTHONPATH ANSIBLE_COLLECTIONS_PATH
python=$("$environment/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# pslint needs PowerShell with PSScriptAnalyzer; tools/lint.py says so once there is something to lint.
exec ansible-test sanity --local --python "$python" --color no --skip-test pslint "$@"

# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run everything that `make test` promises, go on after a failure, and end with a table and a count.

Unit tests under every ansible-core that a Python is found for, tests of pages in a browser, integration tests in labs
side by side, linters beside them, and the requirement catalogue. Outcomes are recorded in build/proven, where
tools/requirements.py reads them.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tools import certipy, chromium
from tools.cores import Core, load_cores
from tools.lint import lint
from tools.requirements import COMPLETE, RECORDS
from tools.steps import WORKERS, Result, Step, slug, summary
from tools.tree import TOP

#: Tests that stop domain controllers and starve them; a lab is theirs alone.
FAULTS = "tests/integration/faults"

#: Tests of the role of NDES servers: they do it too, and take as long as the rest of the tests of Windows hosts, so
#: that they share the lab of the faults.
NDES_ROLE = "tests/integration/windows/ndes_role"

#: Tests of the simulated Windows hosts, and how many member servers they want.
WINDOWS = "tests/integration/windows"
SERVERS = 10
RELEASES = f"{WINDOWS}/test_releases.py"

#: Tests of what configures NDES servers, beside those of the role: a lab of their own, and a step each.
NDES_SERVERS = {
    "modules": ("test_ndes.py", "test_ndes_settings.py", "test_ndes_side_effects.py"),
    "playbooks and IIS": (
        *("test_ndes_server.py", "test_ndes_server_accounts.py"),
        *("test_iis_binding.py", "test_iis_request_limits.py", "test_user_rights_info.py"),
    ),
}

#: Unit tests that run with every ansible-core: what uses it, and what takes its payloads apart. With another Python all
#: tests of the product run. Those of the tools and the lab mean the main environment, which alone has what they need.
TOUCHING_CORE = (
    "tests/unit/lab/payload",
    "tests/unit/plugins/action",
    "tests/unit/plugins/plugin_utils",
    "tests/unit/plugins/module_utils/adcs/test_export.py",
)
PRODUCT = ("tests/unit/lab/payload", "tests/unit/plugins")

RECORD_FOLDER = TOP / RECORDS


def pytest_step(name: str, core: Core, tests: list[str], prefix: tuple[str, ...] = ()) -> Step:
    """A run of pytest in the environment of a core, recorded under its name."""
    record = RECORD_FOLDER / f"{slug(name)}.json"
    python = str(core.venv / "bin" / "python")
    return Step(
        name,
        [*prefix, python, "-m", "pytest", "-q", "--durations=20", "--record", str(record), *tests],
        venv=core.venv,
        shown=True,
    )


def announce(name: str) -> None:
    print(f"\n=== {name}", flush=True)


def unit_tests(cores: list[Core]) -> tuple[list[Result], list[Core]]:
    """Run the unit tests under every core. Returns the results and the cores that were there to run them."""
    results, present = [], []
    main_python = next(core.pythons[0] for core in cores if core.is_main)
    for core in cores:
        name = f"unit tests, ansible-core {core.name}"
        announce(name)
        if not core.is_main:
            python = core.find_python()
            if python is None:
                state = f"not run: no Python {' or '.join(core.pythons)} found"
                print(state)
                results.append(Result(name, state))
                continue
            made = Step(f"environment, ansible-core {core.name}", core.set_up(python)).run()
            if made.failed:
                results.append(made)
                continue
        present.append(core)
        tests = ["-n", str(os.cpu_count() or 1)]
        if core.is_main:
            tests.append("tests/unit")
        else:
            # Properties do not depend on ansible-core, so that a few examples of each do.
            tests += ["--hypothesis-profile=few", *(TOUCHING_CORE if core.pythons[0] == main_python else PRODUCT)]
        results.append(pytest_step(name, core, tests).run())
    return results, present


def browser_tests(core: Core) -> Result:
    """Use the pages of reports in Chromium. Ubuntu has no package of it, and says so in the table."""
    name = "tests in a browser"
    announce(name)
    lacking = chromium.missing()
    if lacking:
        print(f"not run: {lacking}")
        return Result(name, f"not run: {lacking}")
    return pytest_step(name, core, ["-n", str(os.cpu_count() or 1), "tests/browser"]).run()


def in_lab(name: str, *steps: Step, servers: int = 0, quick_boots: bool = False) -> list[Result]:
    """Start a lab of the name, run the steps inside of it one after the other, and stop it."""
    folder = f"build/lab-{name}"
    up = ["bin/lab", "up", "--dir", folder, "--hosts", str(servers), *(["--quick-boots"] if quick_boots else [])]
    results = [Step(f"lab up, {name}", up).run()]
    try:
        if not results[-1].failed:
            inside = ("bin/lab", "exec", "--dir", folder, "--")
            results += [replace(step, command=[*inside, *step.command], shown=False).run() for step in steps]
    finally:
        results.append(Step(f"lab down, {name}", ["bin/lab", "down", "--dir", folder]).run())
    return results


def integration_tests(cores: list[Core]) -> list[Result]:
    """Run the integration tests in labs side by side, all of them in the main environment and a few in the others, and
    the linters beside them. What a step prints comes when it is over and has failed.
    """
    announce("integration tests and linters")
    # Inside the lab there is no network to fetch it from.
    results = [Result("outside reader Certipy", certipy.set_up())]
    print(f"{results[0].name}: {results[0].state}")
    main = next(core for core in cores if core.is_main)
    modules = pytest_step("integration, modules", main, ["tests/integration/modules"])
    elsewhere = [f"--ignore={folder}" for folder in ("tests/integration/modules", WINDOWS, FAULTS)]
    others = pytest_step("integration, directory, lab and outside", main, ["tests/integration", *elsewhere])
    smoke = [
        pytest_step(f"integration, ansible-core {core.name}", core, ["tests/integration/cores"])
        for core in cores
        if not core.is_main
    ]
    own = {name: [f"{WINDOWS}/{file}" for file in files] for name, files in NDES_SERVERS.items()}
    elsewhere = [f"--ignore={path}" for path in (NDES_ROLE, *itertools.chain(*own.values()))]
    windows = pytest_step("integration, windows", main, [WINDOWS, *elsewhere])
    ndes = [pytest_step(f"integration, NDES servers, {name}", main, files) for name, files in own.items()]
    # One other core does what the main one does to all releases and languages; all of them send every kind of payload.
    newest = [
        pytest_step(f"integration, windows, ansible-core {core.name}", core, [RELEASES])
        for core in cores[-1:]
        if not core.is_main
    ]
    faults = replace(pytest_step("faults", main, [FAULTS]), environment={"LAB_OF_ITS_OWN": "1"})
    ndes_role = pytest_step("integration, role of NDES servers", main, [NDES_ROLE])
    # Those that take longest first.
    jobs: list[Callable[[], list[Result]]] = [
        lambda: in_lab("faults", faults, ndes_role, servers=SERVERS, quick_boots=True),
        lambda: in_lab("ndes", *ndes, servers=SERVERS, quick_boots=True),
        lambda: in_lab("windows", windows, *newest, servers=SERVERS),
        lambda: in_lab("others", others, *smoke),
        lambda: in_lab("modules", modules),
        lint,
    ]
    # One more than there are processors: a test that stops a domain controller waits until it is back.
    with ThreadPoolExecutor(WORKERS + 1) as pool:
        for finished in [pool.submit(job) for job in jobs]:
            results += finished.result()
    return results


def requirements() -> Result:
    """Count the requirements from what was recorded."""
    announce("requirements")
    (RECORD_FOLDER / COMPLETE).touch()
    return Step("requirements", [sys.executable, "-m", "tools.requirements"], shown=True).run()


def count(results: list[Result]) -> str:
    """The closing line: every recorded test, and every check without tests as one."""
    outcomes: Counter[str] = Counter()
    for path in RECORD_FOLDER.glob("*.json"):
        for test in json.loads(path.read_text(encoding="utf-8"))["tests"].values():
            outcomes[test["outcome"]] += 1
    recorded = {path.stem for path in RECORD_FOLDER.glob("*.json")}
    for result in results:
        if slug(result.name) not in recorded and not result.state.startswith("not run"):
            outcomes["failed" if result.failed else "passed"] += 1
    return f"{outcomes['passed']} passed, {outcomes['failed']} failed, {outcomes['skipped']} skipped"


def main() -> int:
    """Run everything. Return the exit status."""
    shutil.rmtree(RECORD_FOLDER, ignore_errors=True)
    RECORD_FOLDER.mkdir(parents=True)
    results, present = unit_tests(load_cores())
    results.append(browser_tests(next(core for core in present if core.is_main)))
    results += integration_tests(present)
    results.append(requirements())
    print(f"\n{summary(results)}\n\n{count(results)}")
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())

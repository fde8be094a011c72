# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The front door. Everything made goes into build/ and .venv/. Each target sets up what it needs; when that is there,
# looking takes a moment.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# What the tools print and what their programs print stays in order, also in a file.
export PYTHONUNBUFFERED := 1

PYTHON := $(CURDIR)/.venv/bin/python
PACKAGES := tools/packages.txt $(wildcard lab/packages.txt)

# The main environment: the first Python found of those that its ansible-core runs on, the oldest supported first.
MAIN_CORE := core-2.19
MAIN_PYTHONS = $(shell sed -n 's/^# python: //p' tools/pins/$(MAIN_CORE).txt)

.PHONY: help setup demo test unit lint bench requirements clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## system packages, Python packages (.venv), collections (build/collections)
	@mkdir -p build
	@exec 9>build/setup.lock && flock 9 && \
	tools/system.sh $(PACKAGES) && \
	python="$$(tools/python.sh $(MAIN_PYTHONS))" || \
	{ echo "setup: no Python of $(MAIN_PYTHONS) with venv and ensurepip found" >&2; exit 1; } && \
	tools/venv.sh $(CURDIR)/.venv "$$python" $(MAIN_CORE) runtime test tools lab && \
	$(PYTHON) -m tools.upstream

demo: setup ## the main job on the lab: start the forest, run site.yml, show what it did
	@$(PYTHON) -m tools.demo

test: setup ## everything: unit tests on every ansible-core, the lab, lint, package, requirements
	@$(PYTHON) -m tools.verify

unit: setup ## unit tests in the main environment; TESTS=tests/unit/lab/winrm runs some
	@$(PYTHON) -m pytest -q -n 2 $(or $(TESTS),tests/unit)

lint: setup ## ruff, mypy, yamllint, ansible-lint, ansible-test sanity, antsibull, licence headers
	@$(PYTHON) -m tools.lint

bench: setup ## measure; ONLY=name runs one
	@$(PYTHON) -m tools.bench $(if $(ONLY),--only $(ONLY))

requirements: setup ## count which requirements are proven, served, documented, open
	@$(PYTHON) -m tools.requirements

clean: ## stop labs in build/ and remove what was made
	@for lab in build/lab*; do [ -d "$$lab" ] && [ -x bin/lab ] && bin/lab down --dir "$$lab"; done; true
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

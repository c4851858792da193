# Two commands for everybody: `make demo` (see it work) and `make test` (everything that guards a change).
# Both set up what they need first: see .ci/setup.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# A real Postfix needs root: the demo and the wire tests ask sudo for it where we are not root.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,$(shell command -v sudo >/dev/null && echo sudo env PYTHONDONTWRITEBYTECODE=1))
JOBS ?= 2

.PHONY: help setup install upgrade readme demo test lint style types unit wire deb debcheck wheel sbom site kills faults soak bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@.ci/setup

install: ## what Gatepost needs to run on this machine, and nothing for its tests
	@.ci/setup run

demo: setup ## a clinic's day through a real Postfix and Gatepost; STAY=1 keeps it up until Ctrl-C
	@$(AS_ROOT) $(BIN)/python -m gateway.demo $(if $(filter-out 0,$(STAY)),--stay)

test: style ## lint, types, import contracts, all tests
	@.ci/beside types unit
	@$(MAKE) wire

lint: style types ## ruff, import-linter, advisories about libraries, mypy

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@if command -v ansible-lint >/dev/null; then ansible-lint --offline -q ansible; fi
	@$(BIN)/python -m package.advisories

types: setup
	$(BIN)/mypy

unit: setup ## all tests that need no Postfix
	$(BIN)/pytest -n $(JOBS) --ignore=tests/wire

wire: setup ## dialogues with a real Postfix
	$(AS_ROOT) $(BIN)/pytest -n $(JOBS) --dist loadfile -p no:cacheprovider tests/wire

upgrade: setup ## the Ansible role at length: check mode, unsigned rules, another version under load
	$(AS_ROOT) env GATEPOST_LONG=1 $(BIN)/pytest -p no:cacheprovider tests/wire/test_ansible.py tests/wire/test_ansible_install.py

readme: setup ## every command of the README, word for word, in a copy of this machine in memory
	$(AS_ROOT) env GATEPOST_LONG=1 $(BIN)/pytest -p no:cacheprovider tests/wire/test_readme_whole.py

wheel: setup sbom ## dist/gatepost-….whl with rules, models, units and monitoring
	$(BIN)/python -m hatchling build --target wheel --directory dist

deb: ## dist/gatepost_….deb: the libraries of the lock inside
	@.ci/setup deb
	package/deb

debcheck: setup ## that package installed, started, upgraded, removed and purged, in a copy of this machine in memory
	$(AS_ROOT) env GATEPOST_DEB=$$(ls -t $(CURDIR)/dist/gatepost_*.deb | head -1) $(BIN)/pytest -p no:cacheprovider tests/wire/test_deb.py

sbom: setup ## build/gatepost.cdx.json: every library, model and word list, with digests and licences (CycloneDX)
	$(BIN)/python -m package.sbom build/gatepost.cdx.json
	$(BIN)/python -m package.sbom --development build/gatepost-development.cdx.json

site: setup ## build/site/html: the documentation as a site, with nothing from other hosts
	$(BIN)/python -m package.site

kills: setup ## kill the gateway at 300 lines of the fan-out; about half an hour
	@$(AS_ROOT) $(BIN)/python -m bench.kills $(or $(POINTS),300)

faults: setup ## every action killed and failed at each system call, and the power cut; prints the ledger; about an hour
	@$(BIN)/python -m bench.faults $(WORDS)

soak: setup ## mail while workers, the gateway and Postfix are killed; MESSAGES=100000 for the long form
	@$(AS_ROOT) $(BIN)/python -m bench.soak --messages $(or $(MESSAGES),2000)

bench: setup ## measure; figures go to bench/results and docs/capacity.md
	@bench/run

clean: ## remove .venv, caches and build output
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Duet: `make run` starts it, `make test` tests it, `make help` says the rest.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?=
JOBS ?= 4
VENV := .venv/bin
DUET := $(VENV)/python -m deploy.local
NODE := $(VENV)/node
PIP_COMPILE := $(VENV)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	--strip-extras --allow-unsafe
ALL := --extra embedded --extra server --extra tracing pyproject.toml
export PYTHON
# Otherwise each of the programs that a run of the tests starts, and each of its workers, compiles the code anew.
unexport PYTHONDONTWRITEBYTECODE

SCENARIO ?=
CHAOS ?=

.PHONY: api status chaos compiled emoji icons help run dev test check fmt seed clean lock setup setup-dev reset-password \
	backup restore bench bench-setup bench-smoke bench-lock browsers engine

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  Settings come from DUET_* variables, e.g. DUET_PORT=8001 DUET_DATA_DIR=var-two make run"

run: setup ## Set up what is missing and run Duet; Ctrl-C drains and stops it
	@exec $(DUET) run

dev: setup-dev ## Run Duet and restart each program when its files change
	@exec $(DUET) run --reload

test: setup-dev ## Lint, types, contracts and every test, on servers of their own
	@$(MAKE) -j 3 check compiled browsers
	@exec $(VENV)/python -m pytest -n $(JOBS) --dist worksteal

# While mypy has one processor only: else each of pytest's workers rewrites the assertions of all tests, side by side.
compiled: setup-dev
	-@$(VENV)/python -m pytest --collect-only -q -n0 >/dev/null

chaos: setup-dev ## Faults under load, one judge: make chaos SCENARIO=kill-relay-1 CHAOS='--faults 100'
	@exec $(VENV)/python -m tests.chaos $(SCENARIO) $(CHAOS)

check: setup-dev ## Lint, formatting, types, import contracts; of the Python, JavaScript and CSS
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/lint-imports
	$(NODE) node_modules/.bin/biome check --error-on-warnings
	$(NODE) node_modules/.bin/tsc

fmt: setup-dev ## Format the code and mend what the linter can
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(NODE) node_modules/.bin/biome check --write --error-on-warnings

seed: setup ## People and a conversation to look at, in the Duet that runs
	@$(DUET) seed

status: setup ## How each program of the Duet that runs does, and what is wrong
	@$(DUET) status

reset-password: setup ## A new random password: make reset-password USER=alice
	@$(if $(filter command line,$(origin USER)),,echo "Say whose: make reset-password USER=alice" >&2; exit 2)
	@$(DUET) reset-password '$(USER)'

backup: setup ## Dump the database into <data dir>/backups, also while Duet runs
	@$(DUET) backup

restore: setup ## Put a dump back while Duet is stopped: make restore FILE=var/backups/duet-….dump
	@$(if $(FILE),,echo "Say which: make restore FILE=var/backups/duet-….dump" >&2; exit 2)
	@$(DUET) restore '$(FILE)'

bench: bench-setup ## Measure Duet and its peers; writes docs/performance.md (an hour, and the scale)
	@exec .venv-bench/bin/python -m bench

bench-smoke: bench-setup ## Within three minutes: is a message slower or dearer than it may be? (Part of CI)
	@exec .venv-bench/bin/python -m bench.smoke

bench-lock: setup-dev ## Renew the benchmark's lock files
	$(PIP_COMPILE) -c requirements-dev.lock -o bench/requirements.lock $(ALL) bench/requirements.in
	cd bench/peers/node_chat && npm install --package-lock-only --no-audit --no-fund

engine: ## Rebuild services/game/native/engine.wasm from its C sources
	@python3 -m venv .venv-engine
	@.venv-engine/bin/pip install --disable-pip-version-check -q --require-hashes -r services/game/native/requirements.lock
	@.venv-engine/bin/python -m services.game.native.build

lock: setup-dev ## Renew the lock files from pyproject.toml and package.json
	$(PIP_COMPILE) -o requirements.lock $(ALL)
	$(PIP_COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock $(ALL)
	cd services/game/native && ../../../$(PIP_COMPILE) -o requirements.lock requirements.in
	$(VENV)/npm install --package-lock-only --ignore-scripts --no-audit --no-fund

api: setup-dev ## Write docs/api/ and gateway/wire.d.ts anew from the routes
	@$(VENV)/python -m deploy.documents
	@$(VENV)/python -m gateway.page_types

emoji: setup-dev ## Write gateway/static/emoji.json anew from the npm package emojilib
	@$(VENV)/python -m gateway.emoji_file

icons: setup-dev ## Draw the PNG icons and the manifest's screenshots anew
	@$(VENV)/python -m tests.browser.icons

clean: ## Remove the virtual environment and caches; never var/
	rm -rf .venv node_modules build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@deploy/local/bootstrap.sh run

setup-dev:
	@deploy/local/bootstrap.sh dev

bench-setup: setup-dev
	@bench/bootstrap.sh

browsers:
	@deploy/local/browsers.sh

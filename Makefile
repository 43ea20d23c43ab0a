# The commands of this project; deploy/dev.py does the work.
PYTHON ?= python3
DEV := $(PYTHON) -m deploy.dev

.DEFAULT_GOAL := help
.PHONY: help setup run test check fix gen bench soak release

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## Install everything needed to work on Parley
	@$(DEV) setup

run: ## Set up what is missing and start the server (PARLEY_PORT, PARLEY_DATA)
	@$(DEV) run

test: ## Set up what is missing, check and test everything, browsers included
	@$(DEV) test

check: ## Format, lint, import rules, types, generated files, the browser client
	@$(DEV) check

fix: ## Repair what the formatters and linters can repair
	@$(DEV) fix

gen: ## Write the files generated from the wire contract anew
	@$(DEV) gen

bench: setup ## Measure messages and forwarding on this machine
	@.venv/bin/python -m bench.messages
	@.venv/bin/python -m bench.forwarding

soak: ## The tests with their full counts, which take long
	@$(DEV) soak

release: test ## Test everything, then build the sdist and the wheel into dist/
	@$(DEV) release

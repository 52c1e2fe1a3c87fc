# Everything that one does here; the first call on a machine installs what is missing, and says so.
.DEFAULT_GOAL := help
.PHONY: help demo test test-vm lint check bench clean

# An instruction may hold quotes, $ and backticks. It goes through the environment as it is; no shell and no make reads it.
override SAY := $(value SAY)
export SAY

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

demo: ## Watch it write a sentence in a real editor and save it; make demo SAY="..." has something else done
	@scripts/setup.sh demo
	@.venv/bin/guiagent demo $${SAY:+-- "$$SAY"}

test: ## The tests, on a real desktop with the real model
	@scripts/setup.sh test
	@.venv/bin/python -m pytest

test-vm: ## The tests in a virtual machine; builds its image first, which takes minutes
	@scripts/setup.sh vm
	@.venv/bin/guiagent vm build --suite smoke
	@.venv/bin/python -m pytest -m vm tests/guiagent/vm

lint: ## Ruff, mypy and import-linter
	@scripts/setup.sh test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

check: lint test ## What CI runs: lint and test

bench: ## The smoke suite of tasks, scored
	@scripts/setup.sh test
	@.venv/bin/guiagent bench smoke

clean: ## Remove what was made in this folder; models and runs stay where they are
	rm -rf .venv .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each target is a small program under tools/; bootstrap.py makes .venv ready first.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$name && break; done)
BOOTSTRAP = $(if $(PYTHON),@$(PYTHON) tools/bootstrap.py,$(error Modoru needs Python 3.11 or newer; none was found))

.PHONY: help run demo test check static bench pictures lock clean
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20
run: ## the whole portal with its demo people, until Ctrl-C (PORT=8000)
	$(BOOTSTRAP) run
demo: ## load the demo people again and print how to sign in as them
	$(BOOTSTRAP) demo
test: ## the whole test suite
	$(BOOTSTRAP) test $(ARGS)
check: ## format, lint, types, contracts, migrations, catalogue, deployment, lock, and the tests that need no browser
	$(BOOTSTRAP) check
static: ## the checks without the tests
	$(BOOTSTRAP) check --static
bench: ## known against unknown people, the portal against two rivals (ARGS=quick, ARGS=profile)
	$(BOOTSTRAP) bench $(ARGS)
pictures: ## the pictures of the README, taken from a running portal
	$(BOOTSTRAP) pictures
lock: ## pin the requirements again (ARGS=--upgrade)
	$(BOOTSTRAP) lock $(ARGS)
clean: ## forget the environment, the data and all caches
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete

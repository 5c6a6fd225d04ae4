# The commands of the project; `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash

.PHONY: help install run demo test coverage lint bench fuzz soak screenshots validate axe translations texts pins tools

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	touch $@

CATALOGUE := kiosk/translations/zh/LC_MESSAGES/messages.po
TEXTS := kiosk/translations/messages.pot
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard kiosk/translations/*/LC_MESSAGES/messages.po))

%.mo: %.po .venv/installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale zh

translations: $(CATALOGUES)

# A text that is new gets an empty line of Chinese, for a person to fill in: nothing is guessed. What nobody says any
# more goes. Sorted by file, without line numbers, so that two changes seldom meet.
texts: .venv/installed  ## bring the Chinese catalogue up to the texts in code and templates
	$(BIN)/pybabel --quiet extract --mapping-file kiosk/translations/babel.cfg --keyword _l --keyword N_ --add-location file --sort-by-file --no-wrap --omit-header --output-file $(TEXTS) .
	$(BIN)/pybabel --quiet update --input-file $(TEXTS) --output-file $(CATALOGUE) --locale zh --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	grep -vE '^"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Generated-By|Project-Id-Version):' $(CATALOGUE) > $(TEXTS)
	mv $(TEXTS) $(CATALOGUE)

# What a first start copies: every table of this version, and no row.
MIGRATIONS := $(sort $(wildcard kiosk/migrations/versions/[0-9]*.py))
EMPTY := build/empty-$(firstword $(subst _, ,$(notdir $(lastword $(MIGRATIONS))))).db
$(EMPTY): $(MIGRATIONS) .venv/installed
	$(BIN)/python -m tools.empty_database

# Templates as Python runs them: no server compiles one (kiosk/compiled.py).
COMPILED := build/compiled-templates
$(COMPILED): $(shell find templates -name '*.html') kiosk/__init__.py kiosk/compiled.py kiosk/web/frame/htmx_names.py .venv/installed
	$(BIN)/python -m tools.compiled_templates
	touch $@

install: .venv/installed translations $(EMPTY) $(COMPILED)  ## make .venv with the pinned requirements

run: install  ## serve on 0.0.0.0:8000
	$(BIN)/python launch.py

demo: install  ## the same, on a database of its own with the Quality Month in it
	$(BIN)/python launch.py --demo

tools:
	tools/install_test_tools.sh

# Four at a time, a file at a time, because tests of browsers and servers mostly wait: on two cores sooner than
# two at a time. The longest files are begun first (tests/aids/order.py). What measures a moment on screen goes alone
# afterwards. What Python compiles is kept: where it is not, each process compiles all tests anew, which takes longer
# than finding them.
test: export PYTHONDONTWRITEBYTECODE :=
test: install .venv/installed-dev tools  ## run every test
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/pytest -m alone $$(grep -rl 'mark\.alone' tests --include '*.py')

# The servers and jobs that tests start are processes of their own, and are not counted.
coverage: install .venv/installed-dev tools  ## which lines the tests reach, in this process: coverage/index.html
	$(BIN)/pytest -n 3 --dist loadfile -m "not alone and not browser" --cov=kiosk --cov-report=html:coverage --cov-report=term:skip-covered

lint: install .venv/installed-dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint templates --quiet

bench: install .venv/installed-dev  ## the benchmarks, as ratios within one run
	$(BIN)/python -m bench

fuzz: install .venv/installed-dev  ## a hundred thousand hostile inputs
	$(BIN)/python -m fuzz

soak: install .venv/installed-dev tools  ## the long fault and load rounds
	SOAK=1 $(BIN)/pytest -m server --timeout 3600
	SOAK=1 $(BIN)/pytest tests/house/test_earlier_schemas.py

screenshots: install .venv/installed-dev tools  ## pictures of every screen, in screenshots/
	$(BIN)/python -m tools.screenshots

# Needs Java, and npm the first time; it says so where one is missing.
validate: install .venv/installed-dev tools  ## the W3C's checker on every page, as the server sends it, then axe
	$(BIN)/python -m tools.validate
	$(BIN)/python -m tools.axe

axe: install .venv/installed-dev tools  ## accessibility: each page in both languages, light and dark, by every rule
	$(BIN)/python -m tools.axe

pins:  ## write the pinned requirements anew
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt requirements-dev.in -o requirements-dev.txt

# make demo   sets everything up and makes the studies of a few Synthea patients into demo/
# make test   sets everything up and runs every check and every test, real tools included
# make help   the rest

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo check lint test tools bench gallery wheel wheels clean
.DEFAULT_GOAL := help

help:
	@echo "make demo      environment, install, studies of the shipped Synthea patients, contact sheet in demo/"
	@echo "make check     the quick loop: format, lint, types, import walls, fast tests"
	@echo "make test      everything: installs the real tools it needs, then all checks and all tests"
	@echo "make bench     measures speed beside a plain pydicom loop and beside the disk, in out/bench"
	@echo "make gallery   every region and view, of children, adults and old people, in docs/gallery"
	@echo "make wheel     the wheel, in dist/"
	@echo "make wheels    the wheel, installed and run on every Python from 3.11 to 3.14 found here"
	@echo "make clean     removes what the above made, the environment included"

# The environment: the package for users, and the tools of its developers on top.
$(VENV)/.package: pyproject.toml tools/environment.sh
	@sh tools/environment.sh $(VENV)
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.package
	$(PIP) install --editable '.[test]'
	@touch $@

# Two CTs of the example list one slice: 30 are made. One study is an echo, named as not made yet: generate ends with 1.
demo: $(VENV)/.package
	$(BIN)/fhir2dicom generate examples/synthea --dicom-dir demo/dicom --slices-per-study 30 || test $$? -eq 1
	$(BIN)/fhir2dicom preview demo/dicom --output demo
	@echo
	@echo "Look at demo/preview.html in a browser (or demo/preview.png); the DICOM files are under demo/dicom."

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest -q -m "not slow"

tools: $(VENV)/.test
	@sh tools/judges.sh

test: lint tools
	$(BIN)/python -m pytest

bench: $(VENV)/.test
	$(BIN)/python benchmarks/speed.py --output out/bench

gallery: $(VENV)/.package
	$(BIN)/python tools/gallery.py

wheel: $(VENV)/.package
	rm -rf build
	$(PIP) wheel --no-deps --wheel-dir dist .
	@ls -l dist

wheels: $(VENV)/.package
	$(BIN)/python tools/wheels.py

clean:
	rm -rf $(VENV) demo out dist build src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks atlas tools -name __pycache__ -type d -prune -exec rm -rf {} +

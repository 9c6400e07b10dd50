# From a bare python3 (3.11 to 3.13) and nothing else. `make help` lists the commands.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed
CLIENTS_READY := .venv/.clients-installed
LOCK := $(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header
BENCH_BIN := .bench-venv/bin
BENCH_READY := .bench-venv/.installed
BENCH_MODEL := .bench/kokoro-random.onnx

.PHONY: help install run demo check test bench lock clean
.DEFAULT_GOAL := help

help:
	@echo "make run      install if need be, then serve on http://127.0.0.1:8354"
	@echo "make demo     two voices order coffee; writes demo.wav, shows the log, replays it"
	@echo "make test     every test"
	@echo "make check    format, lint, types, import rules (no Ray, under a minute)"
	@echo "make bench    the speed table, and bench.json"
	@echo "make install  only the environment, in .venv"
	@echo "make lock     choose exact versions anew (constraints.txt)"

install: $(READY)

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Colloquy needs Python 3.11, 3.12 or 3.13; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "no venv module: on Debian or Ubuntu, apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

run: install
	$(BIN)/python -m gateway

demo: install
	$(BIN)/python -m gateway.demo

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(CLIENTS_READY)
	$(BIN)/python -m pytest

$(CLIENTS_READY): constraints-clients.txt | $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

bench: install
	@$(MAKE) --no-print-directory $(BENCH_MODEL) \
		|| echo "The full-size Kokoro cannot be built here, so its figures are left out."
	$(BIN)/python -m tests.benchmarks

$(BENCH_MODEL): | $(BENCH_READY)
	@echo "building a full-size Kokoro of random weights in $(@D), some four minutes"
	@$(BENCH_BIN)/python tests/benchmarks/full_size_kokoro.py $(@D)

$(BENCH_READY): tests/benchmarks/requirements.txt
	@$(PYTHON) -m venv .bench-venv
	@$(BENCH_BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(BENCH_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		kokoro==0.9.4 kokoro-onnx==0.6.1 convokit==5.0.0
	@touch $@

lock:
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --upgrade --all-extras --output-file constraints-clients.txt
	$(LOCK) --upgrade --extra plots --extra traces --extra dev --constraint constraints-clients.txt \
		--output-file constraints.txt

clean:
	rm -rf .venv .bench-venv .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

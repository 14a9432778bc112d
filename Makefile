# Two commands: `make demo` and `make test`. Both set up what they need; Python 3.13 or uv must be there.
UV ?= $(shell command -v uv 2>/dev/null || echo .tools/uv/bin/uv)
RUN = $(UV) run --frozen --no-progress

.PHONY: demo test check lint types imports azurite bench clean
.DEFAULT_GOAL := test

.tools/uv/bin/uv:
	$(or $(shell command -v python3.13),python3) -m venv .tools/uv
	.tools/uv/bin/python -m pip --quiet install uv

.venv/.ready: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	$(UV) sync --frozen --quiet
	@touch $@

# The demo needs none of the clients and tools that the tests do.
demo: | $(filter .tools/%,$(UV))
	@$(RUN) --quiet --no-group dev plumbline demo

test: .venv/.ready
	$(RUN) pytest --numprocesses auto --maxprocesses 4 --dist loadfile -m "not slow and not azurite"

lint: .venv/.ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: .venv/.ready
	$(RUN) mypy

imports: .venv/.ready
	$(RUN) lint-imports

check: lint types imports test

requirements.txt: uv.lock
	$(UV) export --frozen --quiet --no-dev --no-group local --no-hashes --no-emit-project --no-annotate --no-header > $@

bench: .venv/.ready
	$(RUN) python -m benchmarks

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis

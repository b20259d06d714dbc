# One command each; every target does its own set-up. What needs root (Chromium, CJK fonts, PostgreSQL, zbar) is
# installed by .ci/system-packages when it can be, and named in one line when it cannot.
PYTHON ?= python3
PY := .venv/bin/python
PIP := .venv/bin/python -m pip --disable-pip-version-check -q

.PHONY: setup demo test check bench soak lint format locks clean

setup: .venv/.run

.venv/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "请先安装 / Please install first: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ .venv/.run

demo: setup
	@$(PY) -m survey_app.cli.main demo $(if $(NO_SERVE),--no-serve)

test: .venv/.dev
	@.ci/system-packages
	$(PY) -m pytest -n 2 --dist loadgroup -q

lint: .venv/.dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports

check: lint
	@$(MAKE) --no-print-directory test

format: .venv/.dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: .venv/.dev
	$(PY) -m bench

# Not in CI: what the pipeline recovers of planted truths; then the server under kills, overload and faults.
soak: .venv/.dev
	@.ci/system-packages
	$(PY) -m bench recovery kills overload slow_disk failing_disk clock keys

# Maintainers only, after a change to pyproject.toml: rewrites both locks (needs uv on PATH).
LOCK := uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q pyproject.toml
locks:
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev --extra dask -o requirements-dev.lock

clean:
	rm -rf .venv var

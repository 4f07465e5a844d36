# Two commands matter: `make run` shows Kiln at work, `make test` proves it. The rest stands behind them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
export CCACHE_NOHASHDIR = 1
export CCACHE_BASEDIR = $(CURDIR)
export CCACHE_MAXSIZE ?= 3G

.PHONY: help run test setup setup-test build unit tsan e2e compatibility test-wranglers test-projects bench fuzz check tidy lint format clean

help:                 ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build            ## set up, build, serve, push a sample Worker, show which build made its version
	@exec tools/demo.sh

test: setup-test check unit tsan build e2e tidy ## everything CI checks, from a bare machine

setup:                ## the packages and the default Node that building and running need
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test

build: setup          ## build/kiln, build/kiln-runner, build/kiln-agent
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build build -j $(JOBS)

unit: setup-test      ## unit tests, with address and undefined-behaviour sanitizers
	@cmake --preset debug --log-level=WARNING >/dev/null
	@cmake --build build/debug -j $(JOBS)
	@ctest --test-dir build/debug --output-on-failure -j $(JOBS)

tsan: setup-test      ## the unit tests that start threads, with the thread sanitizer
	@tools/tsan.sh

e2e: setup-test build ## the real thing: git over HTTP, wrangler, cf, sandboxes, kill -9
	@/usr/bin/python3 -m pytest -n $(or $(E2E_JOBS),3) --dist loadfile tests

compatibility: setup-test build ## the SDK's table in docs/compatibility.md, written from what it does
	@KILN_WRITE_DOCS=1 /usr/bin/python3 -m pytest -q tests/test_sdk_methods.py

test-wranglers: setup-test build ## releases of wrangler that repositories pin; writes their table in docs/compatibility.md
	@tools/setup.sh wranglers
	@KILN_TEST_WRANGLERS=1 KILN_WRITE_DOCS=1 /usr/bin/python3 -m pytest -q tests/old_wranglers

test-projects: setup-test build ## projects of many frameworks, from a push to their pages; writes their table in docs/compatibility.md
	@KILN_TEST_PROJECTS=1 KILN_WRITE_DOCS=1 /usr/bin/python3 -m pytest -q tests/frameworks

bench: build          ## ratios against peers in the same run
	@tools/setup.sh bench
	@cmake --preset release -DKILN_BENCH=ON --log-level=WARNING >/dev/null
	@cmake --build build -j $(JOBS)
	@bench/run.sh

fuzz: setup-test      ## every fuzz target for a minute; SECONDS_EACH=600 for longer
	@tools/fuzz.sh $(or $(SECONDS_EACH),60)

check: setup-test     ## the quick half of lint: include rule, clang-format, file lengths
	@tools/lint.sh --quick

tidy: setup-test      ## clang-tidy without its path analyzer, on what has changed since it was last clean
	@tools/lint.sh --tidy

lint: setup-test      ## include rule, clang-format, file lengths, clang-tidy
	@tools/lint.sh

format: setup-test    ## clang-format on every source
	@git ls-files 'src/*.h' 'src/*.cc' 'fuzz/*.cc' 'bench/*.cc' | xargs clang-format-14 -i

clean:                ## everything that was built; the demo's state in .run/ stays
	@rm -rf build

# Two commands matter: `make run` shows Kiln at work, `make test` proves it. The rest stands behind them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
export CCACHE_NOHASHDIR = 1
export CCACHE_BASEDIR = $(CURDIR)
export CCACHE_MAXSIZE ?= 3G

NODE = $(abspath $(or $(KILN_TOOLS_DIR),build/tools))/node/default/bin/node

.PHONY: help run test setup setup-test build page page-check unit tsan e2e compatibility test-wranglers test-projects test-packages test-reproducible deb release bench fuzz check tidy lint format clean

help:                 ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build            ## set up, build, serve, push a sample Worker, show which build made its version
	@exec tools/demo.sh

test: setup-test check page-check unit tsan build e2e ## everything CI checks, from a bare machine

setup:                ## the packages and the default Node that building and running need
	@tools/setup.sh build

setup-test:
	@tools/setup.sh test

build: setup page     ## build/kiln, build/kiln-runner, build/kiln-agent
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build build -j $(JOBS)

page: setup           ## web/dist: the page that kiln serve answers with, from web/src
	@$(NODE) web/build.mjs

page-check: setup page ## types of the page, and its unit tests
	@cd web && $(NODE) node_modules/typescript/bin/tsc --noEmit && $(NODE) build.mjs --test

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

deb: build            ## Debian packages of what is built, into build/packages
	@tools/setup.sh packages
	@tools/deb.sh

release: setup        ## packages, source, list of materials, checksums of this commit; KEY=FILE signs them with minisign
	@tools/setup.sh packages
	@tools/release.sh $(if $(KEY),--key $(KEY))

test-packages: setup-test build ## the packages on a bare Debian 12, booted; the container; a release; every command of docs/operations.md
	@tools/setup.sh packages
	@KILN_TEST_PACKAGES=1 /usr/bin/python3 -m pytest -q tests/packages

test-reproducible: setup ## two releases of this commit, the second without the compiler's cache: the same bytes
	@tools/setup.sh packages
	@tools/reproducible.sh

bench: build          ## ratios against peers in the same run
	@tools/setup.sh bench
	@cmake --preset release -DKILN_BENCH=ON --log-level=WARNING >/dev/null
	@cmake --build build -j $(JOBS)
	@bench/run.sh

fuzz: setup-test      ## every fuzz target for a minute; SECONDS_EACH=600 for longer
	@tools/fuzz.sh $(or $(SECONDS_EACH),60)

check: setup-test     ## the quick half of lint: include rule, clang-format, file lengths
	@tools/lint.sh --quick

tidy: setup-test      ## clang-tidy without its path analyzer, on what has changed since it was last clean; too long for CI
	@tools/lint.sh --tidy

lint: setup-test      ## include rule, clang-format, file lengths, clang-tidy
	@tools/lint.sh

format: setup-test    ## clang-format on every source
	@tools/sources.sh | xargs clang-format-14 -i

clean:                ## everything that was built; the demo's state in .run/ stays
	@rm -rf build web/dist web/.tests web/node_modules web/src/api/schema.d.ts

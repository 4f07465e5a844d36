# Two commands matter: `make run` shows Kiln at work, `make test` proves it. The rest stands behind them.
SHELL := /bin/bash
BUILD ?= build
JOBS ?= $(shell nproc)
export CCACHE_NOHASHDIR = 1

.PHONY: run test build setup unit e2e bench fuzz lint format clean

run: build            ## set up, build, serve, push a sample Worker, show what became of it
	@tools/demo.sh

test: setup lint build unit e2e  ## everything CI checks

setup:                ## packages, the default Node and the clients that tests use
	@tools/setup.sh

build: setup          ## build/kiln, build/kiln-runner, build/kiln-agent
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release -DKILN_TESTS=OFF >$(BUILD).configure.log 2>&1 \
	  || { cat $(BUILD).configure.log; exit 1; }
	@rm -f $(BUILD).configure.log
	@cmake --build $(BUILD) -j $(JOBS)

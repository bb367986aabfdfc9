# The machine's own Node may be older: everything runs with the locked one.
SHELL := /bin/bash
NODE := node_modules/.bin/node
LOCAL := $(NODE) local/cli.ts
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

STACK ?= local
PORT ?= 3030
# The longest begin first, so that none of them is left to run alone at the end.
LONGEST := $(patsubst %,tests/%.test.ts,whole-network/local operations/withdrawals dynamic-providers/drift \
  dynamic-providers/crash local/plugins/kubernetes monitor/quiet runbooks/runbooks dynamic-providers/node-faults \
  operations/migrate operations/rotate-keys operations/drill-played contracts/agent-registry)
TESTS ?= $(LONGEST) $(filter-out $(LONGEST),$(sort $(shell find tests -name '*.test.ts')))
ARGS ?= --help

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up preview drift destroy pulumi kubectl env backend down reset doctor tools lint test test-only coverage bench soak contracts

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  STACK=local|testnet|mainnet (local)   PORT=<devnode's port> (3030)"

# Written last, so that an interrupted `npm ci` is run again.
node_modules/.stamp: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@ln -sf ../../operations/cli.ts node_modules/.bin/aleo-ops
	@touch $@

up: node_modules/.stamp ## bring a network to what the project declares: STACK=local starts a devnode
	@$(LOCAL) up --stack $(STACK) --port $(PORT)

preview: node_modules/.stamp ## show what `make up` would change on the network, and what it costs
	@$(LOCAL) preview --stack $(STACK)

drift: node_modules/.stamp ## compare the network with the stack: what was changed by hand
	@$(LOCAL) drift --stack $(STACK)

destroy: node_modules/.stamp ## delete what a stack declares, but programs and backups, which it names
	@$(LOCAL) destroy --stack $(STACK)

pulumi: node_modules/.stamp ## run the pinned Pulumi CLI on a stack: ARGS="stack history"
	@$(LOCAL) pulumi --stack $(STACK) -- $(ARGS)

kubectl: node_modules/.stamp ## run kubectl on the local Kubernetes: ARGS="get pods -A"
	@$(LOCAL) kubectl -- $(ARGS)

env: node_modules/.stamp ## print what sets a shell to the local network, for `eval`
	@$(LOCAL) env

backend: node_modules/.stamp ## make what a public network's state is kept in, on AWS: STACK=testnet
	@$(LOCAL) backend --stack $(STACK)

down: node_modules/.stamp ## stop the local network, keep what it has on disk
	@$(LOCAL) down

reset: node_modules/.stamp ## delete the local network after asking (YES=1: without)
	@$(LOCAL) reset $(if $(YES),--yes)

doctor: node_modules/.stamp ## say for each tool what was found, or how to get it
	@$(LOCAL) doctor --port $(PORT)

tools: node_modules/.stamp ## find or get the tools: Pulumi CLI, devnode
	@$(LOCAL) tools

lint: node_modules/.stamp ## check style, types, the direction of imports and what nothing uses
	eslint .
	prettier --check .
	tsc --noEmit
	depcruise --config .dependency-cruiser.cjs .
	knip

test: lint tools test-only ## lint, then run every test; the last line is `N passed, N failed`

# Three at once keep two cores busy: a third of the time a test file waits.
MOCHA := mocha --parallel --jobs 3 --exit --reporter tests/support/reporter.ts

test-only: tools ## run tests alone: TESTS=tests/aleo/keys.test.ts
	@$(MOCHA) $(TESTS)

coverage: tools ## run the tests and show which lines they ran, by file
	@c8 $(MOCHA) $(TESTS)
	@c8 report --reporter text --reporter html
	@echo "by line: coverage/index.html"

bench: tools ## measure speed and memory against their references
	@$(NODE) bench/run.ts
	@$(NODE) bench/whole-network.ts
	@$(NODE) bench/cold-network.ts
	@$(NODE) bench/replay.ts
	@$(NODE) bench/monitor.ts
	@$(NODE) bench/dashboard.ts
	@$(NODE) bench/operations.ts
	@$(NODE) bench/state.ts

soak: tools ## kill the monitor 200 times while blocks go by: every alert once, no block missed
	@MONITOR_KILLS=200 mocha tests/monitor/kill.test.ts

contracts: node_modules/.stamp ## recompile contracts/ (needs leo)
	@$(NODE) contracts/compile.ts

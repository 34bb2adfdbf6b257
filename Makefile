# `make help` lists what there is.

.DEFAULT_GOAL := help
.PHONY: help setup build release demo test unit integration examples test-rabbitmq4 soak thread-sanitizer fuzz bench bench-amqp bench-latency bench-spool bench-growth bench-micro bench-check bench-replay release-check format lint clean

FUZZ_SECONDS ?= 20
BENCH ?=
release = "$$(swift build -c release --show-bin-path)/fedmsg-bridge"
# `swift build` passes the package's traits to the compiler in an order that changes with the hashes' seed, and builds
# everything again where it did.
export SWIFT_DETERMINISTIC_HASHING = 1
swift_sources := Package.swift Sources Tests Fuzz Examples Benchmarks

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building and testing need, where it is missing
	@scripts/setup

demo: setup ## carry messages both ways through a RabbitMQ of its own, and show them
	@swift build --product fedmsg-bridge
	@scripts/contained .venv/bin/python demo/run.py

test: setup ## build, then all tests: unit, and integration against real peers
	@scripts/contained scripts/test all

unit: setup ## the tests that need no network
	@scripts/contained scripts/test unit

integration: setup ## the tests against real RabbitMQ, fedmsg and fedora-messaging
	@scripts/contained scripts/test integration

examples: setup ## build the AMQP library's examples as a package of their own, and run them against a RabbitMQ
	@scripts/contained scripts/examples

test-rabbitmq4: setup ## the integration tests against RabbitMQ 4.0 in a Debian 13, which root makes once in .rabbitmq4
	@scripts/rabbitmq4 .rabbitmq4
	@FEDMSG_BRIDGE_RABBITMQ_ROOT=$(CURDIR)/.rabbitmq4 scripts/contained scripts/test integration

soak: setup ## a million messages through an AMQP connection that breaks at every point of the dialogue
	@swift build --build-tests
	@FEDMSG_BRIDGE_TEST_FULL=1 scripts/contained swift test --skip-build --disable-xctest --filter AMQPSoakTests

thread-sanitizer: setup ## the integration tests under ThreadSanitizer: FILTER=AMQPTests for others
	@scripts/contained scripts/thread-sanitizer $(FILTER)

fuzz: setup ## run every fuzzer for FUZZ_SECONDS (20)
	@Fuzz/run.sh all $(FUZZ_SECONDS)
	@Fuzz/fedmsg/run.sh all $(FUZZ_SECONDS)

bench-replay: setup ## time a dry replay of a million messages beside Python with orjson
	@swift build -c release --product fedmsg-bridge
	@.venv/bin/python Benchmarks/replay.py $(release)

bench-latency: ## time from fedmsg to a consumer at 50, 500 and 5,000 a second beside the floor, and from start to first message
	@scripts/setup bench
	@swift build -c release --product fedmsg-bridge
	@scripts/contained .venv/bin/python Benchmarks/latency.py $(release) --starts 5 $(BENCH)

bench-spool: ## journal a million messages without a broker, then send them
	@scripts/setup bench
	@swift build -c release --product fedmsg-bridge
	@scripts/contained .venv/bin/python Benchmarks/spool.py $(release) $(BENCH)

bench-growth: ## how cost grows with sizes, endpoints, what waits and subscribers: a table and a plot of each, in docs/
	@scripts/setup bench
	@swift build -c release --product fedmsg-bridge
	@scripts/contained .venv/bin/python Benchmarks/growth.py $(release) --plots docs $(BENCH)

bench-micro: setup ## time single steps of a message's way
	@swift build -c release --product fedmsg-bridge
	@mkdir -p .build/benchmarks
	@Benchmarks/micro/build.sh .build/benchmarks/micro
	@make -s -C Benchmarks/floor OUT=$(CURDIR)/.build/benchmarks
	@LD_PRELOAD=.build/benchmarks/count_allocations.so .build/benchmarks/micro Tests/FedmsgTests/Fixtures/fedmsgs.jsonl

bench-check: ## count instructions and allocations a message; over 10 % more than Benchmarks/baseline.json fails
	@scripts/setup bench
	@swift build -c release --product fedmsg-bridge
	@mkdir -p .build/benchmarks
	@Benchmarks/micro/build.sh .build/benchmarks/micro
	@scripts/contained .venv/bin/python Benchmarks/check.py $(release) .build/benchmarks/micro $(BENCH)

bench: ## measure a release build beside a C program that moves the same bytes: BENCH="--rounds 3 --json"
	@scripts/setup bench
	@scripts/contained .venv/bin/python Benchmarks/bridge.py $(BENCH)

bench-amqp: ## measure the AMQP library beside librabbitmq, pika and aio-pika
	@scripts/setup bench
	@scripts/contained .venv-bench/bin/python Benchmarks/amqp/bench.py

build: setup ## debug build, as the tests and the demo use it
	swift build --build-tests

release: setup ## release build of the daemon
	swift build -c release --product fedmsg-bridge
	@echo "$$(swift build -c release --show-bin-path)/fedmsg-bridge"

release-check: setup ## packages, units, rules, man pages, docs and a clean Debian 12, as before a release (root)
	@scripts/release-check

format: ## write the sources as .swift-format has them
	swift format --in-place --recursive --parallel $(swift_sources)

lint: ## check the format, warnings are errors
	swift format lint --strict --recursive --parallel $(swift_sources)

clean: ## remove what was built and the Python environments
	rm -rf .build .venv .venv-fedmsg .venv-first-bridge .venv-bench .rabbitmq4 .run Fuzz/.build Examples/.build Benchmarks/amqp/.build

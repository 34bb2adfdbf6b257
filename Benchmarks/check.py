#!/usr/bin/env python3
"""Counts instructions and allocations a message, and fails where one needs over 10 % more instructions than it did, or half
as many allocations again: their number depends on how many messages come at once.

    check.py EXECUTABLE MICRO [--write]

MICRO is Benchmarks/micro, whose steps valgrind's callgrind runs with few messages and with more: the difference is what a
message costs, and hardly depends on the machine or on what else it does. The daemon itself, which valgrind can't run, has
its allocations counted the same way, beside a broker that only answers (Benchmarks/floor/sink.c). Compared are ratios
of instructions to those of the C floor on the way to AMQP, and numbers of allocations, with Benchmarks/baseline.json,
which --write writes.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from contenders import Bridge, Floor, build_floor
from corpus import CAPTURES, fedmsgs, natives
from sink import Sinks
from zeromq import free_endpoint, publish, publisher, receive, subscriber

HERE = os.path.dirname(os.path.abspath(__file__))
BASELINE = os.path.join(HERE, "baseline.json")
FEW, MANY = 2_000, 12_000
STEPS = [
    *("scan", "canonical", "translate-to-amqp", "translate-to-fedmsg", "identity", "duplicates"),
    *("encode", "decode", "receive", "ledger", "replay"),
]
CAPTURED = 337
TOLERANCES = {"instructions": 1.1, "allocations": 1.5}


def callgrind(output):
    return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}"]


def instructions(output):
    with open(output) as file:
        return next(int(line.split()[1]) for line in file if line.startswith(("summary:", "totals:")))


def to_amqp(contender, sinks, count):
    messages = list(fedmsgs(count))
    with (
        sinks.queue("", [count]) as sink,
        publisher() as (socket, endpoint),
        contender.running("to-amqp", endpoint, sink, ""),
    ):
        receive(socket)
        publish(socket, messages)
        sink.await_depth("", count)


def to_fedmsg(contender, sinks, count):
    sinks.fill([], natives(count))
    endpoint = free_endpoint()
    with (
        sinks.filled("") as source,
        subscriber(endpoint) as socket,
        contender.running("to-fedmsg", endpoint, source, "in"),
    ):
        for _ in range(count):
            receive(socket)


def floor_instructions(folder, sinks, count):
    floor, output = Floor(os.path.join(folder, "floor")), os.path.join(folder, "callgrind.out")
    floor.prefix = callgrind(output)
    to_amqp(floor, sinks, count)
    return instructions(output)


def step_instructions(micro, step, folder, times):
    output = os.path.join(folder, "callgrind.out")
    subprocess.run([*callgrind(output), micro, CAPTURES, step, str(times)], check=True)
    return instructions(output)


def allocations(run, contender, folder, sinks, count):
    output = os.path.join(folder, "allocations")
    contender.variables = {"LD_PRELOAD": os.path.join(folder, "count_allocations.so"), "ALLOCATIONS": output}
    run(contender, sinks, count)
    with open(output) as file:
        return int(file.read())


def slope(cost, few, many):
    return (cost(many) - cost(few)) / (many - few)


def measure(executable, micro, folder):
    build_floor(folder)
    # Large reads, as what is allocated for each would tell of their number.
    sinks = Sinks(os.path.join(folder, "sink"), folder, burst=100)
    floor = slope(lambda count: floor_instructions(folder, sinks, count), FEW, MANY)
    costs = {}
    # valgrind can't read the debug information of every object in it.
    stripped = os.path.join(folder, "micro")
    subprocess.run(["strip", "--strip-debug", "-o", stripped, micro], check=True)
    for step in STEPS:
        a_message = slope(lambda times: step_instructions(stripped, step, folder, times), 1, 6) / CAPTURED
        costs[step] = (f"{a_message:,.0f} instructions", round(a_message / floor, 3))
    bridge = Bridge(executable, None)
    for name, run in {"daemon to AMQP": to_amqp, "daemon to fedmsg": to_fedmsg}.items():
        # The least of some runs: how many messages come together is a matter of time.
        a_message = slope(lambda count: min(allocations(run, bridge, folder, sinks, count) for _ in range(3)), FEW, MANY)
        costs[name] = (f"{a_message:.1f} allocations", round(a_message, 1))
    return costs


def main():
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(sys.argv[1], sys.argv[2], folder)
    before = {}
    if "--write" not in sys.argv:
        with contextlib.suppress(FileNotFoundError), open(BASELINE) as file:
            before = json.load(file)
    worse = []
    for name, (text, value) in costs.items():
        known = before.get(name)
        print(f"{name:20} {text:>22} {value:8} {f'(was {known})' if known else ''}")
        if known and value > known * TOLERANCES[text.split()[1]]:
            worse.append(name)
    if "--write" in sys.argv:
        with open(BASELINE, "w") as file:
            json.dump({name: value for name, (_, value) in costs.items()}, file, indent=4)
            file.write("\n")
    if worse:
        sys.exit(f"more a message than before: {', '.join(worse)}")


main()

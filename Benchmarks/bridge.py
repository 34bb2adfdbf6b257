#!/usr/bin/env python3
"""Measures the bridge beside a C program that moves the same bytes and does nothing else (Benchmarks/floor), and beside one
written in Python (Benchmarks/asyncio_bridge.py).

    bridge.py [EXECUTABLE] [--messages N] [--rounds R] [--rate N] [--direction to-amqp|to-fedmsg] [--signed] [--sink] [--json]

Each round runs all in turn, on the same captured fedmsgs over and over, each with an id of its own, through a RabbitMQ that
is started here. Printed are the medians of the rounds with what they spread over, and the ratios to the floor. EXECUTABLE
is a release build of fedmsg-bridge; without it one is made. The floor's C compiler is the toolchain's. Beside RabbitMQ the
floor also runs with headers such as the bridge's, since those cost RabbitMQ time.

With --signed the bridge signs and checks signatures (RSA-2048), and the floor moves what is signed. With --sink a program
that only answers stands in RabbitMQ's place (Benchmarks/floor/sink.c): so RabbitMQ's pace is not part of the figures. With
--rate fedmsgs come so many a second, not all at once.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from broker import Broker
from contenders import Bridge, Floor, FloorWithHeaders, PythonBridge, build_floor
from corpus import signing_folder
from runs import to_amqp, to_fedmsg
from sink import Sinks

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DIRECTIONS = {"to-amqp": to_amqp, "to-fedmsg": to_fedmsg}
# What is measured, the unit it is shown in, and how much of it is shown.
COLUMNS = [("rate", "messages/s", ",.0f"), ("cpu", "CPU µs a message", ".1f"), ("memory", "peak MiB", ".1f")]


def built_executable():
    command = ["swift", "build", "-c", "release", "--product", "fedmsg-bridge"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    path = subprocess.run([*command[:4], "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return os.path.join(path.stdout.strip(), "fedmsg-bridge")


def summary(runs):
    """Each column's median, least and most."""
    result = {}
    for name, _, _ in COLUMNS:
        values = [run[name] for run in runs]
        result[name] = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return result


def measure(options, folder):
    """Results by direction and contender."""
    floor = Floor(build_floor(folder))
    with contextlib.ExitStack() as stack:
        broker = Sinks(os.path.join(folder, "sink"), folder) if options.sink else stack.enter_context(Broker(folder))
        signing = signing_folder(os.path.join(folder, "pki")) if options.signed else None
        beside_rabbitmq = not options.signed and not options.sink
        contenders = {"floor": floor}
        if beside_rabbitmq:
            contenders["floor, with headers"] = FloorWithHeaders(floor.executable)
        contenders["bridge"] = Bridge(options.executable or built_executable(), signing)
        if beside_rabbitmq:
            contenders["asyncio"] = PythonBridge()
        results = {}
        for direction in options.direction or DIRECTIONS:
            taking_part = {name: each for name, each in contenders.items() if direction in each.directions}
            runs = DIRECTIONS[direction](broker, taking_part, options, signing)
            results[direction] = {name: summary(rounds) for name, rounds in runs.items()}
            for summed in list(results[direction].values()):
                for column, _, _ in COLUMNS:
                    floor = results[direction]["floor"][column]["median"]
                    summed[column]["ratio"] = summed[column]["median"] / floor
        return results


def settings(options):
    return {
        "messages": options.messages,
        "rounds": options.rounds,
        "fedmsgs come": f"{options.rate} a second" if options.rate else "all at once",
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "signatures": "made and checked, RSA-2048" if options.signed else "none",
        "spool.synchronous": "full",
        "publisher confirms": "on",
        "messages are": "persistent",
        "broker": "a sink" if options.sink else "RabbitMQ, classic durable queues",
        "acknowledgements": "after sending",
    }


def show(results, setting):
    print(", ".join(f"{name}: {value}" for name, value in setting.items()))
    print()
    print("| | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("| --- " + "| ---: " * len(COLUMNS) + "|")
    for direction, contenders in results.items():
        for name, columns in contenders.items():
            cells = []
            for column, _, form in COLUMNS:
                value = columns[column]
                cells.append(f"{value['median']:{form}} ({value['least']:{form}}–{value['most']:{form}})")
                if name != "floor":
                    cells[-1] += f" **{value['ratio']:.2f}**"
            print(f"| {direction}, {name} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", nargs="?")
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int)
    parser.add_argument("--direction", action="append", choices=DIRECTIONS)
    parser.add_argument("--signed", action="store_true")
    parser.add_argument("--sink", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    setting = settings(options)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(options, folder)
    if options.json:
        print(json.dumps({"settings": setting, "results": results}, indent=2))
    else:
        show(results, setting)


main()

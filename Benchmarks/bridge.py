#!/usr/bin/env python3
"""Measures the bridge beside a C program that moves the same bytes and does nothing else (Benchmarks/floor).

    bridge.py [EXECUTABLE] [--messages N] [--rounds R] [--direction to-amqp|to-fedmsg] [--signed] [--json]

Each round runs both in turn, on the same captured fedmsgs over and over, each with an id of its own, through a RabbitMQ
that is started here. Printed are the medians of the rounds with what they spread over, and the ratios. EXECUTABLE is a
release build of fedmsg-bridge; without it one is made. The floor's C compiler is cc.

With --signed the bridge signs and checks signatures (RSA-2048), and the floor moves what is signed.
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
from contenders import Bridge, Floor
from corpus import signing_folder
from runs import to_amqp, to_fedmsg

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


def built_floor(folder):
    subprocess.run(["make", "-s", "-C", os.path.join(HERE, "floor"), f"OUT={folder}"], check=True, stdout=sys.stderr)
    return os.path.join(folder, "floor")


def summary(runs):
    """Each column's median, least and most."""
    result = {}
    for name, _, _ in COLUMNS:
        values = [run[name] for run in runs]
        result[name] = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return result


def measure(options, folder):
    """Results by direction and contender."""
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(Broker(folder))
        signing = signing_folder(os.path.join(folder, "pki")) if options.signed else None
        contenders = {
            "bridge": Bridge(options.executable or built_executable(), signing),
            "floor": Floor(built_floor(folder)),
        }
        results = {}
        for direction in options.direction or DIRECTIONS:
            runs = DIRECTIONS[direction](broker, contenders, options, signing)
            results[direction] = {name: summary(rounds) for name, rounds in runs.items()}
            for column, _, _ in COLUMNS:
                medians = [results[direction][name][column]["median"] for name in ("bridge", "floor")]
                results[direction].setdefault("ratio", {})[column] = medians[0] / medians[1]
        return results


def settings(options):
    return {
        "messages": options.messages,
        "rounds": options.rounds,
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "signatures": "made and checked, RSA-2048" if options.signed else "none",
        "spool.synchronous": "full",
        "publisher confirms": "on",
        "messages are": "persistent",
        "queues": "classic, durable",
        "acknowledgements": "after sending",
    }


def show(results, setting):
    print(", ".join(f"{name}: {value}" for name, value in setting.items()))
    print()
    print("| | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("| --- " + "| ---: " * len(COLUMNS) + "|")
    for direction, contenders in results.items():
        for name in ("bridge", "floor"):
            cells = []
            for column, _, form in COLUMNS:
                value = contenders[name][column]
                cells.append(f"{value['median']:{form}} ({value['least']:{form}}–{value['most']:{form}})")
            print(f"| {direction}, {name} | " + " | ".join(cells) + " |")
        ratios = " | ".join(f"**{contenders['ratio'][column]:.2f}**" for column, _, _ in COLUMNS)
        print(f"| {direction}, bridge ÷ floor | {ratios} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", nargs="?")
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--direction", action="append", choices=DIRECTIONS)
    parser.add_argument("--signed", action="store_true")
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

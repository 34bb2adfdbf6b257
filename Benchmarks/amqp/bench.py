#!/usr/bin/env python3
"""Measures the AMQP library beside librabbitmq, pika and aio-pika.

    bench.py [--rounds R]

Each publishes messages of 512 bytes to a queue, not persistent, with confirms and at most 1, 100 or 1000 of them
outstanding, and consumes them again with a prefetch of 1000 and an acknowledgement for each. A RabbitMQ is started for it.
The library is measured twice: from a task like any other, and from one that runs on the connection's event loop, as what
the other clients do runs on theirs.
Printed are medians of the rounds: messages a second, microseconds of the client's processor time a message, and
allocations a message, counted in runs of their own (Python's with PYTHONMALLOC=malloc).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from broker import Broker  # noqa: E402

SIZE = 512
QUEUE = "bench"
CASES = [("publish", 1), ("publish", 100), ("publish", 1000), ("consume", 1000)]


class Contender:
    def __init__(self, name, command, counts):
        self.name, self.command = name, command
        # Messages with a window of 1, and with more.
        self.counts = counts

    def run(self, broker, verb, width, count, environment=None):
        if verb == "publish":
            broker.channel.queue_purge(QUEUE)
        arguments = [str(broker.port), QUEUE, verb, str(width), str(count), str(SIZE)]
        return subprocess.run(
            [*self.command, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | (environment or {}),
        )

    def count(self, width):
        return self.counts[0 if width == 1 else 1]

    def measured(self, broker, verb, width):
        count = self.count(width)
        fill(broker, verb, count)
        result = json.loads(self.run(broker, verb, width, count).stdout)
        return {"rate": count / result["seconds"], "cpu": result["cpu"] / count * 1e6}

    def allocations(self, broker, verb, width, counter):
        """Of the second half of a run: what a start allocates is not counted."""
        counts = []
        for count in (1000, 2000):
            fill(broker, verb, count)
            environment = {"LD_PRELOAD": counter, "PYTHONMALLOC": "malloc"}
            words = self.run(broker, verb, width, count, environment).stderr.split()
            counts.append(int(words[words.index("allocations") + 1]))
        return (counts[1] - counts[0]) / 1000


def fill(broker, verb, count):
    if verb == "consume":
        broker.channel.queue_purge(QUEUE)
        for _ in range(count):
            broker.channel.basic_publish("", QUEUE, b"x" * SIZE)
        broker.await_depth(QUEUE, count)


def built(folder):
    swift = ["swift", "build", "-c", "release", "--package-path", HERE]
    subprocess.run(swift, check=True, stdout=sys.stderr)
    path = subprocess.run([*swift, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    c = os.path.join(folder, "librabbitmq_bench")
    flags = ["-O2", "-std=c17", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["clang", *flags, f"{HERE}/librabbitmq_bench.c", "-lrabbitmq", "-o", c], check=True)
    counter = os.path.join(folder, "allocations.so")
    subprocess.run(["clang", *flags, "-shared", "-fPIC", f"{HERE}/allocations.c", "-o", counter], check=True)
    contenders = [
        Contender("AMQP", [os.path.join(path, "amqp-bench")], (4000, 40000)),
        Contender("AMQP, on its event loop", [os.path.join(path, "amqp-bench"), "--on-event-loop"], (4000, 40000)),
        Contender("librabbitmq", [c], (4000, 40000)),
        Contender("pika", [sys.executable, f"{HERE}/pika_bench.py"], (2000, 8000)),
        Contender("aio-pika", [sys.executable, f"{HERE}/aio_pika_bench.py"], (2000, 8000)),
    ]
    return contenders, counter


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contenders, counter = built(folder)
        with Broker(folder) as broker:
            broker.channel.queue_declare(QUEUE, durable=True)
            print("| | client | messages/s | CPU µs a message | allocations a message |")
            print("| --- | --- | --- | --- | --- |")
            for verb, width in CASES:
                runs = {contender.name: [] for contender in contenders}
                for _ in range(options.rounds):
                    for contender in contenders:
                        runs[contender.name].append(contender.measured(broker, verb, width))
                for contender in contenders:
                    rate, cpu = (statistics.median(run[key] for run in runs[contender.name]) for key in ("rate", "cpu"))
                    allocations = contender.allocations(broker, verb, width, counter)
                    what = f"publish, window {width}" if verb == "publish" else "consume, acknowledge each"
                    print(f"| {what} | {contender.name} | {rate:,.0f} | {cpu:.1f} | {allocations:.1f} |", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What a large spool costs: spool.py EXECUTABLE [MESSAGES…] (1,000,000)

With the broker away, so many fedmsgs are journalled; then the bridge starts anew, beside a broker that only answers
(Benchmarks/floor/sink.c), and sends them all. The C floor sends as many from memory. Printed are messages a second, processor
time and the most memory of each.
"""

import contextlib
import itertools
import os
import sqlite3
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from contenders import Bridge, Floor, build_floor
from corpus import fedmsgs
from runs import processor_seconds, result
from sink import Sinks
from zeromq import publish, publisher, receive


class Nowhere:
    """Where no broker is."""

    port = 9
    url = "amqp://guest:guest@127.0.0.1:9/"


@contextlib.contextmanager
def journalling(bridge, folder):
    """A function that has the bridge journal messages, so many, and returns what that cost."""
    with publisher() as (socket, endpoint), bridge.running("to-amqp", endpoint, Nowhere(), "", folder) as process:
        receive(socket)
        there = 0

        def journal(messages, count):
            nonlocal there
            cpu, start = processor_seconds(process.pid), time.monotonic()
            publish(socket, itertools.islice(messages, count))
            there += count
            while journalled(folder) < there:
                time.sleep(0.01)
            return result(process.pid, count, time.monotonic() - start, cpu)

        yield journal


def journalled(folder):
    with contextlib.closing(sqlite3.connect(f"file:{folder}/spool.sqlite?mode=ro", uri=True)) as database:
        return database.execute("SELECT coalesce(max(messages), 0) FROM journal").fetchone()[0]


def drain(bridge, sinks, folder, count):
    """What a bridge costs that sends what is journalled, its start included."""
    with sinks.queue("", [count]) as sink, publisher() as (_, endpoint):
        start = time.monotonic()
        with bridge.running("to-amqp", endpoint, sink, "", folder) as process:
            return result(process.pid, count, sink.await_depth("", count) - start, 0)


def send(contender, sinks, messages, count):
    """What it costs to send messages that come as fast as they are taken."""
    with (
        sinks.queue("", [count]) as sink,
        publisher() as (socket, endpoint),
        contender.running("to-amqp", endpoint, sink, "") as process,
    ):
        receive(socket)
        cpu, start = processor_seconds(process.pid), time.monotonic()
        publish(socket, itertools.islice(itertools.cycle(messages), count))
        return result(process.pid, count, sink.await_depth("", count) - start, cpu)


def show(count, name, cost):
    print(f"{count:9,} {name:20} {cost['rate']:10,.0f}/s {cost['cpu']:6.1f} µs {cost['memory']:7.1f} MiB", flush=True)


def main():
    bridge = Bridge(sys.argv[1], None)
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor(build_floor(folder))
        sinks = Sinks(os.path.join(folder, "sink"), folder)
        for count in map(int, sys.argv[2:] or [1_000_000]):
            spool = os.path.join(folder, str(count))
            os.makedirs(spool)
            with journalling(bridge, spool) as journal:
                show(count, "journalled", journal(fedmsgs(count), count))
            show(count, "drained", drain(bridge, sinks, spool, count))
            show(count, "floor, from memory", send(floor, sinks, list(fedmsgs(min(count, 100_000))), count))


if __name__ == "__main__":
    main()

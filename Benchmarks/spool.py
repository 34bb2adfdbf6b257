#!/usr/bin/env python3
"""What a large spool costs: spool.py EXECUTABLE [MESSAGES…] (1,000,000)

With the broker away, so many fedmsgs are journalled; then the bridge starts anew, beside a broker that only answers
(Benchmarks/floor/sink.c), and sends them all. The C floor sends as many from memory. Printed are messages a second, processor
time and the most memory of each.
"""

import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import zmq

from contenders import Bridge, Floor
from corpus import fedmsgs
from runs import peak_mebibytes, processor_seconds, receive
from sink import Sinks

HERE = os.path.dirname(os.path.abspath(__file__))


class Nowhere:
    """Where no broker is."""

    port = 9
    url = "amqp://guest:guest@127.0.0.1:9/"


def fill(bridge, folder, messages, count):
    """Has the bridge journal the messages."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        publisher.sndhwm = 0
        endpoint = f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
        with bridge.running("to-amqp", endpoint, Nowhere(), "", folder) as process:
            receive(publisher)
            before, start = processor_seconds(process.pid), time.monotonic()
            for message in messages:
                publisher.send_multipart(message)
            while journalled(folder) < count:
                time.sleep(0.1)
            show("journalled", process.pid, count, time.monotonic() - start, before)


def journalled(folder):
    import sqlite3

    with sqlite3.connect(f"file:{folder}/spool.sqlite?mode=ro", uri=True) as database:
        return database.execute("SELECT coalesce(max(messages), 0) FROM journal").fetchone()[0]


def drain(contender, sinks, folder, count, messages):
    with (
        zmq.Context() as context,
        context.socket(zmq.XPUB) as publisher,
        sinks.queue("", [count]) as sink,
    ):
        publisher.sndhwm = 0
        endpoint = f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
        before, start = 0, time.monotonic()
        with contender.running("to-amqp", endpoint, sink, "", folder) as process:
            if messages:
                receive(publisher)
                before, start = processor_seconds(process.pid), time.monotonic()
                for number in range(count):
                    publisher.send_multipart(messages[number % len(messages)])
            end = sink.await_depth("", count)
            name = "floor, from memory" if messages else "drained"
            show(name, process.pid, count, end - start, before)


def show(name, pid, count, seconds, before):
    cpu = (processor_seconds(pid) - before) / count * 1e6
    print(f"{count:9,} {name:20} {count / seconds:10,.0f}/s {cpu:6.1f} µs {peak_mebibytes(pid):7.1f} MiB", flush=True)


executable = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["make", "-s", "-C", os.path.join(HERE, "floor"), f"OUT={folder}"], check=True, stdout=sys.stderr)
    sinks = Sinks(os.path.join(folder, "sink"), folder)
    for count in map(int, sys.argv[2:] or [1_000_000]):
        spool = os.path.join(folder, str(count))
        os.makedirs(spool)
        bridge = Bridge(executable, None)
        fill(bridge, spool, fedmsgs(count), count)
        drain(bridge, sinks, spool, count, None)
        drain(Floor(os.path.join(folder, "floor")), sinks, folder, count, list(fedmsgs(min(count, 100_000))))

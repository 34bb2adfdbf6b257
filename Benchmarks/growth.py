#!/usr/bin/env python3
"""How cost grows with the size of messages, with the number of endpoints, with what waits in the spool, with subscribers.

    growth.py EXECUTABLE [--axis sizes|endpoints|waiting|subscribers]… [--rounds R] [--plots FOLDER]

Beside a broker that only answers (Benchmarks/floor/sink.c). Printed is a table for each; with --plots the processor time of
each is drawn as well, as growth-AXIS.svg. EXECUTABLE is a release build of fedmsg-bridge.
"""

import argparse
import contextlib
import itertools
import json
import os
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from contenders import Bridge, Floor, build_floor
from corpus import captures, fedmsgs, natives
from plot import plot
from runs import processor_seconds, result
from sink import Sinks
from spool import drain, journalling
from zeromq import free_endpoint, publish, publisher, receive, subscriber

TOPIC = "org.fedoraproject.prod.bench.sized"
LAST = "org.fedoraproject.prod.bench.last"
# Of one run at most.
BYTES, MESSAGES = 120_000_000, 20_000


def sized(size, count):
    """Bodies of about that many bytes, as text that stands in fedmsgs, and an id for each."""
    text = json.dumps([one["msg"] for one in captures()])
    text = (text * (size // len(text) + 1))[: size * 9 // 10]
    body = json.dumps({"text": text})
    for number in range(count):
        yield f"2019-00000000-0000-4000-8000-{number:012d}", body


def sized_fedmsgs(size, count):
    for number, (id, body) in enumerate(sized(size, count)):
        envelope = f'{{"topic": "{TOPIC}", "msg": {body}, "msg_id": "{id}", "timestamp": 1564513942, "i": {number}}}'
        yield TOPIC.encode(), envelope.encode()


def sized_natives(size, count):
    for id, body in sized(size, count):
        yield TOPIC, id.removeprefix("2019-"), body.encode()


def to_amqp(sinks, contender, messages, warm_up, endpoints=1):
    """What it costs a message after the first ones, which come from all the endpoints in turn."""
    count = len(messages) - warm_up
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(sinks.queue("", [warm_up, warm_up + count]))
        publishers = [stack.enter_context(publisher()) for _ in range(endpoints)]
        joined = ",".join(endpoint for _, endpoint in publishers)
        process = stack.enter_context(contender.running("to-amqp", joined, sink, ""))
        for socket, _ in publishers:
            receive(socket)
        sockets = itertools.cycle(socket for socket, _ in publishers)
        for message, socket in zip(messages[:warm_up], sockets):
            publish(socket, [message])
        sink.await_depth("", warm_up)
        cpu, start = processor_seconds(process.pid), time.monotonic()
        for message, socket in zip(messages[warm_up:], sockets):
            publish(socket, [message])
        return result(process.pid, count, sink.await_depth("", warm_up + count) - start, cpu)


def to_fedmsg(sinks, contender, messages, warm_up, subscribers=1):
    """What it costs a message after the first ones, until the last one has come to every subscriber."""
    messages = list(messages)
    count = len(messages) - warm_up
    _, id, body = messages[-1]
    sinks.fill([], [*messages[:-1], (LAST, id, body)])
    endpoint = free_endpoint()
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(sinks.filled(""))
        first, *others = [stack.enter_context(subscriber(endpoint)) for _ in range(subscribers)]
        process = stack.enter_context(contender.running("to-fedmsg", endpoint, source, "in"))
        for _ in range(warm_up):
            receive(first)
        cpu, start = processor_seconds(process.pid), time.monotonic()
        for socket in [first, *others]:
            while receive(socket)[0] != LAST.encode():
                continue
        return result(process.pid, count, time.monotonic() - start, cpu)


# --- What grows ---------------------------------------------------------------


def sizes(sinks, bridge, floor, _):
    for size in [200, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]:
        count = min(MESSAGES, BYTES // size)
        warm_up = max(1, count // 10)
        for name, contender in {"bridge": bridge, "floor": floor}.items():
            yield size, f"to AMQP, {name}", lambda: to_amqp(
                sinks, contender, list(sized_fedmsgs(size, count)), warm_up
            )
            yield size, f"to fedmsg, {name}", lambda: to_fedmsg(sinks, contender, sized_natives(size, count), warm_up)


def endpoints(sinks, bridge, _, __):
    messages = list(fedmsgs(MESSAGES))
    for number in [1, 2, 4, 8, 16, 32, 64]:
        yield number, "to AMQP, bridge", lambda: to_amqp(sinks, bridge, messages, 1_000, number)


def subscribers(sinks, bridge, floor, _):
    for number in [1, 2, 5, 10]:
        for name, contender in {"bridge": bridge, "floor": floor}.items():
            yield number, f"to fedmsg, {name}", lambda: to_fedmsg(sinks, contender, natives(MESSAGES), 1_000, number)


def waiting(sinks, bridge, _, folder):
    """With the broker away: what it costs to journal more; then, started anew, to send everything."""
    for number in [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]:
        spool = tempfile.mkdtemp(dir=folder)
        messages = fedmsgs(number + MESSAGES)
        with journalling(bridge, spool) as journal:
            journal(messages, number)
            yield number, "journalled beside them", lambda: journal(messages, MESSAGES)
        yield number, f"sent, with {MESSAGES:,} more", lambda: drain(bridge, sinks, spool, number + MESSAGES)


AXES = {
    "sizes": (sizes, "bytes a message"),
    "endpoints": (endpoints, "endpoints"),
    "waiting": (waiting, "messages waiting"),
    "subscribers": (subscribers, "subscribers"),
}


def measure(axis, rounds, sinks, bridge, floor, folder):
    """By series, by what grows: the median of the rounds."""
    runs = {}
    for _ in range(rounds):
        for value, series, run in axis(sinks, bridge, floor, folder):
            runs.setdefault(series, {}).setdefault(value, []).append(run())
    return {
        series: {
            value: {column: statistics.median(one[column] for one in costs) for column in costs[0]}
            for value, costs in points.items()
        }
        for series, points in runs.items()
    }


def show(results, title):
    print(f"| {title} | | messages/s | CPU µs a message | peak MiB |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for value in next(iter(results.values())):
        for series, points in results.items():
            cost = points[value]
            print(f"| {value:,} | {series} | {cost['rate']:,.0f} | {cost['cpu']:,.1f} | {cost['memory']:.0f} |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable")
    parser.add_argument("--axis", action="append", choices=AXES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plots", metavar="FOLDER")
    options = parser.parse_args()
    for name in options.axis or AXES:
        axis, title = AXES[name]
        with tempfile.TemporaryDirectory() as folder:
            floor, bridge = Floor(build_floor(folder)), Bridge(options.executable, None)
            sinks = Sinks(os.path.join(folder, "sink"), folder)
            results = measure(axis, options.rounds, sinks, bridge, floor, folder)
        show(results, title)
        if options.plots:
            lines = {
                series: [(value, cost["cpu"]) for value, cost in points.items()] for series, points in results.items()
            }
            with open(os.path.join(options.plots, f"growth-{name}.svg"), "w") as file:
                file.write(plot(lines, title, "CPU µs a message"))


main()

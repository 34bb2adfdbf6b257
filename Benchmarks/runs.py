"""One function for each direction: runs every contender in turn, for some rounds, and returns what each run measured.

The first messages warm everything up and are not counted: connections, caches, memory.
"""

import os
import time

from corpus import fedmsgs, natives
from zeromq import free_endpoint, paced, publish, publisher, receive, subscriber

WARM_UP = 1000


def processor_seconds(pid):
    """User and system time of its threads, to the nanosecond: /proc/PID/stat counts in hundredths of a second."""
    nanoseconds = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def peak_mebibytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def result(pid, count, seconds, cpu_before):
    cpu = processor_seconds(pid) - cpu_before
    return {"rate": count / seconds, "cpu": cpu / count * 1e6, "memory": peak_mebibytes(pid)}


def in_turn(contenders, rounds):
    """Every contender's number and name, for each round. Who is first alternates."""
    names = list(contenders)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            yield f"run-{number}-{name}", name


# --- fedmsg to AMQP -----------------------------------------------------------


def to_amqp(broker, contenders, options, signing):
    messages = list(fedmsgs(options.messages + WARM_UP, signing))
    results = {name: [] for name in contenders}
    for queue, name in in_turn(contenders, options.rounds):
        count = min(options.messages, contenders[name].limit or options.messages)
        with (
            broker.queue(queue, [WARM_UP, WARM_UP + count]) as target,
            publisher() as (socket, endpoint),
            contenders[name].running("to-amqp", endpoint, target, queue) as process,
        ):
            receive(socket)
            publish(socket, messages[:WARM_UP])
            target.await_depth(queue, WARM_UP)
            cpu, start = processor_seconds(process.pid), time.monotonic()
            counted = messages[WARM_UP : WARM_UP + count]
            publish(socket, paced(counted, options.rate) if options.rate else counted)
            end = target.await_depth(queue, WARM_UP + count)
            results[name].append(result(process.pid, count, end - start, cpu))
    return results


# --- AMQP to fedmsg -----------------------------------------------------------


def to_fedmsg(broker, contenders, options, _):
    runs = list(in_turn(contenders, options.rounds))
    broker.fill([queue for queue, _ in runs], natives(options.messages + WARM_UP))
    results = {name: [] for name in contenders}
    for queue, name in runs:
        count = min(options.messages, contenders[name].limit or options.messages)
        endpoint = free_endpoint()
        with (
            broker.filled(queue) as source,
            subscriber(endpoint) as socket,
            contenders[name].running("to-fedmsg", endpoint, source, queue) as process,
        ):
            for _ in range(WARM_UP):
                receive(socket)
            cpu, start = processor_seconds(process.pid), time.monotonic()
            for _ in range(count):
                receive(socket)
            end = time.monotonic()
            results[name].append(result(process.pid, count, end - start, cpu))
    return results

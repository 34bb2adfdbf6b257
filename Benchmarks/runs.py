"""One function for each direction: runs every contender in turn, for some rounds, and returns what each run measured.

The first messages warm everything up and are not counted: connections, caches, memory.
"""

import os
import time

import zmq

from corpus import fedmsgs

WARM_UP = 1000
LIMIT = 120


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
            zmq.Context() as context,
            context.socket(zmq.XPUB) as publisher,
        ):
            publisher.sndhwm = 0
            publisher.linger = 0
            port = publisher.bind_to_random_port("tcp://127.0.0.1")
            endpoint = f"tcp://127.0.0.1:{port}"
            with contenders[name].running("to-amqp", endpoint, target, queue) as process:
                # A subscription: from now on nothing is lost.
                receive(publisher)
                publish(publisher, messages[:WARM_UP])
                target.await_depth(queue, WARM_UP)
                cpu, start = processor_seconds(process.pid), time.monotonic()
                publish(publisher, messages[WARM_UP : WARM_UP + count])
                end = target.await_depth(queue, WARM_UP + count)
                results[name].append(result(process.pid, count, end - start, cpu))
    return results


def publish(publisher, messages):
    for message in messages:
        publisher.send_multipart(message)


def receive(socket):
    if not socket.poll(LIMIT * 1000):
        raise TimeoutError(f"nothing came within {LIMIT} s")
    return socket.recv_multipart()


# --- AMQP to fedmsg -----------------------------------------------------------


def to_fedmsg(broker, contenders, options, _):
    runs = list(in_turn(contenders, options.rounds))
    broker.fill([queue for queue, _ in runs], options.messages + WARM_UP)
    results = {name: [] for name in contenders}
    for queue, name in runs:
        count = min(options.messages, contenders[name].limit or options.messages)
        with (
            broker.filled(queue) as source,
            zmq.Context() as context,
            context.socket(zmq.SUB) as subscriber,
        ):
            subscriber.rcvhwm = 0
            subscriber.linger = 0
            subscriber.reconnect_ivl = 5
            subscriber.subscribe("")
            endpoint = f"tcp://127.0.0.1:{free_port()}"
            subscriber.connect(endpoint)
            with contenders[name].running("to-fedmsg", endpoint, source, queue) as process:
                for _ in range(WARM_UP):
                    receive(subscriber)
                cpu, start = processor_seconds(process.pid), time.monotonic()
                for _ in range(count):
                    receive(subscriber)
                end = time.monotonic()
                results[name].append(result(process.pid, count, end - start, cpu))
    return results


def free_port():
    with zmq.Context() as context, context.socket(zmq.PUB) as probe:
        return probe.bind_to_random_port("tcp://127.0.0.1")

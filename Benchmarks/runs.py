"""One function for each direction: runs every contender in turn, for some rounds, and returns what each run measured.

The first messages warm everything up and are not counted: connections, caches, memory.
"""

import os
import time

import pika
import zmq

from broker import EXCHANGE
from corpus import fedmsgs, natives

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
        broker.declare(queue, EXCHANGE)
        with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
            publisher.sndhwm = 0
            publisher.linger = 0
            port = publisher.bind_to_random_port("tcp://127.0.0.1")
            endpoint = f"tcp://127.0.0.1:{port}"
            with contenders[name].running("to-amqp", endpoint, broker, queue) as process:
                # A subscription: from now on nothing is lost.
                receive(publisher)
                publish(publisher, messages[:WARM_UP])
                broker.await_depth(queue, WARM_UP)
                cpu, start = processor_seconds(process.pid), time.monotonic()
                publish(publisher, messages[WARM_UP:])
                end = broker.await_depth(queue, len(messages))
                results[name].append(result(process.pid, options.messages, end - start, cpu))
        broker.channel.queue_delete(queue)
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
    fill(broker, [queue for queue, _ in runs], options.messages + WARM_UP)
    results = {name: [] for name in contenders}
    for queue, name in runs:
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.rcvhwm = 0
            subscriber.linger = 0
            subscriber.reconnect_ivl = 5
            subscriber.subscribe("")
            endpoint = f"tcp://127.0.0.1:{free_port()}"
            subscriber.connect(endpoint)
            with contenders[name].running("to-fedmsg", endpoint, broker, queue) as process:
                for _ in range(WARM_UP):
                    receive(subscriber)
                cpu, start = processor_seconds(process.pid), time.monotonic()
                for _ in range(options.messages):
                    receive(subscriber)
                end = time.monotonic()
                results[name].append(result(process.pid, options.messages, end - start, cpu))
        broker.channel.queue_delete(queue)
    return results


def fill(broker, queues, count):
    """Publishes messages as fedora-messaging does, to all these queues at once."""
    for queue in queues:
        broker.declare(queue, "amq.topic")
    for topic, id, body in natives(count):
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=id,
            headers={
                "fedora_messaging_schema": "base.message",
                "fedora_messaging_severity": 20,
                "sent-at": "2019-07-30T19:12:22+00:00",
            },
        )
        broker.channel.basic_publish("amq.topic", topic, body, properties)
    for queue in queues:
        broker.await_depth(queue, count)


def free_port():
    with zmq.Context() as context, context.socket(zmq.PUB) as probe:
        return probe.bind_to_random_port("tcp://127.0.0.1")

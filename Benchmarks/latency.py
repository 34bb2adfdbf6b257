#!/usr/bin/env python3
"""How long a fedmsg takes to a consumer at the broker, the bridge and the C floor in turn, through a RabbitMQ of its own.

    latency.py EXECUTABLE [--rates 50,500,5000] [--seconds S] [--rounds R] [--starts N] [--json]

Each message carries when it was sent; a consumer notes when it came. Printed are milliseconds: the median of the rounds of
each percentile. With --starts, also how long the bridge takes from its start until a message of a publisher that is there
already has come.
"""

import argparse
import contextlib
import json
import multiprocessing
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import pika

from broker import EXCHANGE, Broker
from contenders import Bridge, Floor, build_floor
from corpus import fedmsgs
from zeromq import paced, publish, publisher, receive

PERCENTILES = [50, 99, 99.9]


def consume(url, queue, results):
    """Puts the seconds that each message took, until it is ended."""
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    results.put(None)
    for _, _, body in channel.consume(queue, auto_ack=True):
        now = time.monotonic_ns()
        message = json.loads(body)
        # The bridge sends the body, the floor the envelope.
        sent = message["sent"] if "sent" in message else message["msg"]["sent"]
        results.put((now - sent) / 1e9)


class Consumer:
    def __init__(self, broker, queue):
        self.results = multiprocessing.Queue()
        self.process = multiprocessing.Process(target=consume, args=(broker.url, queue, self.results), daemon=True)

    def __enter__(self):
        self.process.start()
        self.next()
        return self

    def next(self):
        return self.results.get(timeout=60)

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def stamped(messages):
    """Each as it goes out, with when that was."""
    for topic, envelope in messages:
        envelope["msg"]["sent"] = time.monotonic_ns()
        yield topic, json.dumps(envelope).encode()


@contextlib.contextmanager
def running(broker, contender, queue):
    """The socket of a publisher that the contender has subscribed to, a consumer, and when the contender was started."""
    with (
        broker.queue(queue, []) as target,
        publisher() as (socket, endpoint),
        Consumer(broker, queue) as consumer,
    ):
        began = time.monotonic()
        with contender.running("to-amqp", endpoint, target, queue):
            receive(socket)
            yield socket, consumer, began


def run(broker, contender, queue, messages, rate):
    """Seconds that each message took."""
    with running(broker, contender, queue) as (socket, consumer, _):
        publish(socket, stamped(paced(messages, rate)))
        return [consumer.next() for _ in messages]


def start(broker, contender, queue, messages):
    """Seconds from the start of the process until a message has come."""
    with running(broker, contender, queue) as (socket, consumer, began):
        publish(socket, stamped(messages))
        consumer.next()
        return time.monotonic() - began


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def measure(options, folder):
    contenders = {"bridge": Bridge(options.executable, None), "floor": Floor(build_floor(folder))}
    results = {}
    with Broker(folder) as broker:
        for rate in map(int, options.rates.split(",")):
            messages = [(topic, json.loads(payload)) for topic, payload in fedmsgs(int(rate * options.seconds))]
            for name, contender in contenders.items():
                runs = [run(broker, contender, f"{rate}-{n}", messages, rate) for n in range(options.rounds)]
                results[f"{rate}/s, {name}"] = {
                    f"p{percent}": statistics.median(percentile(values, percent) for values in runs) * 1000
                    for percent in PERCENTILES
                }
        if options.starts:
            messages = [(topic, json.loads(payload)) for topic, payload in fedmsgs(1)]
            for name, contender in contenders.items():
                times = [start(broker, contender, f"start-{n}", messages) for n in range(options.starts)]
                results[f"start to first message, {name}"] = {
                    "p50": statistics.median(times) * 1000,
                    "least": min(times) * 1000,
                    "most": max(times) * 1000,
                }
    return results


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("executable")
parser.add_argument("--rates", default="50,500,5000")
parser.add_argument("--seconds", type=float, default=5)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--starts", type=int, default=0)
parser.add_argument("--json", action="store_true")
options = parser.parse_args()
with tempfile.TemporaryDirectory() as folder:
    results = measure(options, folder)
if options.json:
    print(json.dumps(results, indent=2))
else:
    for name, values in results.items():
        print(f"{name:30} " + "  ".join(f"{percent} {value:8.2f} ms" for percent, value in values.items()))

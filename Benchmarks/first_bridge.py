#!/usr/bin/env python3
"""Measures the bridge beside the first one, fedmsg-migration-tools.

    first_bridge.py EXECUTABLE [--messages N] [--rounds R] [--first VENV]

As bridge.py does it: both run in turn on the same captured fedmsgs, unsigned, through a RabbitMQ that is started here, and
medians are printed with what they spread over. Towards fedmsg the messages are published while the bridge runs, since
the first one does not wait for subscribers. VENV is a Python environment that has another release of it than
`make setup` installs. EXECUTABLE is a release build of fedmsg-bridge.
"""

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from broker import EXCHANGE, Broker
from contenders import Bridge, Contender
from corpus import natives
from runs import WARM_UP, in_turn, processor_seconds, result, to_amqp
from zeromq import free_endpoint, receive, subscriber

INSTALLED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.venv-first-bridge")
PROBE = "org.fedoraproject.bench.probe"


class FirstBridge(Contender):
    """With fedora-messaging's defaults: a confirm awaited for each message, ten fetched ahead."""

    def __init__(self, environment):
        self.bin = os.path.join(environment, "bin")

    def command(self, direction, endpoint, broker, queue, folder):
        configuration = os.path.join(folder, "config.toml")
        with open(configuration, "w") as file:
            file.write(
                f'amqp_url = "{broker.url}"\n'
                f'[queues."{queue}"]\ndurable = true\nauto_delete = false\nexclusive = false\narguments = {{}}\n'
                f'[[bindings]]\nqueue = "{queue}"\nexchange = "amq.topic"\nrouting_keys = ["#"]\n'
                f'[consumer_config]\npublish_endpoint = "{endpoint}"\n'
            )
        fedmsg = os.path.join(folder, "fedmsg.py")
        with open(fedmsg, "w") as file:
            file.write("config = {'validate_signatures': False, 'sign_messages': False}\n")
        environment = {"FEDORA_MESSAGING_CONF": configuration, "FEDMSG_CONFIG": fedmsg, "PYTHONWARNINGS": "ignore"}
        if direction == "to-amqp":
            run = f"from fedmsg_migration_tools.bridges import zmq_to_amqp as run; run({EXCHANGE!r}, [{endpoint!r}], [b''])"
            return [os.path.join(self.bin, "python"), "-c", run], environment
        callback = "fedmsg_migration_tools.bridges:AmqpToZmq"
        return [os.path.join(self.bin, "fedora-messaging"), "consume", "--callback", callback], environment


def to_fedmsg(broker, contenders, options):
    results = {name: [] for name in contenders}
    for queue, name in in_turn(contenders, options.rounds):
        broker.declare(queue, "amq.topic")
        endpoint = free_endpoint()
        with (
            subscriber(endpoint) as socket,
            contenders[name].running("to-fedmsg", endpoint, broker, queue) as process,
        ):
            # Until the first probe has come, its subscribers are not there.
            while not socket.poll(200):
                broker.publish([(PROBE, str(time.monotonic()), b"{}")])
            messages = natives(WARM_UP + options.messages)
            carry(broker, socket, messages, WARM_UP)
            cpu, start = processor_seconds(process.pid), time.monotonic()
            carry(broker, socket, messages, options.messages)
            results[name].append(result(process.pid, options.messages, time.monotonic() - start, cpu))
        broker.channel.queue_delete(queue)
    return results


def carry(broker, socket, messages, count):
    broker.publish(itertools.islice(messages, count))
    while count:
        count -= receive(socket)[0] != PROBE.encode()


def show(results):
    columns = [("rate", "messages/s", ",.0f"), ("cpu", "CPU µs a message", ",.1f"), ("memory", "peak MiB", ".1f")]
    print("| | " + " | ".join(title for _, title, _ in columns) + " |")
    print("| --- " + "| ---: " * len(columns) + "|")
    for direction, contenders in results.items():
        medians = {}
        for name, runs in contenders.items():
            values = {column: [run[column] for run in runs] for column, _, _ in columns}
            medians[name] = {column: statistics.median(values[column]) for column in values}
            cells = [
                f"{medians[name][column]:{form}} ({min(values[column]):{form}}–{max(values[column]):{form}})"
                for column, _, form in columns
            ]
            print(f"| {direction}, {name} | " + " | ".join(cells) + " |")
        ratios = [medians["bridge"][column] / medians["first"][column] for column, _, _ in columns]
        print(f"| {direction}, bridge ÷ first | " + " | ".join(f"**{ratio:.3g}**" for ratio in ratios) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--first", default=INSTALLED)
    # What they are given comes at once.
    parser.set_defaults(rate=None)
    options = parser.parse_args()
    contenders = {"bridge": Bridge(options.executable, None), "first": FirstBridge(options.first)}
    with tempfile.TemporaryDirectory() as folder, Broker(folder) as broker:
        results = {
            "to-amqp": to_amqp(broker, contenders, options, None),
            "to-fedmsg": to_fedmsg(broker, contenders, options),
        }
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    print(f"{options.messages} messages, {options.rounds} rounds, {cores} cores, load at the end {load:.1f}\n")
    show(results)


main()

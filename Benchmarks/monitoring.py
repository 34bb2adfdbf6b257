#!/usr/bin/env python3
"""Measures how promptly the monitoring endpoint answers while messages pass.

    monitoring.py EXECUTABLE [--rate N] [--seconds S]

A bridge carries so many captured fedmsgs a second to a RabbitMQ that is started here, and another process asks /live,
/ready and /metrics in turn, each 100 times a second on one connection. Printed are the answers' times in milliseconds, at
rest and under way. EXECUTABLE is a release build of fedmsg-bridge.
"""

import argparse
import http.client
import multiprocessing
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from broker import EXCHANGE, Broker
from contenders import Bridge
from corpus import fedmsgs
from zeromq import free_endpoint, paced, publish, publisher, receive

PATHS = ["/live", "/ready", "/metrics"]
INTERVAL = 0.01


class MonitoredBridge(Bridge):
    def command(self, *arguments):
        command, environment = super().command(*arguments)
        return command, environment | {"FEDMSG_BRIDGE_MONITORING__PORT": str(self.port)}


def ask(port, seconds, results):
    """Asks each path every 10 ms, and puts the times that each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = {path: [] for path in PATHS}
    end = time.monotonic() + seconds
    while (turn := time.monotonic()) < end:
        for path in PATHS:
            start = time.monotonic()
            connection.request("GET", path)
            connection.getresponse().read()
            times[path].append(time.monotonic() - start)
        time.sleep(max(0, turn + INTERVAL - time.monotonic()))
    results.put(times)


def measured(port, seconds, work):
    """The times while `work` goes on for as long."""
    results = multiprocessing.Queue()
    asking = multiprocessing.Process(target=ask, args=(port, seconds, results))
    asking.start()
    work(seconds)
    times = results.get()
    asking.join()
    return times


def show(state, times):
    for path, values in times.items():
        values.sort()
        figures = [statistics.median(values), values[int(len(values) * 0.99)], values[-1]]
        median, late, latest = (f"{value * 1000:.2f}" for value in figures)
        print(f"{state}: {path} {len(values)} answers, ms: median {median}, 99 of 100 within {late}, all within {latest}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable")
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    count = options.rate * options.seconds
    with tempfile.TemporaryDirectory() as folder, Broker(folder) as broker, publisher() as (socket, endpoint):
        broker.declare("arrived", EXCHANGE)
        messages = list(fedmsgs(count, None))
        bridge = MonitoredBridge(options.executable, None)
        bridge.port = int(free_endpoint().rpartition(":")[2])

        def pass_messages(_):
            publish(socket, paced(messages, options.rate))

        with bridge.running("to-amqp", endpoint, broker, "arrived"):
            receive(socket)
            show("at rest", measured(bridge.port, options.seconds, time.sleep))
            show(f"{options.rate} messages/s", measured(bridge.port, options.seconds, pass_messages))
            broker.await_depth("arrived", count)


if __name__ == "__main__":
    main()

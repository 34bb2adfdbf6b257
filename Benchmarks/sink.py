"""A broker that only answers, in RabbitMQ's place: Benchmarks/floor/sink.c. It has one connection, so each run its own."""

import contextlib
import os
import select
import struct
import subprocess
import tempfile
import time

LIMIT = 120
# RabbitMQ's own come about six to a read.
BURST = 6
WORDS = [b"\x17fedora_messaging_schemaS\0\0\0\x0cbase.message", b"\x19fedora_messaging_severityI\0\0\0\x14"]
SENT_AT = b"\x07sent-atS\0\0\0\x192019-07-30T19:12:22+00:00"


class Sinks:
    def __init__(self, executable, folder, burst=BURST):
        self.executable = executable
        self.burst = burst
        self.deliveries = os.path.join(folder, "deliveries")

    @contextlib.contextmanager
    def queue(self, name, counts):
        """A sink that confirms, for as many messages as each of `counts` in turn."""
        with Sink([self.executable, "confirm", *map(str, counts)]) as sink:
            yield sink

    def fill(self, queues, messages):
        with open(self.deliveries, "wb") as file:
            for topic, id, body in messages:
                key, properties = topic.encode(), encoded_properties(id)
                file.write(struct.pack(">III", len(key), len(properties), len(body)) + key + properties + body)

    @contextlib.contextmanager
    def filled(self, name):
        with Sink([self.executable, "deliver", str(self.burst), self.deliveries]) as sink:
            yield sink


class Sink:
    def __init__(self, command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/?heartbeat=0"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def await_depth(self, queue, count):
        if not select.select([self.process.stdout], [], [], LIMIT)[0]:
            raise TimeoutError(f"not {count} messages arrived")
        line = self.process.stdout.readline()
        assert int(line) == count, line
        return time.monotonic()


def encoded_properties(id):
    """Content type, encoding, headers, delivery mode and id, as on the wire."""
    headers = b"".join([WORDS[0], WORDS[1], SENT_AT])
    text = lambda value: bytes([len(value)]) + value
    values = text(b"application/json") + text(b"utf-8") + struct.pack(">I", len(headers)) + headers + b"\2"
    return struct.pack(">H", 0xF080) + values + text(id.encode())

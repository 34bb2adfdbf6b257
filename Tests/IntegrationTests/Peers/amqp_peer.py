"""A plain AMQP client that hides nothing: amqp_peer.py URL

Commands, each answered by `done` but where it says otherwise:
`declare` (`queue`, `exchange`, `routing_key`, `arguments` of the queue: the topic exchange, a durable queue and the binding);
`consume` (`queue`, `expect`): answered by `consuming`, then `message` for each with `exchange`, `topic`, `redelivered`,
`body` (base64), `properties` and `headers` with their types on the wire; with `expect` the messages are numbered ones, and
`sequence` comes in place of each;
`publish` (`exchange`, `topic`, `body`, `properties`, `headers`): `properties` by name, `headers` as pika writes them;
`publish_numbered` (`exchange`, `count`, `first`): as fedora-messaging does, without waiting for confirms;
`depth` (`queue`): answered by `depth` with `messages` and `consumers`;
`status`: answered by `sequence`.
"""

import json
import os
import sys

import pika
import pika.spec

from amqp_types import read_properties
from peer import decode, emit, encode
from sequence import Sequence

_decode = pika.spec.BasicProperties.decode


def keep_bytes(self, encoded, offset=0):
    self.wire = encoded[offset:]
    return _decode(self, encoded, offset)


pika.spec.BasicProperties.decode = keep_bytes


class Peer:
    def __init__(self, url):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.sequence = None

    def declare(self, command):
        if command.get("exchange"):
            self.channel.exchange_declare(command["exchange"], "topic", durable=True)
        self.channel.queue_declare(command["queue"], durable=True, arguments=command.get("arguments"))
        if command.get("exchange"):
            self.channel.queue_bind(command["queue"], command["exchange"], command.get("routing_key", "#"))
        emit("done")

    def consume(self, command):
        self.sequence = Sequence(command["expect"]) if command.get("expect") else None
        self.channel.basic_qos(prefetch_count=1000)
        self.channel.basic_consume(command["queue"], self.on_message)
        emit("consuming")

    def on_message(self, channel, method, properties, body):
        if self.sequence:
            self.sequence.take(json.loads(body))
        else:
            fields, headers = read_properties(properties.wire)
            emit(
                "message",
                exchange=method.exchange,
                topic=method.routing_key,
                redelivered=method.redelivered,
                body=encode(body),
                properties=fields,
                headers=headers,
            )
        channel.basic_ack(method.delivery_tag)

    def publish(self, command):
        properties = pika.BasicProperties(headers=command.get("headers"), **command.get("properties", {}))
        self.channel.basic_publish(command["exchange"], command["topic"], decode(command["body"]), properties)
        emit("done")

    def publish_numbered(self, command):
        first = command.get("first", 0)
        for n in range(first, first + command["count"]):
            properties = pika.BasicProperties(
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                message_id="00000000-0000-4000-8000-%012d" % n,
                headers={
                    "fedora_messaging_schema": "base.message",
                    "fedora_messaging_schema_package": "fedora_messaging",
                    "sent-at": "2019-07-30T19:12:22+00:00",
                    "fedora_messaging_severity": 20,
                    "priority": 0,
                },
            )
            body = '{"n": %d, "text": "%s"}' % (n, "x" * (n % 400))
            self.channel.basic_publish(command["exchange"], "org.fedoraproject.test.%d" % (n % 7), body, properties)
        emit("done")

    def depth(self, command):
        found = self.channel.queue_declare(command["queue"], passive=True).method
        emit("depth", messages=found.message_count, consumers=found.consumer_count)

    def status(self, command):
        self.sequence.report()


peer = Peer(sys.argv[1])
emit("connected")
pending = b""
os.set_blocking(0, False)
while True:
    # A short turn of the connection's loop: it handles heartbeats and deliveries, then commands have theirs.
    peer.connection.process_data_events(time_limit=0.02)
    try:
        chunk = os.read(0, 1 << 20)
    except BlockingIOError:
        continue
    if not chunk:
        os._exit(0)
    *lines, pending = (pending + chunk).split(b"\n")
    for line in lines:
        command = json.loads(line)
        getattr(peer, command["do"])(command)

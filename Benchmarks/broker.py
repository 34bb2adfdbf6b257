"""A RabbitMQ of the benchmark's own, and a connection to it."""

import contextlib
import json
import os
import subprocess
import sys
import time

import pika

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts/rabbitmq")
EXCHANGE = "zmq.topic"
LIMIT = 120


class Broker:
    """Runs as long as the context that it is used as."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "rabbitmq")

    def __enter__(self):
        command = [sys.executable, SCRIPT, "start", self.folder, "--owner", str(os.getpid())]
        state = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        self.url, self.port = state["amqp_url"], state["amqp_port"]
        parameters = pika.ConnectionParameters("127.0.0.1", self.port, heartbeat=0)
        self.connection = pika.BlockingConnection(parameters)
        self.channel = self.connection.channel()
        self.channel.exchange_declare(EXCHANGE, "topic", durable=True)
        return self

    def __exit__(self, *_):
        self.connection.close()
        subprocess.run([sys.executable, SCRIPT, "kill", self.folder], check=True)

    @contextlib.contextmanager
    def queue(self, name, counts):
        """Itself, with a queue bound to the exchange; for as many messages as each of `counts` in turn."""
        self.declare(name, EXCHANGE)
        yield self
        self.channel.queue_delete(name)

    def fill(self, queues, messages):
        """Publishes the messages to all these queues at once."""
        for queue in queues:
            self.declare(queue, "amq.topic")
        count = self.publish(messages)
        for queue in queues:
            self.await_depth(queue, count)

    def publish(self, messages):
        """Publishes as fedora-messaging does, and returns how many."""
        count = 0
        for topic, id, body in messages:
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
            self.channel.basic_publish("amq.topic", topic, body, properties)
            count += 1
        return count

    @contextlib.contextmanager
    def filled(self, name):
        """Itself, with a queue that was filled."""
        yield self
        self.channel.queue_delete(name)

    def declare(self, queue, exchange):
        self.channel.queue_declare(queue, durable=True)
        self.channel.queue_bind(queue, exchange, "#")

    def depth(self, queue):
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def await_depth(self, queue, count):
        """Waits until the queue holds that many, and returns when it did; ends where none arrive any more."""
        last, since = -1, time.monotonic()
        while (depth := self.depth(queue)) < count:
            now = time.monotonic()
            if depth > last:
                last, since = depth, now
            elif now - since > LIMIT:
                raise TimeoutError(f"only {depth} of {count} messages arrived")
            time.sleep(0.01)
        return time.monotonic()

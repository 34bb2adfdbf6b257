"""A bridge as the first ones were: first_bridge.py to_amqp|to_fedmsg URL ENDPOINT…

Of loops it knows that `username` is `amqp-bridge`, and nothing else. `to_amqp` listens to the endpoints and publishes to
zmq.topic; `to_fedmsg` binds the endpoint and consumes from a queue of its own, bound to amq.topic. Says `bridging`.
"""

import json
import os
import sys
import threading
import time
import uuid

import pika
import zmq

from peer import commands, emit

direction, url, *endpoints = sys.argv[1:]
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
context = zmq.Context()


def to_amqp():
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.setsockopt(zmq.RCVHWM, 0)
    for endpoint in endpoints:
        socket.connect(endpoint)
    emit("bridging")
    while True:
        topic, text = socket.recv_multipart()
        envelope = json.loads(text)
        if envelope["username"] == "amqp-bridge":
            continue
        headers = {
            "fedora_messaging_schema": "base.message",
            "sent-at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
            "fedora_messaging_severity": 20,
        }
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=envelope["msg_id"],
            headers=headers,
        )
        channel.basic_publish("zmq.topic", topic.decode(), json.dumps(envelope["msg"]).encode(), properties)


def to_fedmsg():
    socket = context.socket(zmq.PUB)
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.bind(endpoints[0])
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "amq.topic", "#")
    emit("bridging")
    for count, (method, properties, body) in enumerate(channel.consume(queue, auto_ack=True)):
        envelope = {
            "topic": method.routing_key,
            "msg": json.loads(body),
            "timestamp": int(time.time()),
            "msg_id": "%d-%s" % (time.gmtime().tm_year, properties.message_id or uuid.uuid4()),
            "i": count,
            "username": "amqp-bridge",
        }
        socket.send_multipart([method.routing_key.encode(), json.dumps(envelope).encode()])


threading.Thread(target=lambda: list(commands()), daemon=True).start()
try:
    {"to_amqp": to_amqp, "to_fedmsg": to_fedmsg}[direction]()
finally:
    os._exit(1)

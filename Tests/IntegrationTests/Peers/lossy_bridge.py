"""A bridge like the first one, that does what it is told wrong: lossy_bridge.py ENDPOINT AMQP_URL EXCHANGE

Takes fedmsgs from ENDPOINT one at a time and publishes each to EXCHANGE under its own id, with the time of bridging
as `sent-at`. A fedmsg whose `msg` has `do` is lost, changed or repeated, as that says. Says `bridging`, and `bridged`
with the id of each.
"""

import datetime
import json
import sys

import pika
import zmq

from peer import emit, on_commands

endpoint, url, exchange = sys.argv[1:]
on_commands(lambda command: None)
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
channel.confirm_delivery()
socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"")
socket.connect(endpoint)
emit("bridging")
while True:
    topic, envelope = socket.recv_multipart()
    message = json.loads(envelope)
    body, fault = message["msg"], message["msg"].get("do")
    if fault == "change":
        body = {**body, "n": -1}
    times = {"lose": 0, "repeat": 2}.get(fault, 1)
    for _ in range(times):
        channel.basic_publish(
            exchange,
            topic.decode(),
            json.dumps(body, indent=1).encode(),
            pika.BasicProperties(
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                message_id=message["msg_id"],
                headers={
                    **message.get("headers", {}),
                    "fedora_messaging_schema": "base.message",
                    "fedora_messaging_severity": 20,
                    "sent-at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                },
            ),
        )
    emit("bridged", id=message["msg_id"])

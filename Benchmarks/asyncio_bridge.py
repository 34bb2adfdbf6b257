"""What the bridge does, in Python with asyncio and aio-pika: asyncio_bridge.py DIRECTION ENDPOINT URL EXCHANGE|QUEUE WINDOW

Messages are translated as far as their usual form needs it, confirmed, with as many on their way as the window has. There is
no journal, no check of a signature or of an earlier message, no recovery: what one would begin with.
"""

import asyncio
import datetime
import json
import sys

import aio_pika
import zmq
import zmq.asyncio


def native(envelope):
    """The message that fedora-messaging would have sent."""
    sent_at = datetime.datetime.fromtimestamp(int(envelope.get("timestamp", 0)), datetime.timezone.utc).isoformat()
    return aio_pika.Message(
        json.dumps(envelope["msg"]).encode(),
        message_id=envelope["msg_id"],
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        content_type="application/json",
        content_encoding="utf-8",
        headers={
            "fedora_messaging_schema": "base.message",
            "fedora_messaging_severity": 20,
            "sent-at": sent_at,
        },
    )


async def to_amqp(endpoint, url, name, window):
    subscriber = zmq.asyncio.Context().socket(zmq.SUB)
    subscriber.rcvhwm = 0
    subscriber.subscribe("")
    connection = await aio_pika.connect(url)
    channel = await connection.channel(publisher_confirms=True)
    exchange = await channel.get_exchange(name, ensure=False)
    subscriber.connect(endpoint)
    room = asyncio.Semaphore(window)
    tasks = set()

    async def publish(topic, payload):
        try:
            await exchange.publish(native(json.loads(payload)), topic.decode())
        finally:
            room.release()

    while True:
        topic, payload = await subscriber.recv_multipart()
        await room.acquire()
        task = asyncio.create_task(publish(topic, payload))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def to_fedmsg(endpoint, url, name, window):
    publisher = zmq.asyncio.Context().socket(zmq.XPUB)
    publisher.sndhwm = 0
    publisher.bind(endpoint)
    await publisher.recv()
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    await channel.set_qos(window)
    queue = await channel.get_queue(name, ensure=False)
    async with queue.iterator() as messages:
        count = 0
        async for message in messages:
            count += 1
            envelope = {
                "i": count,
                "msg": json.loads(message.body),
                "msg_id": "2019-" + message.message_id,
                "timestamp": 1564513942,
                "topic": message.routing_key,
                "username": "amqp-bridge",
            }
            await publisher.send_multipart((message.routing_key.encode(), json.dumps(envelope).encode()))
            await message.ack()


direction, endpoint, url, name, window = sys.argv[1:]
asyncio.run({"to-amqp": to_amqp, "to-fedmsg": to_fedmsg}[direction](endpoint, url, name, int(window)))

"""aio_pika_bench.py PORT QUEUE publish WINDOW COUNT BYTES, or … consume PREFETCH COUNT: prints the seconds and the seconds of
processor time that it took, as JSON."""

import asyncio
import json
import sys
import time

import aio_pika


async def publish(channel, queue, window, count, size):
    message = aio_pika.Message(b"x" * size, delivery_mode=aio_pika.DeliveryMode.NOT_PERSISTENT)
    remaining = iter(range(count))

    async def publisher():
        for _ in remaining:
            await channel.default_exchange.publish(message, queue, mandatory=False)

    await asyncio.gather(*(publisher() for _ in range(window)))


async def consume(channel, queue, prefetch, count):
    await channel.set_qos(prefetch_count=prefetch)
    taken = 0
    async with (await channel.get_queue(queue)).iterator() as messages:
        async for message in messages:
            await message.ack()
            taken += 1
            if taken == count:
                break


async def main():
    port, queue, verb, width, count, *size = sys.argv[1:]
    connection = await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{port}/")
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        start, processor = time.perf_counter(), time.process_time()
        if verb == "publish":
            await publish(channel, queue, int(width), int(count), int(size[0]))
        else:
            await consume(channel, queue, int(width), int(count))
        print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - processor}))


asyncio.run(main())

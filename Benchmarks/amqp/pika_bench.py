"""pika_bench.py PORT QUEUE publish WINDOW COUNT BYTES, or … consume PREFETCH COUNT: prints the seconds and the seconds of
processor time that it took, as JSON. With SelectConnection, pika's fastest."""

import json
import sys
import time

import pika


class Bench:
    def __init__(self, queue, verb, width, count, size):
        self.queue, self.verb, self.width, self.count = queue, verb, width, count
        self.body = b"x" * size
        self.sent = self.done = 0

    def opened(self, channel):
        self.channel = channel
        if self.verb == "publish":
            channel.confirm_delivery(self.confirmed, lambda _: self.begin(self.publish))
        else:
            channel.basic_qos(prefetch_count=self.width, callback=lambda _: self.begin(self.consume))

    def begin(self, step):
        self.start, self.processor = time.perf_counter(), time.process_time()
        step()

    def publish(self):
        while self.sent < self.count and self.sent - self.done < self.width:
            self.channel.basic_publish("", self.queue, self.body)
            self.sent += 1

    def confirmed(self, frame):
        self.done = frame.method.delivery_tag if frame.method.multiple else self.done + 1
        if self.done == self.count:
            self.end()
        else:
            self.publish()

    def consume(self):
        self.channel.basic_consume(self.queue, self.delivered)

    def delivered(self, channel, deliver, _properties, _body):
        channel.basic_ack(deliver.delivery_tag)
        self.done += 1
        if self.done == self.count:
            self.end()

    def end(self):
        seconds, processor = time.perf_counter() - self.start, time.process_time() - self.processor
        print(json.dumps({"seconds": seconds, "cpu": processor}))
        self.channel.connection.close()


def main():
    port, queue, verb, width, count, *size = sys.argv[1:]
    bench = Bench(queue, verb, int(width), int(count), int(size[0]) if size else 0)
    parameters = pika.ConnectionParameters("127.0.0.1", int(port), heartbeat=0)
    connection = pika.SelectConnection(
        parameters,
        on_open_callback=lambda connection: connection.channel(on_open_callback=bench.opened),
        on_close_callback=lambda connection, _: connection.ioloop.stop(),
    )
    connection.ioloop.start()


main()

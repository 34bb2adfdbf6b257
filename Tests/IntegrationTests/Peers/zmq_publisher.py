"""A fedmsg publisher: zmq_publisher.py bind|connect ENDPOINT

Sends frames exactly as they are given. Its socket is an XPUB, so it knows who subscribed. Says `bound` with the
endpoint, `subscribed` and `unsubscribed` with the topic. Commands: `publish` (`frames`, base64), `publish_file`
(`path`, `foreign`), `publish_numbered` (`count`, `first`), each answered by `published` with the count; `pace` (`rate`,
`first` or `path`), answered by `pacing`, which publishes numbered ones or a file's, so many a second, until `rest`, answered by
`published` with how many they were; `restart`, answered by `restarted`, which opens the socket anew.
"""

import itertools
import json
import os
import sys
import time

import zmq

import envelopes
from peer import decode, emit, encode

how, endpoint = sys.argv[1:]
poller = zmq.Poller()
poller.register(0, zmq.POLLIN)


def open_socket(endpoint):
    socket = zmq.Context().socket(zmq.XPUB)
    socket.setsockopt(zmq.XPUB_VERBOSER, 1)
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.LINGER, 10_000)
    getattr(socket, how)(endpoint)
    poller.register(socket, zmq.POLLIN)
    return socket


socket = open_socket(endpoint)
endpoint = socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
emit("bound", endpoint=endpoint)


def publish(messages):
    count = 0
    for frames in messages:
        socket.send_multipart(frames, copy=len(frames[-1]) < 65536)
        count += 1
    emit("published", count=count)


class Pace:
    """So many messages a second, until it rests or has no more."""

    def __init__(self, rate, messages):
        self.rate, self.messages, self.count, self.begun = rate, messages, 0, time.monotonic()

    def go(self):
        due = int((time.monotonic() - self.begun) * self.rate) - self.count
        for frames in itertools.islice(self.messages, due):
            socket.send_multipart(frames)
            self.count += 1


pace = None


def handle(command):
    global pace, socket
    match command["do"]:
        case "pace":
            path = command.get("path")
            pace = Pace(command["rate"], envelopes.read(path) if path else envelopes.numbered_from(command["first"]))
            emit("pacing")
        case "rest":
            emit("published", count=pace.count)
            pace = None
        case "publish":
            publish([[decode(frame) for frame in command["frames"]]])
        case "publish_file":
            publish(envelopes.read(command["path"], command.get("foreign", False)))
        case "publish_numbered":
            publish(envelopes.numbered(command["count"], command.get("first", 0)))
        case "restart":
            poller.unregister(socket)
            context = socket.context
            socket.close()
            # Then the endpoint is free.
            context.term()
            socket = open_socket(endpoint)
            emit("restarted")


pending = b""
while True:
    ready = dict(poller.poll(5 if pace else None))
    if pace:
        pace.go()
    if socket in ready:
        frame = socket.recv()
        emit("subscribed" if frame[0] else "unsubscribed", topic=encode(frame[1:]))
    if 0 in ready:
        chunk = os.read(0, 1 << 20)
        if not chunk:
            os._exit(0)
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            handle(json.loads(line))

"""The other end of a fedmsg bus: sockets as publishers and subscribers have them."""

import contextlib
import time

import zmq

LIMIT = 120


@contextlib.contextmanager
def publisher():
    """A socket that keeps what it sends until it is taken, and its endpoint."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as socket:
        socket.sndhwm = 0
        socket.linger = 0
        yield socket, f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"


@contextlib.contextmanager
def subscriber(endpoint):
    """A socket that takes everything from there, as soon as somebody listens."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.rcvhwm = 0
        socket.linger = 0
        socket.reconnect_ivl = 5
        socket.subscribe("")
        socket.connect(endpoint)
        yield socket


def free_endpoint():
    with zmq.Context() as context, context.socket(zmq.PUB) as probe:
        return f"tcp://127.0.0.1:{probe.bind_to_random_port('tcp://127.0.0.1')}"


def publish(socket, messages):
    for message in messages:
        socket.send_multipart(message)


def paced(messages, rate):
    """So many a second, each when its time has come."""
    start = time.monotonic()
    for number, message in enumerate(messages):
        if (rest := start + number / rate - time.monotonic()) > 0:
            time.sleep(rest)
        yield message


def receive(socket):
    """A message, or from a publisher's socket a subscription: from then on nothing is lost."""
    if not socket.poll(LIMIT * 1000):
        raise TimeoutError(f"nothing came within {LIMIT} s")
    return socket.recv_multipart()

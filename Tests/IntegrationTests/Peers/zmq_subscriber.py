"""Records raw frames: zmq_subscriber.py bind|connect ENDPOINT [--and ENDPOINT…] [--expect COUNT] [--rate PER_SECOND [--queue LENGTH]]
[--silent]

Says `bound` with the endpoint, `connected` for each peer whose handshake is done, `disconnected`, and `message` with its
frames (base64). With --expect it takes numbered messages, and says `sequence` after COUNT of them in place of each. With
--rate it takes no more than so many a second, 0 for none, and libzmq's queue is as long as a stock subscriber has it, or LENGTH.
With --silent it subscribes only at the command `subscribe` (`topic`). The command `restart`, answered by `restarted`, opens the
socket anew.
"""

import itertools
import json
import sys
import threading
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from peer import emit, encode, on_commands
from sequence import Sequence

how, endpoint = sys.argv[1:3]
sequence = Sequence(int(sys.argv[sys.argv.index("--expect") + 1])) if "--expect" in sys.argv else None
rate = int(sys.argv[sys.argv.index("--rate") + 1]) if "--rate" in sys.argv else None
queue = int(sys.argv[sys.argv.index("--queue") + 1]) if "--queue" in sys.argv else 1000
poller = zmq.Poller()


def open_socket(endpoint):
    socket = zmq.Context().socket(zmq.SUB)
    if "--silent" not in sys.argv:
        socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.setsockopt(zmq.RCVHWM, 0 if rate is None else queue)
    if rate is not None:
        # The kernel would hold thousands of small messages more.
        socket.setsockopt(zmq.RCVBUF, 1 << 14)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    getattr(socket, how)(endpoint)
    if "--and" in sys.argv:
        for another in itertools.takewhile(lambda text: "://" in text, sys.argv[sys.argv.index("--and") + 1 :]):
            socket.connect(another)
    if rate != 0:
        poller.register(socket, zmq.POLLIN)
    poller.register(monitor, zmq.POLLIN)
    return socket, monitor


socket, monitor = open_socket(endpoint)
bound = socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
emit("bound", endpoint=bound)
wanted = []
restart = threading.Event()


def handle(command):
    match command["do"]:
        case "subscribe":
            wanted.append(command["topic"].encode())
        case "restart":
            restart.set()
        case _:
            sequence.report()


on_commands(handle)
while True:
    # The socket is this thread's, so it looks for commands.
    ready = dict(poller.poll(20))
    if restart.is_set():
        restart.clear()
        context = socket.context
        socket.disable_monitor()
        for one in socket, monitor:
            if one in poller:
                poller.unregister(one)
            one.close(linger=0)
        # Then the endpoint is free.
        context.term()
        socket, monitor = open_socket(bound if how == "bind" else endpoint)
        emit("restarted")
        continue
    if rate == 0:
        # One that takes nothing subscribes all the same: libzmq does so when it is asked for anything.
        socket.getsockopt(zmq.EVENTS)
    while wanted:
        socket.setsockopt(zmq.SUBSCRIBE, wanted.pop())
    if monitor in ready:
        event = recv_monitor_message(monitor)["event"]
        emit("connected" if event == zmq.EVENT_HANDSHAKE_SUCCEEDED else "disconnected")
    if socket in ready:
        frames = socket.recv_multipart()
        if rate:
            # One at a time, as a consumer that works on each: what it lost by waking late it does not make up.
            time.sleep(1 / rate)
        if sequence is None:
            emit("message", frames=[encode(frame) for frame in frames])
        else:
            sequence.take(json.loads(frames[1])["msg"])

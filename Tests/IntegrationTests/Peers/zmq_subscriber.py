"""Records raw frames: zmq_subscriber.py bind|connect ENDPOINT [--expect COUNT]

Says `bound` with the endpoint, `connected` for each peer whose handshake is done, `disconnected`, and `message` with its
frames (base64). With --expect it takes numbered messages, and says `sequence` after COUNT of them in place of each.
"""

import json
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

from peer import emit, encode, on_commands
from sequence import Sequence

how, endpoint = sys.argv[1:3]
sequence = Sequence(int(sys.argv[4])) if "--expect" in sys.argv else None
context = zmq.Context()
socket = context.socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"")
socket.setsockopt(zmq.RCVHWM, 0)
socket.setsockopt(zmq.RECONNECT_IVL, 50)
monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
getattr(socket, how)(endpoint)
emit("bound", endpoint=socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode())
on_commands(lambda command: sequence.report())

poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
poller.register(monitor, zmq.POLLIN)
while True:
    ready = dict(poller.poll())
    if monitor in ready:
        event = recv_monitor_message(monitor)["event"]
        emit("connected" if event == zmq.EVENT_HANDSHAKE_SUCCEEDED else "disconnected")
    if socket in ready:
        frames = socket.recv_multipart()
        if sequence is None:
            emit("message", frames=[encode(frame) for frame in frames])
        else:
            sequence.take(json.loads(frames[1])["msg"])

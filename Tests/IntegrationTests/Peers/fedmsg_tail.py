"""A real fedmsg consumer: fedmsg_tail.py ENDPOINT…

Says `tailing`, then for each message that `fedmsg.tail_messages` yields `message` with its topic, the envelope and the
canonical text of its `msg`. Signatures are not checked.
"""

import sys
import tempfile

import fedmsg
import fedmsg.config

from peer import canonical, emit, on_commands

settings = {
    "name": "tail",
    "mute": True,
    "endpoints": {"bridge.%d" % n: [endpoint] for n, endpoint in enumerate(sys.argv[1:])},
    "validate_signatures": False,
    "zmq_reconnect_ivl": 50,
}
with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
    file.write("config = %r\n" % settings)
    file.flush()
    config = fedmsg.config.load_config(filenames=[file.name])

on_commands(lambda command: None)
fedmsg.init(**config)
emit("tailing")
for _, _, topic, message in fedmsg.tail_messages():
    emit("message", topic=topic, envelope=message, canonical=canonical(message["msg"]))

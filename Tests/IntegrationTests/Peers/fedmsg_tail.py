"""A real fedmsg consumer: fedmsg_tail.py ENDPOINT… [--validate SSLDIR]

Says `tailing`, then for each message that `fedmsg.tail_messages` yields `message` with its topic, the envelope and the
canonical text of its `msg`; `invalid` where fedmsg warns that it refused one.
"""

import sys
import tempfile
import warnings

import fedmsg
import fedmsg.config

from peer import canonical, emit, on_commands

arguments = sys.argv[1:]
ssldir = None
if "--validate" in arguments:
    position = arguments.index("--validate")
    ssldir = arguments[position + 1]
    del arguments[position : position + 2]

settings = {
    "name": "tail",
    "mute": True,
    "endpoints": {"bridge.%d" % n: [endpoint] for n, endpoint in enumerate(arguments)},
    "validate_signatures": ssldir is not None,
    "zmq_reconnect_ivl": 50,
}
if ssldir:
    settings |= {"ssldir": ssldir, "ca_cert_location": ssldir + "/ca.crt", "crl_location": None, "crypto": "x509"}
with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
    file.write("config = %r\n" % settings)
    file.flush()
    config = fedmsg.config.load_config(filenames=[file.name])

on_commands

arguments = sys.argv[1:]
ssldir = None
if "--validate" in arguments:
    position = arguments.index("--validate")
    ssldir = arguments[position + 1]
    del arguments[position : position + 2]

config = fedmsg.config.load_config([], None, filenames=[])
config.update(
    name="tail",
    mute=True,
    endpoints={"bridge.%d" % n: [endpoint] for n, endpoint in enumerate(arguments)},
    validate_signatures=ssldir is not None,
    zmq_reconnect_ivl=50,
)
if ssldir:
    config.update(ssldir=ssldir, ca_cert_location=ssldir + "/ca.crt", crl_location=None, crypto="x509")
on_commands(lambda command: None)
warnings.showwarning = lambda message, *rest, **more: emit("invalid", text=str(message))
fedmsg.init(**config)
emit("tailing")
for _, _, topic, message in fedmsg.tail_messages():
    emit("message", topic=topic, envelope=message, canonical=canonical(message["msg"]))

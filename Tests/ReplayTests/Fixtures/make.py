#!/usr/bin/env python3
"""Makes the fixtures beside it with the real tools; run it with .venv-fedmsg's Python.

    make.py

messages.jsonl is what is published on a PUB socket; `fedmsg-tail` prints it as tail.txt, with `--pretty` as
pretty.txt and with `--really-pretty` as really-pretty.txt, each until it has shown the last message. page.json is those
messages as an answer of datagrepper.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time

import zmq

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 60
OPTIONS = {"tail.txt": [], "pretty.txt": ["--pretty"], "really-pretty.txt": ["--really-pretty"]}
CONFIG = """config = dict(
    endpoints={{"fixture.host": ["{endpoint}"]}},
    name="fixture",
    topic_prefix="org.fedoraproject",
    environment="dev",
    zmq_enabled=True,
    validate_signatures=False,
    high_water_mark=0,
    io_threads=1,
    post_init_sleep=0.5,
    zmq_linger=1000,
)
"""

LONG = "a long text with 'single' and \"double\" quotes, a \\ backslash, and words enough to be wrapped over lines "
MESSAGES = [
    {
        "i": 1,
        "timestamp": 1564513942,
        "msg_id": "2019-00000000-0000-0000-0000-000000000001",
        "topic": "org.fedoraproject.prod.bodhi.update.comment",
        "username": "bodhi",
        "msg": {"text": LONG * 3, "none": None, "yes": True, "no": False, "empty": {}, "list": [], "n": [1, -2, 1.5, 1e300]},
    },
    {
        "i": 5_000_000_000,
        "timestamp": 1564513943,
        "msg_id": "2019-00000000-0000-0000-0000-000000000002",
        "topic": "org.fedoraproject.prod.fas.user.create",
        "username": "fas",
        "msg": {
            "name": "Ren\u00e9 \u65e5\u672c\u8a9e \U0001f600",
            "controls": "tab\t nl\n cr\r nul\0 bel\a del\x7f nel\x85 ls\u2028",
            "it's": "it's",
            'say "hi"': 'say "hi"',
            "both": "'\"",
            "brackets": "}{][)(,:",
            "deep": {"a": [{"b": [[{"c": "d"}]]}, "x" * 70, "y" * 70]},
        },
    },
    {
        "i": 3,
        "timestamp": 1564513944,
        "msg_id": "2019-00000000-0000-0000-0000-000000000003",
        "topic": "org.fedoraproject.prod.last.one",
        "username": "last",
        "msg": {},
    },
]


def tail(options):
    context = zmq.Context.instance()
    socket = context.socket(zmq.PUB)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "fedmsg.d"))
        with open(os.path.join(folder, "fedmsg.d", "fixture.py"), "w") as file:
            file.write(CONFIG.format(endpoint=f"tcp://127.0.0.1:{port}"))
        process = subprocess.Popen(
            [os.path.join(os.path.dirname(sys.executable), "fedmsg-tail"), *options],
            cwd=folder,
            env=dict(os.environ, TZ="UTC", PYTHONWARNINGS="ignore", PYTHONUNBUFFERED="1", HOME=folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        printed = b""
        deadline = time.monotonic() + LIMIT
        try:
            # It says nothing when it has connected: a heartbeat, which it does not show, until a first message shows.
            while b"last.one" not in printed:
                if time.monotonic() > deadline:
                    sys.exit(f"fedmsg-tail {options} printed only {printed!r}")
                if not printed:
                    socket.send_multipart([b"org.fedoraproject.ready", b'{"topic": "ready", "msg": {}, "timestamp": 1}'])
                elif b"bodhi" not in printed and b"ready" in printed:
                    for message in MESSAGES:
                        socket.send_multipart([message["topic"].encode(), json.dumps(message).encode()])
                    deadline = min(deadline, time.monotonic() + 20)
                if select.select([process.stdout], [], [], 0.5)[0]:
                    printed += os.read(process.stdout.fileno(), 1 << 20)
            while select.select([process.stdout], [], [], 2)[0]:
                printed += os.read(process.stdout.fileno(), 1 << 20)
        finally:
            process.kill()
            process.wait()
            socket.close(0)
    return printed


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)


write("messages.jsonl", b"".join(json.dumps(message).encode() + b"\n" for message in MESSAGES))
write(
    "page.json",
    json.dumps({"arguments": {}, "count": 3, "pages": 1, "raw_messages": MESSAGES, "total": 3}, indent=4).encode() + b"\n",
)
for name, options in OPTIONS.items():
    write(name, tail(options))

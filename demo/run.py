#!/usr/bin/env python3
"""Carries messages both ways through a bridge and shows them side by side, as they were published and as they arrived.

Everything is real: RabbitMQ, fedmsg's and fedora-messaging's own consumers, fedora-messaging's publisher, the daemon.
Everything is started here and ends with this script. Run it by `make demo`.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, "Tests/IntegrationTests/Peers")
FEDMSGS = os.path.join(ROOT, "Tests/FedmsgTests/Fixtures/fedmsgs.jsonl")
LIMIT = 60

sys.path.insert(0, PEERS)
sys.dont_write_bytecode = True

# Topics of the captured fedmsgs to show, and messages as an application of today publishes them.
SHOWN = [
    "org.fedoraproject.prod.bodhi.mashtask.complete",
    "org.fedoraproject.prod.meetbot.meeting.complete",
    "org.fedoraproject.prod.nagios.service.state.change",
    "org.release-monitoring.prod.anitya.project.version.update",
    "org.centos.prod.ci.pipeline.package.complete",
]
NATIVE = [
    ("org.fedoraproject.prod.bodhi.update.comment", {"comment": {"text": "works for me", "karma": 1, "user": "ralph"}}),
    ("org.fedoraproject.prod.buildsys.tag", {"name": "kernel", "version": "5.2.5", "tag": "f30-updates", "id": 1342}),
    ("org.fedoraproject.prod.fas.user.create", {"user": "rené", "agent": "日本語", "groups": []}),
    ("org.fedoraproject.prod.openqa.job.done", {"BUILD": "Fedora-Rawhide", "result": None, "took": 61.50}),
]


class Peer:
    """One of the scripts of the integration tests, which speaks JSON lines."""

    def __init__(self, stack, script, *arguments, python=".venv"):
        self.process = subprocess.Popen(
            [os.path.join(ROOT, python, "bin/python"), "-W", "ignore", os.path.join(PEERS, script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(end, self.process)
        self.events = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def send(self, **command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def next(self, name, limit=LIMIT):
        deadline = time.monotonic() + limit
        while True:
            try:
                event = self.events.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                sys.exit(f"demo: no {name} within {limit} s")
            if event["event"] == name:
                return event


def end(process):
    process.kill()
    process.wait()


# --- starting ---------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def step(text):
    print(f"  {text} ", end="", flush=True)
    start = time.monotonic()
    return lambda detail: print(f"{dim(f'{time.monotonic() - start:.1f} s')}  {dim(detail)}")


def start_rabbitmq(stack, folder):
    done = step("starting RabbitMQ …")
    script = os.path.join(ROOT, "scripts/rabbitmq")
    folder = os.path.join(folder, "rabbitmq")
    output = subprocess.run(
        [sys.executable, script, "start", folder, "--owner", str(os.getpid())], check=True, stdout=subprocess.PIPE
    ).stdout
    stack.callback(subprocess.run, [sys.executable, script, "kill", folder], check=True)
    url = json.loads(output)["amqp_url"]
    done(url)
    return url


def start_bridge(stack, folder, url, publisher_endpoint):
    done = step("starting fedmsg-bridge …")
    binaries = subprocess.run(
        ["swift", "build", "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    endpoint, monitoring = f"tcp://127.0.0.1:{free_port()}", free_port()
    environment = os.environ | {
        "FEDMSG_BRIDGE_AMQP_URL": url,
        "FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINTS": json.dumps([publisher_endpoint]),
        "FEDMSG_BRIDGE_TO_FEDMSG__PUBLISH_ENDPOINT": endpoint,
        "FEDMSG_BRIDGE_SPOOL__PATH": os.path.join(folder, "spool.sqlite"),
        "FEDMSG_BRIDGE_MONITORING__PORT": str(monitoring),
    }
    log = open(os.path.join(folder, "bridge.log"), "w+")
    bridge = subprocess.Popen(
        [os.path.join(binaries, "fedmsg-bridge"), "run", "--config", os.path.join(ROOT, "demo/bridge.d")],
        env=environment,
        stdout=log,
        stderr=log,
    )
    stack.callback(end, bridge)
    deadline = time.monotonic() + LIMIT
    while not is_ready(monitoring):
        if bridge.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            sys.exit("\n" + log.read() + "\ndemo: the bridge did not get ready")
        time.sleep(0.05)
    done(f"both ways, {endpoint}")
    return bridge, endpoint


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


# --- showing ----------------------------------------------------------------


def coloured(code, text):
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def dim(text):
    return coloured(2, text)


def bold(text):
    return coloured(1, text)


def columns(text):
    """How many columns a terminal gives the text: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def fit(text, width):
    """The text, cut or filled to exactly so many columns."""
    if columns(text) > width:
        while columns(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - columns(text))


class Table:
    """Two columns: what was published, and what a consumer got."""

    def __init__(self, title, left, right):
        self.width = (min(shutil.get_terminal_size((120, 24)).columns, 160) - 7) // 2
        self.equal = True
        print(f"\n  {bold(title)}")
        self.line(dim(fit(left, self.width)), dim(right))

    def line(self, left, right):
        print(f"  {left} │ {right}")

    def show(self, published, received):
        equal = published == received
        self.equal = self.equal and equal
        print(f"  {'─' * self.width}─┼─{'─' * self.width}")
        for (name, left), (_, right) in zip(published.items(), received.items()):
            left, right = (
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in (left, right)
            )
            self.line(fit(left, self.width), fit(right, self.width).rstrip())
        if not equal:
            print(coloured(31, "  not equal"))


def facts(topic, identifier, body):
    return {"topic": topic, "id": identifier, "body": body}


# --- the two ways -----------------------------------------------------------


def fedmsgs_to_show():
    with open(FEDMSGS, "rb") as file:
        envelopes = [(line.rstrip(b"\n"), json.loads(line)) for line in file]
    for wanted in SHOWN:
        found = [
            (line, envelope)
            for line, envelope in envelopes
            if envelope["topic"] == wanted and "msg_id" in envelope and envelope.get("username") != "amqp-bridge"
        ]
        yield from found[:1]


def fedmsg_to_amqp(publisher, consumer):
    from peer import encode

    table = Table("fedmsg → fedora-messaging", "published on a ZeroMQ PUB socket", "got by fedora-messaging's consumer")
    count = 0
    for line, envelope in fedmsgs_to_show():
        publisher.send(do="publish", frames=[encode(envelope["topic"].encode()), encode(line)])
        got = consumer.next("message")
        table.show(
            facts(envelope["topic"], envelope["msg_id"], envelope["msg"]),
            facts(got["topic"], got["id"], got["body"]),
        )
        count += 1
    return table.equal and count > 0, count


def amqp_to_fedmsg(publisher, tail):
    table = Table("fedora-messaging → fedmsg", "published by fedora-messaging", "got by fedmsg's consumer")
    count = 0
    for topic, body in NATIVE:
        publisher.send(do="publish", topic=topic, body=body)
        sent = publisher.next("message")
        got = tail.next("message")
        while got["topic"] == PROBE:
            got = tail.next("message")
        year = sent["sent_at"][:4]
        table.show(
            facts(topic, f"{year}-{sent['id']}", body),
            facts(got["topic"], got["envelope"]["msg_id"], got["envelope"]["msg"]),
        )
        count += 1
    return table.equal, count


PROBE = "org.fedoraproject.demo.probe"


def wait_for_subscription(publisher, tail):
    """A PUB socket drops what it sends before a subscription has reached it: send until something arrives."""
    deadline = time.monotonic() + LIMIT
    while tail.events.empty():
        publisher.send(do="publish", topic=PROBE, body={})
        publisher.next("published")
        time.sleep(0.1)
        if time.monotonic() > deadline:
            sys.exit("demo: fedmsg's consumer hears nothing")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fedmsg-bridge-demo-"))
        print()
        url = start_rabbitmq(stack, folder)
        fedmsg_publisher = Peer(stack, "zmq_publisher.py", "bind", "tcp://127.0.0.1:*")
        bridge, endpoint = start_bridge(stack, folder, url, fedmsg_publisher.next("bound")["endpoint"])
        done = step("starting consumers …")
        tail = Peer(stack, "fedmsg_tail.py", endpoint, python=".venv-fedmsg")
        consumer = Peer(stack, "fedora_consumer.py", url, "zmq.topic")
        publisher = Peer(stack, "fedora_publisher.py", url)
        fedmsg_publisher.next("subscribed")
        consumer.next("consuming")
        tail.next("tailing")
        wait_for_subscription(publisher, tail)
        done("fedmsg.tail_messages, fedora_messaging.api")

        forth, fedmsgs = fedmsg_to_amqp(fedmsg_publisher, consumer)
        back, messages = amqp_to_fedmsg(publisher, tail)

        bridge.send_signal(signal.SIGTERM)
        code = bridge.wait(LIMIT)
    equal = forth and back and code == 0
    if equal:
        verdict = f"Both came through equal: {fedmsgs} fedmsgs to AMQP, {messages} AMQP messages to fedmsg."
    else:
        verdict = f"NOT equal, or the bridge did not stop in order (exit {code})."
    print("\n" + bold(verdict))
    sys.exit(0 if equal else 1)


main()

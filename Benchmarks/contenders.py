"""What is measured: the bridge, the floor, and a bridge in Python. Each runs in a folder of its own."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile

from broker import EXCHANGE
from corpus import CERTIFICATE

HERE = os.path.dirname(os.path.abspath(__file__))
# Messages that either may have unconfirmed or unacknowledged.
WINDOW = 500
STOP_LIMIT = 60


class Contender:
    directions = ("to-amqp", "to-fedmsg")
    # Messages of one run at most.
    limit = None
    # What the program is run by, and in.
    prefix = []
    variables = {}

    @contextlib.contextmanager
    def running(self, direction, endpoint, broker, queue, folder=None):
        """The process, which carries what `endpoint` publishes to the exchange, or the queue's messages to it.

        There may be several endpoints, with commas between them; the floor takes one.

        Its files are in `folder`, or in one that goes with it.
        """
        with contextlib.ExitStack() as stack:
            folder = folder or stack.enter_context(tempfile.TemporaryDirectory())
            command, environment = self.command(direction, endpoint, broker, queue, folder)
            log = open(os.path.join(folder, "log"), "w+")
            process = subprocess.Popen(self.prefix + command, env=os.environ | environment | self.variables, stdout=log, stderr=log)
            try:
                yield process
            except Exception as error:
                log.seek(0)
                sys.exit(f"{command[0]}: {error}\n{log.read()[-5000:]}")
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_LIMIT)
                process.kill()
                process.wait()


def build_floor(folder):
    """Builds the floor, the sink and the counter of allocations in this folder; the floor's path."""
    subprocess.run(["make", "-s", "-C", os.path.join(HERE, "floor"), f"OUT={folder}"], check=True, stdout=sys.stderr)
    return os.path.join(folder, "floor")


class Floor(Contender):
    def __init__(self, executable):
        self.executable = executable

    def command(self, direction, endpoint, broker, queue, folder):
        target = EXCHANGE if direction == "to-amqp" else queue
        return [self.executable, direction, endpoint, str(broker.port), target, str(WINDOW)], {}


class FloorWithHeaders(Floor):
    """Towards AMQP with headers such as the bridge's: they cost RabbitMQ time, whoever sends them."""

    directions = ("to-amqp",)

    def command(self, direction, endpoint, broker, queue, folder):
        command, environment = super().command(direction, endpoint, broker, queue, folder)
        return [command[0], f"{direction}-headers", *command[2:]], environment


class Bridge(Contender):
    """With its defaults: a journal that is synced before anything is published, confirms, duplicates dropped."""

    def __init__(self, executable, signing):
        self.executable = executable
        self.signing = signing

    def command(self, direction, endpoint, broker, queue, folder):
        settings = {
            "AMQP_URL": broker.url,
            "PASSIVE_DECLARES": "true",
            "EXCHANGES": "{}",
            "QUEUES": "{}",
            "BINDINGS": "[]",
            "QOS__PREFETCH_COUNT": str(WINDOW),
            "SPOOL__PATH": os.path.join(folder, "spool.sqlite"),
            "MONITORING__PORT": "0",
            "CRYPTO__VALIDATE_SIGNATURES": "false",
            "CRYPTO__SIGN_MESSAGES": "false",
        }
        if self.signing:
            settings |= {
                "CRYPTO__VALIDATE_SIGNATURES": "true",
                "CRYPTO__SIGN_MESSAGES": "true",
                "CRYPTO__SSLDIR": self.signing,
                "CRYPTO__CERTNAME": CERTIFICATE,
                "CRYPTO__CA_CERT_LOCATION": os.path.join(self.signing, "ca.crt"),
            }
        if direction == "to-amqp":
            settings |= {"TO_FEDMSG__ENABLED": "false", "TO_AMQP__ZMQ_ENDPOINTS": json.dumps(endpoint.split(","))}
        else:
            settings |= {
                "QUEUES": f'{{ "{queue}" = {{ durable = true }} }}',
                "TO_AMQP__ENABLED": "false",
                "TO_FEDMSG__PUBLISH_ENDPOINT": endpoint,
                "TO_FEDMSG__REQUIRE_SUBSCRIBER": "true",
                "TO_FEDMSG__POST_INIT_SLEEP": "0",
            }
        empty = os.path.join(folder, "bridge.toml")
        open(empty, "w").close()
        environment = {f"FEDMSG_BRIDGE_{name}": value for name, value in settings.items()}
        return [self.executable, "run", "--config", empty], environment


class PythonBridge(Contender):
    """The bridge as one would write it today in Python, without a journal."""

    limit = 5_000

    def command(self, direction, endpoint, broker, queue, folder):
        target = EXCHANGE if direction == "to-amqp" else queue
        python = os.path.join(HERE, "../.venv-bench/bin/python")
        script = os.path.join(HERE, "asyncio_bridge.py")
        return [python, script, direction, endpoint, broker.url, target, str(WINDOW)], {}

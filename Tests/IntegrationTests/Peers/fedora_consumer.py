"""A real fedora-messaging consumer: fedora_consumer.py URL EXCHANGE [ROUTING_KEY]…

Says `consuming` once its queue is bound; `message` for each with `id`, `topic`, `severity`, `headers`, the canonical text
of the body and the body; `log` for every warning or error that the library logs.
"""

import logging
import sys

from fedora_messaging import config

url, exchange, *routing_keys = sys.argv[1:]
config.conf.update(amqp_url=url, exchanges={}, qos={"prefetch_size": 0, "prefetch_count": 100})

from fedora_messaging import api  # noqa: E402  (reads the configuration)
from twisted.internet import reactor  # noqa: E402

from peer import canonical, emit, on_commands  # noqa: E402


class EmitWarnings(logging.Handler):
    def emit(self, record):
        emit("log", level=record.levelname, logger=record.name, text=record.getMessage())


def on_message(message):
    emit(
        "message",
        id=message.id,
        topic=message.topic,
        severity=message.severity,
        headers=message._headers,
        canonical=canonical(message.body),
        body=message.body,
    )


logging.getLogger().addHandler(EmitWarnings(level=logging.WARNING))
on_commands(lambda command: None)
consuming = api.twisted_consume(
    on_message,
    bindings=[{"queue": "", "exchange": exchange, "routing_keys": routing_keys or ["#"]}],
    queues={"": {"durable": False, "auto_delete": True, "exclusive": True, "arguments": {}}},
)
consuming.addCallbacks(lambda consumers: emit("consuming"), lambda failure: emit("failed", text=str(failure)))
reactor.run(installSignalHandlers=False)

#!/usr/bin/env python3
"""Makes recorded.jsonl beside it: what the real `fedora-messaging record` writes of what fedora-messaging publishes.

    record.py AMQP_URL          of a RabbitMQ, such as scripts/rabbitmq starts; run it with .venv's Python
"""

import os
import subprocess
import sys
import tempfile
import time

from fedora_messaging import config

HERE = os.path.dirname(os.path.abspath(__file__))
config.conf.update(amqp_url=sys.argv[1], exchanges={})

from fedora_messaging import api, message  # noqa: E402  (reads the configuration)

BODIES = [
    {"text": "caf\u00e9 \u65e5\u672c\u8a9e \U0001f600 \u2028 \x85", "n": [1, -2.5, 1e300, 12345678901234567890, None, True]},
    {"nested": {"list": [{"a": {}}], "quotes": "\"\\/'"}},
    {},
]

with tempfile.TemporaryDirectory() as folder:
    settings = os.path.join(folder, "config.toml")
    with open(settings, "w") as file:
        file.write(f'amqp_url = "{sys.argv[1]}"\n')
    output = os.path.join(HERE, "recorded.jsonl")
    if os.path.exists(output):
        os.remove(output)
    recorder = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "fedora-messaging"), "record", "--limit", str(len(BODIES)),
         "--exchange", "amq.topic", "--queue-name", "replay-fixture", "--routing-key", "org.fixture.#", output],
        env=dict(os.environ, FEDORA_MESSAGING_CONF=settings),
    )
    for n, body in enumerate(BODIES):
        for _ in range(60):
            try:
                one = message.Message(topic=f"org.fixture.{n}", body=body, severity=message.WARNING if n else message.INFO)
                one.id = f"00000000-0000-4000-8000-00000000000{n}"
                one._headers["sent-at"] = f"2024-05-06T07:08:0{n}+00:00"
                if n == 0:  # The recorder says nothing when it has bound its queue.
                    time.sleep(5)
                api.publish(one, timeout=30)
                break
            except Exception as error:
                print(error, file=sys.stderr)
                time.sleep(1)
    sys.exit(recorder.wait(60))

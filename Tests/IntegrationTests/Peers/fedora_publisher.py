"""A real fedora-messaging publisher: fedora_publisher.py URL

Commands: `publish` with `topic` and `body`, and `publish_generated` with `count`; each message is published by
`fedora_messaging.api.publish`, which waits for the broker's confirm, and answered by `message` with its id, topic,
sent-at and the body's bytes (base64). A command is answered by `published` with the count at its end.
"""

import sys

from fedora_messaging import config

config.conf.update(amqp_url=sys.argv[1], exchanges={})

from fedora_messaging import api, message  # noqa: E402  (reads the configuration)

from peer import commands, emit, encode  # noqa: E402

BODIES = [
    {"agent": "ralph", "n": 0, "nested": {"list": [1, 2.5, None, True], "empty": {}}},
    {"text": "naïve résumé 日本語 \U0001f600", "n": 0, "escapes": "\"\\/\b\f\n\r\t\u0000\u2028"},
    {"n": 0, "numbers": [0, -1, 1.0, 1e300, 12345678901234567890123456789, -0.0]},
]


def generated(count):
    for n in range(count):
        yield "org.fedoraproject.test.generated.%d" % (n % 5), dict(BODIES[n % len(BODIES)], n=n)


def publish(messages):
    count = 0
    for topic, body in messages:
        one = message.Message(topic=topic, body=body)
        api.publish(one, timeout=60)
        emit("message", id=one.id, topic=topic, sent_at=one._headers["sent-at"], body=encode(one._encoded_body))
        count += 1
    emit("published", count=count)


emit("started")
for command in commands():
    if command["do"] == "publish":
        publish([(command["topic"], command["body"])])
    else:
        publish(generated(command["count"]))

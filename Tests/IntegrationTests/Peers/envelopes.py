"""fedmsg envelopes as bytes, read independently of the bridge's own code."""

import datetime
import hashlib
import itertools
import json
import re
import uuid
from json.decoder import scanstring

_SPACE = re.compile(r"[ \t\n\r]*")
_decoder = json.JSONDecoder()
# The bridge's namespace for the ids of envelopes that have none.
_NAMESPACE = uuid.UUID("5ad78999-be89-5ebc-b367-64a381777c15")


def slice_value(envelope, key):
    """The bytes of a top-level value as they stand in the envelope."""
    text = envelope.decode()
    position = _SPACE.match(text, text.index("{") + 1).end()
    found = None
    while text[position] != "}":
        name, position = scanstring(text, position + 1)
        position = _SPACE.match(text, text.index(":", position) + 1).end()
        _, end = _decoder.raw_decode(text, position)
        if name == key:
            found = text[position:end]
        position = _SPACE.match(text, end).end()
        if text[position] == ",":
            position = _SPACE.match(text, position + 1).end()
    return found.encode()


def expected_id(topic, envelope):
    given = json.loads(envelope).get("msg_id")
    if isinstance(given, str) and 1 <= len(given.encode()) <= 255:
        return given
    digest = hashlib.sha1(_NAMESPACE.bytes + topic + b"\0" + envelope).digest()[:16]
    return str(uuid.UUID(bytes=digest, version=5))


def expected_sent_at(envelope):
    """None where the envelope has no time: then it is the time of receipt."""
    timestamp = json.loads(envelope).get("timestamp")
    if not isinstance(timestamp, (int, float)):
        return None
    return datetime.datetime.fromtimestamp(int(timestamp), datetime.timezone.utc).isoformat()


def read(path, foreign=False):
    """(topic, envelope) of each line of a file of envelopes; with `foreign` none of them says that a bridge made it."""
    with open(path, "rb") as file:
        for line in file.read().splitlines():
            if foreign:
                line = line.replace(b'"username": "amqp-bridge"', b'"username": "apache"')
            yield json.loads(line)["topic"].encode(), line


def numbered(count, first=0):
    """(topic, envelope) of `count` small messages, each of which says its number."""
    return itertools.islice(numbered_from(first), count)


def numbered_from(first):
    """As above, without an end."""
    for n in itertools.count(first):
        topic = "org.fedoraproject.test.numbered.%d" % (n % 7)
        envelope = (
            '{"i":%d,"msg":{"n":%d,"text":"%s"},"msg_id":"2019-00000000-0000-4000-8000-%012d",'
            '"timestamp":1564513942,"topic":"%s","username":"apache"}' % (n + 1, n, "x" * (n % 400), n, topic)
        )
        yield topic.encode(), envelope.encode()

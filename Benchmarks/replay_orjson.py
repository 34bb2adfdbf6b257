"""What `fedmsg-bridge replay --dry-run FILE` does, in Python with orjson: replay_orjson.py FILE >MESSAGES

The same lines for captures that can be bridged, but that orjson writes bodies anew.
"""

import datetime
import hashlib
import sys
import uuid

import orjson

NAMESPACE = uuid.UUID("5ad78999-be89-5ebc-b367-64a381777c15").bytes
NATIVE = {"fedora_messaging_schema", "fedora_messaging_schema_package", "sent-at", "fedora_messaging_severity", "priority",
          "x-fedmsg-bridge"}


def translate(line):
    envelope = orjson.loads(line)
    topic = envelope["topic"]
    headers = {"fedora_messaging_schema": "base.message", "fedora_messaging_schema_package": "fedora_messaging"}
    timestamp = envelope.get("timestamp")
    if isinstance(timestamp, (int, float)):
        headers["sent-at"] = datetime.datetime.fromtimestamp(int(timestamp), datetime.timezone.utc).isoformat()
    headers["fedora_messaging_severity"] = 20
    headers["priority"] = 0
    own = envelope.get("headers")
    if isinstance(own, dict):
        for key, value in own.items():
            if key not in NATIVE and isinstance(value, (str, bool, int)):
                headers[key] = value
    origin = {"origin": "fedmsg"}
    if isinstance(envelope.get("username"), str):
        origin["username"] = envelope["username"]
    if isinstance(envelope.get("i"), int):
        origin["i"] = envelope["i"]
    for key in ("timestamp", "headers"):
        if key in envelope:
            origin[key] = orjson.dumps(envelope[key]).decode()
    headers["x-fedmsg-bridge"] = origin
    id = envelope.get("msg_id")
    if not isinstance(id, str) or not id:
        digest = hashlib.sha1(NAMESPACE + topic.encode() + b"\0" + line).digest()[:16]
        id = str(uuid.UUID(bytes=digest, version=5))
    return orjson.dumps(
        {"topic": topic, "headers": headers, "id": id, "body": envelope["msg"], "queue": None, "priority": None},
        option=orjson.OPT_APPEND_NEWLINE,
    )


count = 0
write = sys.stdout.buffer.write
with open(sys.argv[1], "rb") as file:
    for line in file:
        write(translate(line.rstrip(b"\n")))
        count += 1
print(f"{count} translated", file=sys.stderr)

"""What must become of the envelopes of a file, worked out without the bridge: expectations.py FILE

They are read as `publish_file` with `foreign` sends them. Says `expected` for each line, with topic, id, sent-at, the canonical text of its `msg` and the bytes of that (base64).
"""

import json
import sys

import envelopes
from peer import canonical, emit, encode

for topic, envelope in envelopes.read(sys.argv[1], foreign=True):
    emit(
        "expected",
        topic=topic.decode(),
        id=envelopes.expected_id(topic, envelope),
        sent_at=envelopes.expected_sent_at(envelope),
        canonical=canonical(json.loads(envelope)["msg"]),
        body=encode(envelopes.slice_value(envelope, "msg")),
    )
emit("end")
sys.stdin.read()

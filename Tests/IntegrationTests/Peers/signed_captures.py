"""Captured fedmsgs that fedmsg itself signed, some long ago: signed_captures.py PKI >CAPTURES

PKI is a folder that pki.py has filled: there `expired` was valid until a day ago, and `revoked` was revoked four days ago. One
envelope a line; the `msg_id` says which it is.
"""

import datetime
import json
import sys

import fedmsg.crypto
import fedmsg.encoding

NOW = datetime.datetime.now(datetime.timezone.utc).timestamp()
DAY = 86400


def signed(id, signer, days_ago):
    message = {
        "i": 1,
        "msg": {"text": "caf\u00e9", "n": 1.5},
        "msg_id": id,
        "timestamp": int(NOW - days_ago * DAY),
        "topic": "org.fedoraproject.test.any",
        "username": "apache",
    }
    return fedmsg.crypto.sign(message, ssldir=sys.argv[1], certname=signer, crypto_backend="x509")


def stored(message):
    """As datanommer gives it back."""
    return dict(
        message, timestamp=float(message["timestamp"]), headers={}, source_name="datanommer", source_version="0.9.0"
    )


def spoilt(message):
    return dict(message, msg={"text": "other"})


for message in [
    signed("good", "app01", 2),
    signed("expired-since", "expired", 2),
    signed("expired-before", "expired", 0.5),
    signed("revoked-since", "revoked", 4.5),
    signed("revoked-before", "revoked", 3.5),
    stored(signed("stored", "app01", 2)),
    spoilt(signed("spoilt", "app01", 2)),
]:
    print(fedmsg.encoding.dumps(message))

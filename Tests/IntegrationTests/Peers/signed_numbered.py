"""Numbered fedmsgs that fedmsg itself signed: signed_numbered.py PKI COUNT >ENVELOPES

PKI is a folder that pki.py has filled; app01 signs. One envelope a line.
"""

import functools
import json
import sys

import fedmsg.crypto
import fedmsg.crypto.x509_ng
import fedmsg.encoding

import envelopes

# Read anew, and its factors checked, for every message it costs 40 ms.
serialization = fedmsg.crypto.x509_ng.serialization
serialization.load_pem_private_key = functools.lru_cache(serialization.load_pem_private_key)

pki, count = sys.argv[1], int(sys.argv[2])
for _, envelope in envelopes.numbered(count):
    message = json.loads(envelope)
    print(fedmsg.encoding.dumps(fedmsg.crypto.sign(message, ssldir=pki, certname="app01", crypto_backend="x509")))

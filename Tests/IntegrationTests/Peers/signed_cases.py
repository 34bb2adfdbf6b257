"""Signed fedmsgs, spoilt in many ways, with the verdict of fedmsg itself: signed_cases.py PKI SEED COUNT [CONFIGURATION] >CASES

PKI is a folder that pki.py has filled. The first line of the output has CONFIGURATIONS, each further one a case:
    configuration  which of them judged: the one that was given, else any
    id             the `msg_id` that was signed
    frame, text    the topic frame, and the envelope in base64, as they would cross the bus
    stored         whether it was judged as a message out of datanommer
    what           the signer and what was done to the message
    verdict        true, false, or the name of what was raised
    reason         the step at which fedmsg stops, in the bridge's word for it; null where the verdict is true
"""

import base64
import functools
import hashlib
import json
import logging
import random
import sys
import uuid

import fedmsg.crypto
import fedmsg.crypto.utils
import fedmsg.crypto.x509_ng
import fedmsg.encoding
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from OpenSSL import crypto

POLICY = {"org.fedoraproject.test.only": ["app02.example.org", "caf\u00e9.example.org"]}
CONFIGURATIONS = {
    "plain": {"ca": "ca.crt"},
    "crl": {"ca": "ca.crt", "crl": "crl.pem"},
    "policy": {"ca": "ca.crt", "crl": "crl.pem", "policy": POLICY},
    "nitpicky": {"ca": "ca.crt", "policy": POLICY, "nitpicky": True},
    "text round the CA": {"ca": "ca-with-text.crt", "crl": "crl-empty.pem"},
    "CA second in its file": {"ca": "ca-second.crt"},
    "intermediate as CA": {"ca": "ca-chain.crt"},
    "expired CA": {"ca": "ca-expired.crt"},
    "future CA": {"ca": "ca-future.crt"},
    "SHA-1 CA": {"ca": "ca-sha1.crt", "crl": "crl-sha1.pem"},
    "expired CRL": {"ca": "ca.crt", "crl": "crl-expired.pem"},
    "future CRL": {"ca": "ca.crt", "crl": "crl-future.pem"},
    "CRL of another key": {"ca": "ca.crt", "crl": "crl-otherkey.pem"},
    "CRL of another name": {"ca": "ca.crt", "crl": "crl-othername.pem"},
    "CRL that takes back": {"ca": "ca.crt", "crl": "crl-unrevoked.pem"},
    "CRL that revokes the CA": {"ca": "ca.crt", "crl": "crl-ca.pem"},
    "no CA": {"ca": "app01.key"},
}
SIGNERS = [
    "app01", "app02", "revoked", "unrevoked", "small", "big", "expired", "future", "sha1", "md5", "nocn", "twocn",
    "unicode", "bmp", "t61", "printable", "critical", "server", "nosign", "ec", "selfsigned", "samename", "otherkey", "othername", "chained", "ca",
    "ca-otherkey",
]
TOPICS = ["org.fedoraproject.test.any", "org.fedoraproject.test.only", "org.fedoraproject.test.caf\u00e9", ""]
VALUES = [
    0, 1, -1, 7, 1.0, -0.0, 1e16, 1e-5, 0.1, 10**30, 2**63, True, False, None, "", "text", "\u00e9", "\ud800", "\U0001f600",
    "\x7f", [], {}, [1, 1.0], {"b": 1, "a": {"\uffff": 1, "\U00010000": 2}}, float("inf"), 1564513942.25,
]


class Signed:
    """A message that is signed as fedmsg does it, with what is needed to sign it otherwise."""

    def __init__(self, pki, signer, rng):
        self.pki, self.signer, self.rng = pki, signer, rng
        self.stored = False
        self.id = f"2026-{uuid.UUID(int=rng.getrandbits(128), version=4)}"
        self.message = {
            "i": rng.randrange(1000),
            "msg": {str(place): rng.choice(VALUES) for place in range(rng.randrange(6))},
            "msg_id": self.id,
            "timestamp": rng.choice([1564513942, 1564513942.0, 1564513942.5]),
            "topic": rng.choice(TOPICS),
            "username": "apache",
        }
        if not rng.randrange(3):
            self.message["headers"] = rng.choice([{}, {"a": 1}, None])
        self.certificate = open(f"{pki}/{signer}.crt", "rb").read()
        self.sign()
        self.frame = self.message["topic"]
        self.text = None

    def sign(self, hash=None, pad=None, crypto="x509"):
        """As fedmsg's own `sign`, which reads and checks the key each time, does; or otherwise."""
        for key in ["signature", "certificate", "crypto"]:
            self.message.pop(key, None)
        if crypto:
            self.message["crypto"] = crypto
        signature = self.key().sign(self.canonical(), pad or padding.PKCS1v15(), hash or hashes.SHA1())
        self.message.update(signature=encode(signature), certificate=encode(self.certificate))

    def key(self):
        # Of the elliptic curve's no RSA signature comes: any other will do.
        return load_key(f"{self.pki}/{'app01' if self.signer == 'ec' else self.signer}.key")

    def canonical(self):
        return fedmsg.encoding.dumps(fedmsg.crypto.strip_credentials(self.message)).encode()

    def raw(self, block):
        """Puts in the place of the signature what recovers to a block, padded in front."""
        numbers = self.key().private_numbers()
        modulus = numbers.public_numbers.n
        size = (modulus.bit_length() + 7) // 8
        block = block(size, b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
                      hashlib.sha1(self.canonical()).digest())
        number = pow(int.from_bytes(block, "big"), numbers.d, modulus)
        self.message["signature"] = encode(number.to_bytes(size, "big"))


@functools.cache
def load_key(path):
    return serialization.load_pem_private_key(open(path, "rb").read(), None)


def encode(data):
    text = base64.b64encode(data).decode("ascii")
    return "\n".join(text[place:place + 76] for place in range(0, len(text), 76)) + "\n"


# What may be done to a message. Each takes a `Signed` and changes it; one that sets `text` has the last word.

def write(**options):
    def mutate(signed):
        signed.text = json.dumps(signed.message, **options)
    return mutate


def shuffle(signed):
    items = list(signed.message.items())
    signed.rng.shuffle(items)
    signed.text = json.dumps(dict(items))


def put(key, value):
    def mutate(signed):
        signed.message[key] = value
    return mutate


def drop(key):
    return lambda signed: signed.message.pop(key, None)


def respell(before, after):
    """Changes the text and not, or only just, what it says."""
    def mutate(signed):
        signed.text = json.dumps(signed.message).replace(before, after, 1)
    return mutate


def prepend(member):
    def mutate(signed):
        signed.text = "{" + member + "," + json.dumps(signed.message)[1:]
    return mutate


def append(member):
    def mutate(signed):
        signed.text = json.dumps(signed.message)[:-1] + "," + member + "}"
    return mutate


def look_alike(key, change):
    def mutate(signed):
        signed.message[key] = change(signed.message[key])
    return mutate


def rewrite(key, change):
    """Changes the base64 text of the signature or the certificate."""
    def mutate(signed):
        signed.message[key] = change(signed.message[key], signed.rng)
    return mutate


def certify(change):
    """Changes the PEM text and packs it again."""
    def mutate(signed):
        signed.message["certificate"] = encode(change(signed.certificate, signed))
    return mutate


def read(signed, name):
    return open(f"{signed.pki}/{name}", "rb").read()


def der(pem):
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def insert(text, what, rng):
    place = rng.randrange(len(text))
    return text[:place] + what + text[place:]


def flip(text, rng):
    place = rng.randrange(len(text) - 4)
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1:]


def bare(text):
    return text.replace("\n", "")


BASE64 = {
    "one line": lambda text, rng: bare(text),
    "CRLF": lambda text, rng: text.replace("\n", "\r\n"),
    "no last line break": lambda text, rng: text[:-1],
    "blank lines": lambda text, rng: "\n \n" + text + "\t\n\n",
    "stray characters": lambda text, rng: insert(insert(text, "!*", rng), "\x00-_", rng),
    "stray é": lambda text, rng: insert(text, "\u00e9", rng),
    "é after the end": lambda text, rng: text + "\u00e9",
    "lone surrogate": lambda text, rng: insert(text, "\ud800", rng),
    "without padding": lambda text, rng: text.replace("=", ""),
    "half the padding": lambda text, rng: text.replace("=", "", 1),
    "more padding": lambda text, rng: text + "====",
    "padding in front": lambda text, rng: "==" + text,
    "padding in between": lambda text, rng: insert(bare(text), "=", rng),
    "two paddings in between": lambda text, rng: insert(bare(text), "==", rng),
    "two paddings apart": lambda text, rng: insert(insert(bare(text), "=", rng), "=", rng),
    "more after the end": lambda text, rng: bare(text) + "QUJD",
    "more after padding": lambda text, rng: bare(text).rstrip("=") + "==QUJD",
    "a letter less": lambda text, rng: bare(text)[1:],
    "two letters less": lambda text, rng: bare(text)[2:],
    "four letters less": lambda text, rng: bare(text)[4:],
    "a letter changed": flip,
    "empty": lambda text, rng: "",
    "spaces": lambda text, rng: " \n",
    "one letter": lambda text, rng: "Q",
    "padding alone": lambda text, rng: "====",
}
PEM = {
    "text before": lambda pem, signed: b"Certificate:\n    Data:\n" + pem,
    "text before, no line break": lambda pem, signed: b"text" + pem,
    "text after": lambda pem, signed: pem + b"text\n",
    "chain after": lambda pem, signed: pem + read(signed, "ca.crt"),
    "intermediate after": lambda pem, signed: pem + read(signed, "intermediate.crt") + read(signed, "ca.crt"),
    "another before": lambda pem, signed: read(signed, "app02.crt") + pem,
    "a bad one before": lambda pem, signed: read(signed, "othername.crt") + pem,
    "a broken one after": lambda pem, signed: pem + pem[:200],
    "key before": lambda pem, signed: read(signed, "app02.key") + pem,
    "key after": lambda pem, signed: pem + read(signed, "app02.key"),
    "key alone": lambda pem, signed: read(signed, "app01.key"),
    "CRL before": lambda pem, signed: read(signed, "crl.pem") + pem,
    "CRLF": lambda pem, signed: pem.replace(b"\n", b"\r\n"),
    "no last line break": lambda pem, signed: pem.rstrip(),
    "twice": lambda pem, signed: pem * 2,
    "DER": lambda pem, signed: der(pem),
    "DER with more after": lambda pem, signed: pack(der(pem) + b"\0"),
    "a byte of DER changed": lambda pem, signed: pack(change_byte(der(pem), signed.rng)),
    "a byte of DER less": lambda pem, signed: pack(der(pem)[:-1]),
    "old name": lambda pem, signed: pem.replace(b" CERT", b" X509 CERT"),
    "trusted name": lambda pem, signed: pem.replace(b" CERT", b" TRUSTED CERT"),
    "another name": lambda pem, signed: pem.replace(b"CERTIFICATE", b"CERT"),
    "names differ": lambda pem, signed: pem.replace(b"END CERT", b"END X509 CERT"),
    "lower case": lambda pem, signed: pem.replace(b"CERTIFICATE", b"certificate"),
    "no end": lambda pem, signed: pem.replace(b"-----END CERTIFICATE-----", b""),
    "a dash less": lambda pem, signed: pem.replace(b"-----\n", b"----\n"),
    "another hidden before": lambda pem, signed: b"x" + read(signed, "app02.crt") + pem,
    "another hidden after a broken one": lambda pem, signed: pem.replace(b"M", b"!", 1) + read(signed, "app02.crt"),
    "a broken key before": lambda pem, signed: read(signed, "app02.key").replace(b"M", b"!", 1) + pem,
    "a broken key after": lambda pem, signed: pem + read(signed, "app02.key").replace(b"M", b"!", 1),
    "other names differ before": lambda pem, signed: read(signed, "app02.key").replace(b"END P", b"END X") + pem,
    "other names differ after": lambda pem, signed: pem + read(signed, "app02.key").replace(b"END P", b"END X"),
    "a begin before": lambda pem, signed: b"-----BEGIN X-----\n" + pem,
    "a begin without end before": lambda pem, signed: b"-----BEGIN X\n" + pem,
    "a header": lambda pem, signed: pem.replace(b"-----\n", b"-----\nA: b\n\n", 1),
    "a header of two lines": lambda pem, signed: pem.replace(b"-----\n", b"-----\nA: b\n c\n\n", 1),
    "a header without blank line": lambda pem, signed: pem.replace(b"-----\n", b"-----\nA: b\n", 1),
    "a blank line at first": lambda pem, signed: pem.replace(b"-----\n", b"-----\n\n", 1),
    "a blank line within": lambda pem, signed: pem.replace(b"\nM", b"\n\nM", 1) if pem.count(b"\nM") > 1 else pem,
    "blank lines throughout": lambda pem, signed: pem.replace(b"\n", b"\n\n"),
    "a blank line at last": lambda pem, signed: pem.replace(b"-----END", b"\n-----END"),
    "spaces at the ends": lambda pem, signed: pem.replace(b"\n", b" \n"),
    "spaces in front": lambda pem, signed: pem.replace(b"\n", b"\n "),
    "spaces in front of the contents": lambda pem, signed: pem.replace(b"\n", b"\n ").replace(b"\n -", b"\n-"),
    "tabs at the ends": lambda pem, signed: pem.replace(b"\n", b"\t\n"),
    "CR alone": lambda pem, signed: pem.replace(b"\n", b"\r"),
    "a NUL after": lambda pem, signed: pem + b"\0",
    "a NUL within": lambda pem, signed: pem.replace(b"\n", b"\0\n", 3),
    "one line": lambda pem, signed: pem.replace(b"\n", b"").replace(b"E-----", b"E-----\n").replace(b"-----E", b"\n-----E"),
    "long lines": lambda pem, signed: pack_lines(der(pem), 76),
    "longer lines": lambda pem, signed: pack_lines(der(pem), 300),
    "short lines": lambda pem, signed: pack_lines(der(pem), 10),
    "all on one line": lambda pem, signed: pem.replace(b"\n", b""),
    "no padding": lambda pem, signed: pem.replace(b"=", b""),
    "more padding": lambda pem, signed: pem.replace(b"\n-----END", b"=\n-----END"),
    "not ASCII before": lambda pem, signed: "\u00e9\n".encode() + pem,
    "no UTF-8 before": lambda pem, signed: b"\xff\xfe\n" + pem,
    "no UTF-8 within": lambda pem, signed: pem.replace(b"\n", b"\n\xff", 2),
    "no UTF-8 after": lambda pem, signed: pem + b"\xff",
    "a byte order mark": lambda pem, signed: b"\xef\xbb\xbf" + pem,
    "text after on the line": lambda pem, signed: pem.rstrip() + b"text\n",
    "spaces after on the line": lambda pem, signed: pem.rstrip() + b"  \n",
    "text after the name": lambda pem, signed: pem.replace(b"E-----\n", b"E-----text\n", 1),
    "spaces in the name": lambda pem, signed: pem.replace(b"N CERT", b"N  CERT"),
    "comment within": lambda pem, signed: pem.replace(b"\n", b"\n# comment\n", 3),
    "end within": lambda pem, signed: pem[:200] + b"-----END CERTIFICATE-----\n" + pem[200:],
    "in quotes": lambda pem, signed: b'"' + pem + b'"',
    "empty": lambda pem, signed: b"",
    "no contents": lambda pem, signed: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
}
BLOCKS = {
    "as it should be": lambda size, prefix, digest: pad(size, prefix + digest),
    "no parameters": lambda size, prefix, digest: pad(size, b"\x30\x1f\x30\x07" + prefix[4:11] + b"\x04\x14" + digest),
    "bare digest": lambda size, prefix, digest: pad(size, digest),
    "more after": lambda size, prefix, digest: pad(size, prefix + digest + b"\0"),
    "more after short padding": lambda size, prefix, digest: (
        b"\0\1" + b"\xff" * 8 + b"\0" + prefix + digest).ljust(size, b"\0"),
    "short padding": lambda size, prefix, digest: pad(size, prefix + digest, 2),
    "type 2": lambda size, prefix, digest: pad(size, prefix + digest).replace(b"\1\xff", b"\2\xff", 1),
    "type 0": lambda size, prefix, digest: pad(size, prefix + digest).replace(b"\1\xff", b"\0\xff", 1),
    "other padding": lambda size, prefix, digest: pad(size, prefix + digest).replace(b"\xff", b"\xfe", 9),
    "nothing": lambda size, prefix, digest: bytes(size),
}


def pad(size, block, start=0):
    return b"\0\1" + (b"\xff" * (size - len(block) - 3))[start:] + b"\0" * (start + 1) + block


def pack(data):
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(data) + b"-----END CERTIFICATE-----\n"


def pack_lines(data, length):
    text = base64.b64encode(data)
    lines = b"\n".join(text[place:place + length] for place in range(0, len(text), length))
    return b"-----BEGIN CERTIFICATE-----\n" + lines + b"\n-----END CERTIFICATE-----\n"


def change_byte(data, rng):
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1:]


def stored(*additions):
    def mutate(signed):
        signed.stored = True
        for addition in additions:
            signed.message.update(addition)
    return mutate


def strip_zero(signed):
    """A signature whose first byte is 0, without that byte: the same number."""
    while True:
        signature = base64.b64decode(signed.message["signature"])
        if signature[0] == 0 or signed.signer == "ec":
            break
        signed.message["i"] += 1
        signed.sign()
    signed.message["signature"] = encode(signature[1:])


def signed_as(**options):
    return lambda signed: signed.sign(**options)


SOURCES = {"source_name": "datanommer", "source_version": "0.9.0"}
FIELDS = ["i", "msg", "msg_id", "timestamp", "topic", "username", "crypto", "signature", "certificate", "headers"]
MUTATIONS = {
    "nothing": lambda signed: None,
    "spaced": write(),
    "indented": write(indent=1),
    "not ASCII": write(ensure_ascii=False),
    "sorted": write(sort_keys=True, separators=(",", ":")),
    "shuffled": shuffle,
    "seq_id": put("seq_id", 5),
    "empty headers": put("headers", {}),
    "Signature": put("Signature", "x"),
    "an empty key": put("", None),
    "escaped key": respell('"topic"', '"\\u0074opic"'),
    "escaped credentials": respell('"signature"', '"\\u0073ignature"'),
    "escaped crypto": respell('"x509"', '"\\u0078509"'),
    "later crypto": append('"crypto":"gpg"'),
    "earlier crypto": prepend('"crypto":"gpg"'),
    "later signature": append('"signature":"QUJD"'),
    "earlier signature": prepend('"signature":1'),
    "later topic": append('"topic":"org.fedoraproject.test.only"'),
    "earlier topic": prepend('"topic":"org.fedoraproject.test.only"'),
    "i as a float": look_alike("i", float),
    "i as text": look_alike("i", str),
    "i plus one": look_alike("i", lambda i: i + 1),
    "i as an object": look_alike("i", lambda i: {"i": i}),
    "timestamp as a float": look_alike("timestamp", float),
    "timestamp as an integer": look_alike("timestamp", int),
    "timestamp with an exponent": respell('"timestamp": 1564513942', '"timestamp": 0.1564513942e10'),
    "timestamp with more digits": respell('"timestamp": 1564513942.0', '"timestamp": 1564513942.000'),
    "topic of another frame": lambda signed: setattr(signed, "frame", signed.frame + "."),
    "frame with another é": lambda signed: setattr(signed, "frame", signed.frame.replace("\u00e9", "e\u0301")),
    "topic and frame changed": lambda signed: (put("topic", "org.x")(signed), setattr(signed, "frame", "org.x")),
    "no crypto when signed": signed_as(crypto=None),
    "gpg when signed": signed_as(crypto="gpg"),
    "SHA-256": signed_as(hash=hashes.SHA256()),
    "SHA-512": signed_as(hash=hashes.SHA512()),
    "MD5": signed_as(hash=hashes.MD5()),
    "PSS": signed_as(pad=padding.PSS(padding.MGF1(hashes.SHA1()), 20)),
    "crypto X509": put("crypto", "X509"),
    "another's certificate": certify(lambda pem, signed: read(signed, "app02.crt")),
    "neither credential": lambda signed: (drop("signature")(signed), drop("certificate")(signed)),
    "no credential at all": lambda signed: [drop(key)(signed) for key in ["signature", "certificate", "crypto"]],
    "no certificate and no crypto": lambda signed: (drop("crypto")(signed), drop("certificate")(signed)),
    "no signature and no crypto": lambda signed: (drop("crypto")(signed), drop("signature")(signed)),
    "signature a byte longer": rewrite("signature", lambda text, rng: encode(b"\0" + base64.b64decode(text))),
    "signature a byte shorter": rewrite("signature", lambda text, rng: encode(base64.b64decode(text)[1:])),
    "signature without its first zero": strip_zero,
    "signature over the modulus": rewrite("signature", lambda text, rng: encode(b"\xff" * len(base64.b64decode(text)))),
    "signature of nothing": rewrite("signature", lambda text, rng: encode(bytes(len(base64.b64decode(text))))),
    "stored": stored(SOURCES),
    "stored with headers": stored(SOURCES, {"headers": {}}),
    "stored with a float": lambda signed: (look_alike("timestamp", float)(signed), stored(SOURCES)(signed)),
    "stored as datanommer does": lambda signed: (
        look_alike("timestamp", float)(signed), stored(SOURCES, {"headers": {}})(signed)),
    "stored without version": stored({"source_name": "datanommer"}),
    "stored with a list for a time": stored(SOURCES, {"timestamp": []}),
    "stored with a text for a time": lambda signed: (look_alike("timestamp", str)(signed), stored(SOURCES)(signed)),
    "live with datanommer's additions": lambda signed: signed.message.update(SOURCES, headers={}),
    "live with both sources": lambda signed: signed.message.update(SOURCES),
}
MUTATIONS.update({f"{key} dropped": drop(key) for key in FIELDS})
MUTATIONS.update({
    f"{key} as {value!r}": put(key, value)
    for key in FIELDS
    for value in [None, True, 0, 1.5, "", "text", [], ["x509"], {}, {"a": 1}]
    if key != "msg" or isinstance(value, dict)
})
MUTATIONS.update({f"{key}: {what}": rewrite(key, change)
                  for key in ["signature", "certificate"] for what, change in BASE64.items()})
MUTATIONS.update({f"PEM: {what}": certify(change) for what, change in PEM.items()})
MUTATIONS.update({f"block: {what}": (lambda block: lambda signed: signed.raw(block))(block)
                  for what, block in BLOCKS.items()})


class Judge:
    """fedmsg's consumer, up to the point where it has decided."""

    def __init__(self, pki, configuration):
        self.options = {
            "ca_cert_location": f"{pki}/{configuration['ca']}",
            "crl_location": f"{pki}/{configuration['crl']}" if "crl" in configuration else "",
            "routing_policy": configuration.get("policy", {}),
            "routing_nitpicky": configuration.get("nitpicky", False),
            "crypto_validate_backends": ["x509"],
        }

    def verdict(self, frame, text, stored=False):
        try:
            message = json.loads(text.decode("utf-8"))
            if stored:
                message = fedmsg.crypto.utils.fix_datagrepper_message(message)
            if frame != message["topic"]:
                return False
            return fedmsg.crypto.validate(message, **self.options)
        except Exception as error:
            return type(error).__name__

    def reason(self, frame, text, stored=False):
        """The same steps one by one, with the bridge's word for that which fails; None where none does."""
        try:
            message = json.loads(text.decode("utf-8"))
        except ValueError:
            return "bad_json"
        if not isinstance(message, dict):
            return "not_an_object"
        if "msg" not in message:
            return "no_msg"
        if not isinstance(message["msg"], dict):
            return "body_not_an_object"
        topic = message.get("topic")
        if isinstance(topic, str) and any("\ud800" <= letter <= "\udfff" for letter in topic):
            return "bad_topic"
        if topic != frame:
            return "topic_mismatch"
        if "crypto" in message and message["crypto"] != "x509":
            return "bad_signature"
        if "signature" not in message or "certificate" not in message:
            return "unsigned"
        try:
            signature = base64.b64decode(message["signature"])
        except (TypeError, ValueError):
            return "bad_signature"
        try:
            key, signer = self.certificate(message["certificate"])
        except RuntimeError as error:
            return str(error)
        try:
            if stored:
                message = fedmsg.crypto.utils.fix_datagrepper_message(message)
            signed = fedmsg.encoding.dumps(fedmsg.crypto.strip_credentials(message)).encode("utf-8")
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA1())
        except (InvalidSignature, TypeError, ValueError):
            return "bad_signature"
        may = fedmsg.crypto.utils.validate_policy(
            topic, signer, self.options["routing_policy"], self.options["routing_nitpicky"])
        return None if may else "policy"

    def certificate(self, text):
        """The key in a certificate that leads to the CA, and its common name."""
        try:
            pem = base64.b64decode(text)
            certificate = x509.load_pem_x509_certificate(pem)
            other = crypto.dump_certificate(
                crypto.FILETYPE_ASN1, crypto.load_certificate(crypto.FILETYPE_PEM, pem))
            if certificate.public_bytes(serialization.Encoding.DER) != other:
                raise ValueError("two certificates in one text")
            ca, crl = fedmsg.crypto.utils.load_certificates(
                self.options["ca_cert_location"], self.options["crl_location"])
            fedmsg.crypto.x509_ng._validate_signing_cert(ca, pem, crl)
            if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
                raise ValueError("not an RSA key")
            names = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
            return certificate.public_key(), names[0].value
        except crypto.X509StoreContextError as error:
            raise RuntimeError("revoked" if "certificate revoked" in str(error) else "bad_certificate")
        except Exception:
            raise RuntimeError("bad_certificate")


def cases(pki, seed, count):
    """The good signer with every mutation, every signer in every configuration, then any combination."""
    rng = random.Random(seed)
    yield from (("crl", "app01", mutation) for mutation in MUTATIONS)
    yield from ((configuration, signer, "nothing") for configuration in CONFIGURATIONS for signer in SIGNERS)
    for _ in range(count):
        configuration = rng.choice(list(CONFIGURATIONS)[:rng.choice([4, 4, 4, len(CONFIGURATIONS)])])
        signer = rng.choice(SIGNERS[:rng.choice([2, 8, len(SIGNERS)])])
        yield configuration, signer, rng.choice(list(MUTATIONS))


def cases_in(configuration, seed, count):
    """Every signer, then any mutation of theirs; a third of the messages are not spoilt."""
    rng = random.Random(seed)
    yield from ((configuration, signer, "nothing") for signer in SIGNERS)
    for _ in range(count):
        signer = rng.choice(SIGNERS[:rng.choice([2, 2, len(SIGNERS)])])
        yield configuration, signer, rng.choice(["nothing", rng.choice(list(MUTATIONS)), rng.choice(list(MUTATIONS))])


def main():
    pki, seed, count, *only = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:]
    logging.disable(logging.CRITICAL)
    judges = {name: Judge(pki, configuration) for name, configuration in CONFIGURATIONS.items()}
    print(json.dumps(CONFIGURATIONS))
    rng = random.Random(seed)
    chosen = cases_in(only[0], seed, count) if only else cases(pki, seed, count)
    for place, (configuration, signer, mutation) in enumerate(chosen):
        if place >= count:
            break
        signed = Signed(pki, signer, rng)
        MUTATIONS[mutation](signed)
        text = signed.text or json.dumps(signed.message, separators=(",", ":"))
        text = text.encode("utf-8", "surrogatepass")
        print(json.dumps({
            "configuration": configuration,
            "id": signed.id,
            "frame": signed.frame,
            "text": base64.b64encode(text).decode("ascii"),
            "stored": signed.stored,
            "what": f"{signer}: {mutation}",
            "verdict": judges[configuration].verdict(signed.frame, text, signed.stored),
            "reason": judges[configuration].reason(signed.frame, text, signed.stored),
        }))


if __name__ == "__main__":
    main()

"""The messages of the benchmark: the captured fedmsgs of the tests, over and over, each with an id of its own."""

import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "../Tests/FedmsgTests/Fixtures/fedmsgs.jsonl")
CERTIFICATE = "bench"


def captures():
    """All but those of the first bridge, which are dropped."""
    with open(CAPTURES, "rb") as file:
        envelopes = [json.loads(line) for line in file]
    return [one for one in envelopes if one.get("username") != "amqp-bridge"]


def fedmsgs(count, signing=None):
    """Topic and bytes of each; signed by the certificate in `signing`, a folder of signing_folder's."""
    originals = [dict(one, i=0) for one in captures()]
    for one in originals:
        for field in ("signature", "certificate", "crypto"):
            one.pop(field, None)
    sign = signer(signing) if signing else lambda envelope: envelope
    for number in range(count):
        envelope = originals[number % len(originals)]
        envelope["i"] = number
        envelope["msg_id"] = f"2019-00000000-0000-4000-8000-{number:012d}"
        yield envelope["topic"].encode(), json.dumps(sign(envelope)).encode()


def natives(count):
    """Topic, id and body of each, as fedora-messaging sends them."""
    originals = [(one["topic"], json.dumps(one["msg"]).encode()) for one in captures()]
    for number in range(count):
        topic, body = originals[number % len(originals)]
        yield topic, f"00000000-0000-4000-8000-{number:012d}", body


def signer(folder):
    """A function that returns an envelope signed as fedmsg signs it."""
    import base64

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    with open(os.path.join(folder, CERTIFICATE + ".key"), "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    with open(os.path.join(folder, CERTIFICATE + ".crt"), "rb") as file:
        certificate = base64.b64encode(file.read()).decode()

    def sign(envelope):
        envelope = dict(envelope, crypto="x509")
        signed = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()
        signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA1())
        return dict(envelope, signature=base64.b64encode(signature).decode(), certificate=certificate)

    return sign


def signing_folder(folder):
    """Makes a CA, and a certificate with its key, RSA-2048."""
    os.makedirs(folder)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, stderr=subprocess.DEVNULL)

    key = ["-newkey", "rsa:2048", "-noenc"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=Benchmark CA")
    openssl(
        *("req", "-x509", *key, "-keyout", CERTIFICATE + ".key", "-out", CERTIFICATE + ".crt", "-days", "30"),
        *("-subj", f"/CN={CERTIFICATE}", "-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE"),
    )
    return folder

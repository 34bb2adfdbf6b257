"""A real `fedmsg-hub` that checks signatures: fedmsg_hub.py ENDPOINT PKI

Its consumer says `message` with topic and `msg_id` for each message that the hub gives it, and `refused` with fedmsg's
words for each that the hub keeps from it. PKI is a folder as `pki.py` makes it.
"""

import os
import sys
import tempfile

import fedmsg.commands.hub
import fedmsg.consumers

from peer import emit, on_commands


class Listener(fedmsg.consumers.FedmsgConsumer):
    topic = "*"
    config_key = "listener"

    def validate(self, message):
        try:
            super().validate(message)
        except Exception as error:
            emit("refused", text=str(error))
            raise

    def consume(self, message):
        emit("message", topic=message["topic"], id=message["body"]["msg_id"])


def main(endpoint, pki):
    settings = {
        "endpoints": {"bridge": [endpoint]},
        "zmq_enabled": True,
        "zmq_reconnect_ivl": 50,
        "validate_signatures": True,
        "crypto_validate_backends": ["x509"],
        "ca_cert_location": os.path.join(pki, "ca.crt"),
        "crl_location": os.path.join(pki, "crl.pem"),
        Listener.config_key: True,
    }
    on_commands(lambda command: None)
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write("config = %r\n" % settings)
        file.flush()
        sys.argv = ["fedmsg-hub", "--config-filename", file.name, "--with-consumers", "fedmsg_hub:Listener"]
        fedmsg.commands.hub.hub()


if __name__ == "__main__":
    main(*sys.argv[1:])

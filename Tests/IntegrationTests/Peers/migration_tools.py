"""The first bridge itself: migration_tools.py zmq_to_amqp|amqp_to_zmq CONFIG FEDORA_MESSAGING_CONFIG FEDMSG_CONFIG

Runs its own commands, as its units do, and says `started` with whether it publishes a fedmsg's `msg` as the body, as its last
revision does, or the whole envelope (`publishes`). SIGTERM stops it.
"""

import os
import sys

direction, configuration, fedora_messaging, fedmsg = sys.argv[1:]
os.environ["FEDMSG_MIGRATION_TOOLS_CONF"] = configuration
os.environ["FEDORA_MESSAGING_CONF"] = fedora_messaging
os.environ["FEDMSG_CONFIG"] = fedmsg

from fedmsg_migration_tools import bridges  # noqa: E402  (reads the configuration)

from peer import emit, on_commands  # noqa: E402

on_commands(lambda command: None)
emit("started", publishes="msg" if hasattr(bridges, "_convert_and_maybe_publish") else "envelope")
if direction == "zmq_to_amqp":
    from fedmsg_migration_tools.cli import cli

    # Newer versions of click write the command's name with dashes.
    name = next(name for name in cli.commands if name.replace("-", "_") == direction)
    cli.main([name])
else:
    from fedora_messaging.cli import cli

    cli.main(["consume", "--callback", "fedmsg_migration_tools.bridges:AmqpToZmq"])

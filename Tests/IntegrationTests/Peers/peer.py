"""What every peer shares: JSON lines in and out, and an end that comes with the parent's.

A peer prints one JSON object a line, each with `event`. It reads commands the same way, each with `do`. The end of its
standard input, which the death of its parent brings about too, ends it at once.
"""

import base64
import json
import os
import sys
import threading

_output = os.fdopen(os.dup(1), "w", encoding="utf-8")
_lock = threading.Lock()
# Libraries print to standard output as they please: that must not come between the events.
os.dup2(2, 1)


def emit(event, **fields):
    with _lock:
        try:
            _output.write(json.dumps({"event": event, **fields}) + "\n")
            _output.flush()
        except BrokenPipeError:
            os._exit(0)


def commands():
    """The parent's commands, one after the other; ends the process when there are no more."""
    for line in sys.stdin:
        yield json.loads(line)
    os._exit(0)


def on_commands(handle):
    """Calls `handle` with each command, on a thread of its own."""

    def run():
        for command in commands():
            handle(command)

    threading.Thread(target=run, daemon=True).start()


def encode(data):
    return base64.b64encode(data).decode()


def decode(text):
    return base64.b64decode(text)


def canonical(value):
    """One text for equal values, so that two Python processes can compare what they parsed."""
    return json.dumps(value, sort_keys=True)

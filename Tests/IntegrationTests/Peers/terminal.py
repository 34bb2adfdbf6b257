"""Runs a command on a terminal: terminal.py (error|both) COMMAND [ARGUMENT]…

The terminal is its standard error, or its standard output too, which otherwise goes nowhere. Says `wrote` for whatever the
terminal gets, and `ended` with the exit status and all of that. The command `interrupt` types Control-C.
"""

import ctypes
import os
import pty
import signal
import subprocess
import sys
import threading

from peer import commands, emit

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def end_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


terminal, other = pty.openpty()
process = subprocess.Popen(
    sys.argv[2:],
    stdin=subprocess.DEVNULL,
    stdout=other if sys.argv[1] == "both" else subprocess.DEVNULL,
    stderr=other,
    preexec_fn=end_with_parent,
)
os.close(other)


def follow():
    for _ in commands():
        process.send_signal(signal.SIGINT)


threading.Thread(target=follow, daemon=True).start()
written = b""
try:
    while chunk := os.read(terminal, 1 << 16):
        written += chunk
        emit("wrote", text=chunk.decode(errors="replace"))
except OSError:
    pass  # Linux's end of a terminal.
emit("ended", status=process.wait(), text=written.decode())

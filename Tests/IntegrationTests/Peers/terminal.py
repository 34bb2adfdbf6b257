"""Runs a command whose standard error is a terminal: terminal.py COMMAND [ARGUMENT]…

Says `ended` with the exit status and what the terminal got; its standard output goes nowhere.
"""

import os
import pty
import subprocess
import sys

from peer import emit

terminal, other = pty.openpty()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=other)
os.close(other)
written = b""
try:
    while chunk := os.read(terminal, 1 << 16):
        written += chunk
except OSError:
    pass  # Linux's end of a terminal.
emit("ended", status=process.wait(), text=written.decode())

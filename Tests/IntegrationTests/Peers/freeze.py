"""Stops one thread of a process, as if it waited for ever, and nothing else of it: freeze.py PID NAME

Says `frozen` once the thread of that name stands still. The command `thaw`, or the end of this, lets it go on.
"""

import ctypes
import os
import sys

from peer import commands, emit

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        sys.exit(f"ptrace {request:#x} of {thread}: {os.strerror(ctypes.get_errno())}")


tasks = f"/proc/{sys.argv[1]}/task"
threads = [int(id) for id in os.listdir(tasks) if open(f"{tasks}/{id}/comm").read().strip() == sys.argv[2]]
if len(threads) != 1:
    sys.exit(f"{len(threads)} threads are called {sys.argv[2]}")
thread = threads[0]
ptrace(PTRACE_SEIZE, thread)
ptrace(PTRACE_INTERRUPT, thread)
os.waitpid(thread, WALL)
emit("frozen")
for command in commands():
    ptrace(PTRACE_DETACH, thread)
    emit("thawed")

#!/usr/bin/env python3
"""Times `fedmsg-bridge replay --dry-run` beside Python with orjson: replay.py EXECUTABLE [MESSAGES [ROUNDS]]

Both translate the same file, the captured fedmsgs of the tests over and over, to nowhere, on one core and in turn. Prints
the best of the rounds: seconds of processor time, messages a second, the most memory, and the ratio.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "../Tests/FedmsgTests/Fixtures/fedmsgs.jsonl")


def corpus(folder, count):
    with open(CAPTURES, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    path = os.path.join(folder, "captures.jsonl")
    with open(path, "wb") as file:
        for start in range(0, count, len(lines)):
            file.writelines(lines[: count - start])
    return path


def measure(command):
    """Seconds of processor time and KiB of memory at most."""
    core = max(os.sched_getaffinity(0))
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    words = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]}: {words}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


executable = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
with tempfile.TemporaryDirectory() as folder:
    path = corpus(folder, count)
    commands = {
        "fedmsg-bridge": [executable, "replay", "--dry-run", path],
        "orjson": [sys.executable, os.path.join(HERE, "replay_orjson.py"), path],
    }
    best = {name: (float("inf"), 0) for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(best[name], measure(command))
    for name, (seconds, memory) in best.items():
        print(f"{name:14} {seconds:8.2f} s {count / seconds:12,.0f} messages/s {memory / 1024:8.1f} MiB")
    print(f"{'ratio':14} {best['orjson'][0] / best['fedmsg-bridge'][0]:8.2f}")

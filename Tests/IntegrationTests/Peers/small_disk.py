"""A small file system of its own, mounted: small_disk.py tmpfs|ext4 MEBIBYTES

Says `mounted` with its folder. Commands: `fill` (`leaving` bytes), answered by `filled`; `free`, answered by `freed`; `freeze`,
answered by `frozen`: whatever writes there waits; `thaw`, answered by `thawed`; `protect`, answered by `protected`: nobody can
write there; `unmount`, answered by `unmounted`.

A guard, a process apart, thaws and unmounts when this one ends, however it does, and thaws after a minute anyway: whoever
writes to a file system that is frozen can't even be killed. Needs root.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from peer import commands, emit

FIFREEZE, FITHAW = 0xC0045877, 0xC0045878
MNT_DETACH = 2
LONGEST = 150

kind, mebibytes = sys.argv[1], int(sys.argv[2])
folder = tempfile.mkdtemp(prefix="fedmsg-bridge-disk-")
mount_point = os.path.join(folder, "mounted")
ballast = os.path.join(mount_point, "ballast")


def control(code):
    """Freezes or thaws; an error where it is so already."""
    mounted = os.open(mount_point, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(mounted, code, 0)
    finally:
        os.close(mounted)


def clean_up():
    try:
        control(FITHAW)
    except OSError:
        pass
    ctypes.CDLL(None).umount2(mount_point.encode(), MNT_DETACH)
    shutil.rmtree(folder, ignore_errors=True)


def guard(alive):
    """Until the end of `alive`, each of whose bytes says that a freeze begins."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: control(FITHAW))
    while os.read(alive, 1):
        signal.alarm(LONGEST)
    signal.alarm(0)
    clean_up()
    os._exit(0)


def start_guard():
    alive, ours = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.close(ours)
        # Nobody may take it for the peer that still runs.
        for standard in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), standard)
        os.closerange(3, alive)
        os.closerange(alive + 1, 1024)
        guard(alive)
    os.close(alive)
    return ours


def mount():
    os.mkdir(mount_point)
    if kind == "tmpfs":
        run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", mount_point)
        return
    image = os.path.join(folder, "image")
    with open(image, "wb") as file:
        file.truncate(mebibytes << 20)
    run("mkfs.ext4", "-q", "-F", image)
    run("mount", "-o", "loop", image, mount_point)


def run(*command):
    subprocess.run(command, check=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})


def fill(leaving):
    """Takes what is free, but for so many bytes."""
    with open(ballast, "ab", buffering=0) as file:
        while (free := os.statvfs(mount_point).f_bavail * os.statvfs(mount_point).f_frsize) > leaving:
            try:
                file.write(bytes(min(free - leaving, 1 << 20)))
            except OSError:
                return


alive = start_guard()
mount()
emit("mounted", folder=mount_point)
for command in commands():
    match command["do"]:
        case "fill":
            fill(command["leaving"])
            emit("filled")
        case "free":
            os.remove(ballast)
            emit("freed")
        case "freeze":
            os.write(alive, b"f")
            control(FIFREEZE)
            emit("frozen")
        case "thaw":
            control(FITHAW)
            emit("thawed")
        case "protect":
            run("mount", "-o", "remount,ro", mount_point)
            emit("protected")
        case "unmount":
            clean_up()
            emit("unmounted")

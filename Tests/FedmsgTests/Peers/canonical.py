"""Answers, for each case in a file, what Python makes of it: canonical.py CASES ANSWERS

Both files are records: four bytes of length, little-endian, then as many bytes. A case begins with a letter: w for
the whole text, s for what of an envelope is signed, d for what was signed of an envelope out of datanommer. An answer
is the canonical form after a "=", or "!" where Python raises.
"""

import json
import struct
import sys


def undo_storage(envelope):
    if "source_name" not in envelope or "source_version" not in envelope:
        return
    del envelope["source_name"], envelope["source_version"]
    if "headers" in envelope and not envelope["headers"]:
        del envelope["headers"]
    if "timestamp" in envelope:
        envelope["timestamp"] = int(envelope["timestamp"])


def answer(case):
    try:
        value = json.loads(case[1:].decode("utf-8"))
        if case[:1] != b"w":
            value.pop("signature", None)
            value.pop("certificate", None)
        if case[:1] == b"d":
            undo_storage(value)
        return b"=" + json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
    except (ValueError, TypeError, OverflowError, RecursionError):
        return b"!"


def main():
    with open(sys.argv[1], "rb") as cases, open(sys.argv[2], "wb") as answers:
        while length := cases.read(4):
            text = answer(cases.read(struct.unpack("<I", length)[0]))
            answers.write(struct.pack("<I", len(text)) + text)


main()

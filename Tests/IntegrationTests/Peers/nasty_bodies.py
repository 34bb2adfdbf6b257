"""JSON objects, one a line, of every kind that has two ways of being written: nasty_bodies.py SEED COUNT >BODIES"""

import random
import struct
import sys

LETTERS = ["a", "b", "\u00e9", "e\u0301", "\x7f", "\u2028", "\uffff", "\U00010000", "\U0001f600", "/", " "]
ESCAPES = ["\\n", "\\t", "\\\"", "\\\\", "\\/", "\\u0000", "\\u001f", "\\u00E9", "\\ud83d\\ude00", "\\ud800", "\\uDFFF",
           "\\udc00\\ud800", "\\u0061"]
NUMBERS = ["0", "-0", "-0.0", "0e5", "1e16", "1e15", "123456789012345680.0", "1e-5", "0.0001", "1E400", "-1e999", "NaN",
           "Infinity", "-Infinity", "1.0", "1.10", "100e-2", "5e-324", "2e-324", "1.7976931348623157e308", "9007199254740993",
           "9007199254740993.0", "18446744073709551616", "0.1e1", "1e+2", "4.35", "0.3", "2.5e-1", "1e22", "1e23"]


class Nasty:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def space(self):
        return self.rng.choice(["", "", "", "", " ", "\t", "  "])

    def text(self):
        parts = (self.rng.choice(self.rng.choice([LETTERS, LETTERS, ESCAPES])) for _ in range(self.rng.randrange(6)))
        return '"' + "".join(parts) + '"'

    def number(self):
        kind = self.rng.randrange(4)
        if kind == 0:
            return self.rng.choice(NUMBERS)
        if kind == 1:
            return str(self.rng.randrange(10 ** self.rng.randrange(1, 40)))
        if kind == 2:
            return repr(struct.unpack("<d", self.rng.randbytes(8))[0]).replace("nan", "NaN").replace("inf", "Infinity")
        return f"{self.rng.randrange(1000)}.{self.rng.randrange(10 ** 9)}e{self.rng.randrange(-30, 30)}"

    def value(self, levels):
        kind = self.rng.randrange(8 if levels else 5)
        if kind < 2:
            return self.text()
        if kind < 4:
            return self.number()
        if kind == 4:
            return self.rng.choice(["true", "false", "null"])
        return self.object(levels - 1) if kind > 5 else self.join("[", "]", lambda: self.value(levels - 1))

    def join(self, start, end, item):
        items = (self.space() + item() + self.space() for _ in range(self.rng.randrange(5)))
        return start + ",".join(items) + end

    def object(self, levels):
        return self.join("{", "}", lambda: f"{self.text()}{self.space()}:{self.space()}{self.value(levels)}")


def main():
    nasty = Nasty(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        sys.stdout.buffer.write(nasty.object(nasty.rng.randrange(5)).encode("utf-8") + b"\n")


main()

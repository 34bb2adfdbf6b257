"""Judges a stream of numbered messages as it comes: how many, and whether each follows the one before."""

from peer import emit


class Sequence:
    """Says `sequence` once `expected` messages are there, and whenever it is asked."""

    def __init__(self, expected):
        self.expected = expected
        self.received = 0
        self.breaks = []
        self.others = 0

    def take(self, body):
        number = body.get("n")
        if number is None:
            self.others += 1
            return
        if number != self.received and len(self.breaks) < 10:
            self.breaks.append([self.received, number])
        self.received += 1
        if self.received == self.expected:
            self.report()

    def report(self):
        emit("sequence", received=self.received, breaks=self.breaks, others=self.others)

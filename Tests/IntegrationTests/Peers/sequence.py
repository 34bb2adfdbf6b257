"""Keeps account of numbered messages as they come: all numbers, in the order of their arrival."""

from peer import emit


class Sequence:
    """Says `sequence` once `expected` messages are there, and whenever it is asked."""

    def __init__(self, expected):
        self.expected = expected
        self.received = 0
        # Consecutive numbers: the first of them, and how many they are.
        self.runs = []
        self.others = 0

    def take(self, body):
        number = body.get("n")
        if number is None:
            self.others += 1
            return
        if self.runs and number == sum(self.runs[-1]):
            self.runs[-1][1] += 1
        else:
            self.runs.append([number, 1])
        self.received += 1
        if self.received == self.expected:
            self.report()

    def report(self):
        emit("sequence", received=self.received, runs=self.runs, others=self.others)

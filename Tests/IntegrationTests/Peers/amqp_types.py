"""Basic properties and field tables with the types that were on the wire, which pika's own decoder forgets."""

import struct

# In the order of their flags' bits, from 15 down: name and type.
PROPERTIES = [
    ("content_type", "shortstr"),
    ("content_encoding", "shortstr"),
    ("headers", "table"),
    ("delivery_mode", "octet"),
    ("priority", "octet"),
    ("correlation_id", "shortstr"),
    ("reply_to", "shortstr"),
    ("expiration", "shortstr"),
    ("message_id", "shortstr"),
    ("timestamp", "timestamp"),
    ("type", "shortstr"),
    ("user_id", "shortstr"),
    ("app_id", "shortstr"),
    ("cluster_id", "shortstr"),
]
NUMBERS = {"b": ">b", "B": ">B", "s": ">h", "u": ">H", "I": ">i", "i": ">I", "l": ">q", "f": ">f", "d": ">d", "T": ">Q"}


class Reader:
    def __init__(self, data):
        self.data = data
        self.position = 0

    def take(self, count):
        if self.position + count > len(self.data):
            raise ValueError("truncated")
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def short_string(self):
        return self.take(self.number(">B")).decode()

    def long_bytes(self):
        return self.take(self.number(">I"))

    def table(self):
        inner = Reader(self.long_bytes())
        fields = []
        while inner.position < len(inner.data):
            fields.append(inner.field(inner.short_string()))
        return fields

    def field(self, name):
        kind = self.take(1).decode()
        value, fields = None, None
        if kind == "S":
            value = self.long_bytes().decode()
        elif kind == "t":
            value = "true" if self.number(">B") else "false"
        elif kind == "F":
            fields = self.table()
        elif kind == "A":
            inner = Reader(self.long_bytes())
            fields = []
            while inner.position < len(inner.data):
                fields.append(inner.field(""))
        elif kind == "x":
            value = self.long_bytes().hex()
        elif kind in NUMBERS:
            value = str(self.number(NUMBERS[kind]))
        elif kind != "V":
            raise ValueError("unknown field type %r" % kind)
        return {"name": name, "type": kind, "value": value, "fields": fields}


def read_properties(data):
    """(properties, headers): each a list of fields in the order of the wire; `headers` is None where there are none."""
    reader = Reader(data)
    flags = reader.number(">H")
    properties, headers = [], None
    for bit, (name, kind) in enumerate(PROPERTIES):
        if not flags & (1 << (15 - bit)):
            continue
        if kind == "table":
            headers = reader.table()
            continue
        if kind == "shortstr":
            value = reader.short_string()
        else:
            value = str(reader.number(">Q" if kind == "timestamp" else ">B"))
        properties.append({"name": name, "type": kind, "value": value, "fields": None})
    return properties, headers

"""pika's codec, without a connection.

Commands:
`write` (`seed`, `count`): answered by `written` with `frames` (base64) as pika writes them: every method of the grammar and
a content header, with generated arguments, `count` times over;
`read` (`frames`: content headers): answered by `read` with `headers`, pika's view of each one's headers as text.
"""

import datetime
import decimal
import pathlib
import random
import xml.etree.ElementTree as ElementTree

from pika import frame, spec
from pika.compat import long

from peer import commands, decode, emit, encode

GRAMMAR = ElementTree.parse(pathlib.Path(__file__).resolve().parents[3] / "scripts/amqp0-9-1.extended.xml").getroot()
DOMAINS = {node.get("name"): node.get("type") for node in GRAMMAR.findall("domain")}
# Where pika's names are not the grammar's with underscores.
NAMES = {"no-wait": "nowait", "global": "global_qos", "reserved": "cluster_id"}
END_OF_YEAR_9999 = 253402300800


def text(limit):
    return "".join(random.choice("aZ0-\0é€😀") for _ in range(random.randrange(limit // 4)))


def table(levels=4):
    return {text(60): value(levels - 1) for _ in range(random.randrange(6))}


def value(levels):
    kinds = [
        lambda: text(1000),
        lambda: random.randbytes(random.randrange(300)),
        lambda: random.random() < 0.5,
        lambda: random.randrange(-(2**31), 2**31),
        lambda: long(random.randrange(-(2**63), 2**63)),
        lambda: decimal.Decimal(random.randrange(-(2**31), 2**31)).scaleb(-random.randrange(20)),
        lambda: datetime.datetime.fromtimestamp(random.randrange(END_OF_YEAR_9999), datetime.timezone.utc),
        lambda: None,
    ]
    if levels > 0:
        kinds += [lambda: table(levels), lambda: [value(levels - 1) for _ in range(random.randrange(5))]]
    return random.choice(kinds)()


ARGUMENTS = {
    "bit": lambda: random.random() < 0.5,
    "octet": lambda: random.randrange(2**8),
    "short": lambda: random.randrange(2**16),
    "long": lambda: random.randrange(2**32),
    "longlong": lambda: random.randrange(2**64),
    "shortstr": lambda: text(255),
    "longstr": lambda: text(1000),
    "table": table,
    "timestamp": lambda: random.randrange(2**64),
}


def arguments(fields):
    for field in fields:
        if not field.get("reserved"):
            name = NAMES.get(field.get("name"), field.get("name").replace("-", "_"))
            yield name, ARGUMENTS[field.get("type") or DOMAINS[field.get("domain")]]()


def frames():
    for class_node in GRAMMAR.findall("class"):
        for node in class_node.findall("method"):
            method = spec.methods[int(class_node.get("index")) << 16 | int(node.get("index"))]
            yield frame.Method(random.randrange(2**16), method(**dict(arguments(node.findall("field")))))
    fields = [field for field in GRAMMAR.findall("class[@name='basic']/field") if random.random() < 0.5]
    properties = spec.BasicProperties(**dict(arguments(fields)))
    yield frame.Header(random.randrange(2**16), random.randrange(2**64), properties)


def view(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {view(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(view, value)) + "]"
    return f"{type(value).__name__} {value}"


def read(data):
    consumed, header = frame.decode_frame(data)
    assert consumed == len(data)
    return view(header.properties.headers)


for command in commands():
    if command["do"] == "write":
        random.seed(command["seed"])
        written = [encode(one.marshal()) for _ in range(command["count"]) for one in frames()]
        emit("written", frames=written)
    else:
        emit("read", headers=[read(decode(one)) for one in command["frames"]])

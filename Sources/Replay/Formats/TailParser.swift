import Fedmsg
import NIOCore

/// What `fedmsg-tail` prints: a log prefix, then Python's `repr` on the same line, or from the next line on `pprint`'s
/// (`--pretty`) or JSON with a terminal's colours (`--really-pretty`).
///
/// Lines without a brace, such as a prefix alone, hold no message.
struct TailParser: CaptureParser {
    func next(_ lines: CaptureLines) throws -> CapturedItem? {
        while let line = try lines.next() {
            if line.isCut { return line.tooLong }
            var bytes = line.bytes.withoutColours
            guard let brace = bytes.readableBytesView.firstIndex(of: UInt8(ascii: "{")) else { continue }
            bytes.moveReaderIndex(to: brace)
            guard let literal = try literal(beginning: bytes, lines) else {
                return line.unreadable("the message that begins here does not end")
            }
            do throws(PythonLiteralError) {
                let envelope = ByteBuffer(bytes: try Self.json(literal))
                return .message(CapturedMessage(line: line.number, topic: nil, bytes: envelope))
            } catch {
                return line.unreadable("\(error)")
            }
        }
        return nil
    }

    /// The text up to the brace that closes the first; nil where it is broken off.
    private func literal(beginning first: ByteBuffer, _ lines: CaptureLines) throws -> [UInt8]? {
        var scanner = BracketScanner()
        var literal: [UInt8] = []
        var bytes = first
        while true {
            if let count = scanner.scan(bytes.readableBytesView, isPython: true) {
                literal.append(contentsOf: bytes.readableBytesView.prefix(count))
                return literal
            }
            literal.append(contentsOf: bytes.readableBytesView)
            literal.append(0x0A)
            guard !scanner.isInString, literal.count <= CaptureLines.lineLimit, let following = try lines.peek(0),
                !following.isCut
            else { return nil }
            bytes = following.bytes.withoutColours
            // Both print what goes on indented, but for JSON's closing brace.
            switch bytes.readableBytesView.first {
            case 0x20, UInt8(ascii: "}"), nil: _ = try lines.next()
            default: return nil
            }
        }
    }

    /// JSON stays as it is.
    private static func json(_ literal: [UInt8]) throws(PythonLiteralError) -> [UInt8] {
        if JSONValue.isJSON(literal.span.bytes) { return literal }
        return CTime.replaceTimestamp(in: try PythonLiteral.json(literal))
    }
}

extension ByteBuffer {
    /// Without a terminal's colour sequences: ESC, `[`, digits and semicolons, `m`.
    fileprivate var withoutColours: ByteBuffer {
        guard readableBytesView.contains(0x1B) else { return self }
        var plain = ByteBuffer()
        plain.reserveCapacity(readableBytes)
        var rest = readableBytesView[...]
        while let escape = rest.firstIndex(of: 0x1B) {
            plain.writeBytes(rest[..<escape])
            var end = escape + 1
            if end < rest.endIndex, rest[end] == UInt8(ascii: "[") {
                repeat { end += 1 } while end < rest.endIndex && 0x30...0x3B ~= rest[end]
                if end < rest.endIndex, rest[end] == UInt8(ascii: "m") { end += 1 }
            }
            rest = rest[end...]
        }
        plain.writeBytes(rest)
        return plain
    }
}

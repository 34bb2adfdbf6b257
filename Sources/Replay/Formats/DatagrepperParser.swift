import Fedmsg
import NIOCore

/// Answers of datagrepper, one or several: on one line each, over many lines, or one directly behind the other.
///
/// Each `raw_messages` gives its elements; another object counts as a message, an array's elements too.
struct DatagrepperParser: CaptureParser {
    private var found: ArraySlice<CapturedItem> = []
    /// What stands behind a document on its last line.
    private var rest: CaptureLine?

    var pendingLine: Int? { rest.flatMap { $0.isBlank ? nil : $0.number } }

    mutating func next(_ lines: CaptureLines) throws -> CapturedItem? {
        while true {
            if let item = found.popFirst() { return item }
            guard let line = try rest ?? lines.next() else { return nil }
            rest = nil
            if line.isCut { return line.tooLong }
            if line.isBlank { continue }
            guard line.firstByte == UInt8(ascii: "{") || line.firstByte == UInt8(ascii: "[") else {
                return line.unreadable("expected an object")
            }
            guard let document = try document(from: line, lines) else {
                return line.unreadable("the object that begins here does not end")
            }
            found = messages(of: document, beginning: line)[...]
        }
    }

    /// The bytes of the document that begins on a line; nil where it is broken off.
    private mutating func document(from first: CaptureLine, _ lines: CaptureLines) throws -> ByteBuffer? {
        var scanner = BracketScanner()
        var document = ByteBuffer()
        var line = first
        while true {
            if let count = scanner.scan(line.bytes.readableBytesView, isPython: false) {
                var bytes = line.bytes
                guard let last = bytes.readSlice(length: count) else { return nil }
                document.writeImmutableBuffer(last)
                rest = CaptureLine(number: line.number, offset: line.offset + count, bytes: bytes)
                return document
            }
            document.writeImmutableBuffer(line.bytes)
            document.writeInteger(UInt8(ascii: "\n"))
            guard !scanner.isInString, !line.isCut, document.readableBytes <= CaptureLines.lineLimit,
                let following = try lines.peek(0)
            else { return nil }
            // The first one was broken off, and here begins the next.
            if following.bytes.readableBytesView.first == UInt8(ascii: "{"), !scanner.expectsValue { return nil }
            _ = try lines.next()
            line = following
        }
    }

    private func messages(of document: ByteBuffer, beginning line: CaptureLine) -> [CapturedItem] {
        let bytes = document.readableBytesSpan
        var messages = [0..<document.readableBytes]
        do {
            if bytes.byteCount > 0, document.readableBytesView.first == UInt8(ascii: "[") {
                messages = try JSONArray(bytes).elements.map(\.range)
            } else {
                let object = try JSONObject(bytes)
                if object["msg"] == nil, object["body"] == nil, let raw = object["raw_messages"] {
                    messages = try JSONArray(bytes.extracting(raw.range)).elements.map {
                        $0.range.lowerBound + raw.range.lowerBound..<$0.range.upperBound + raw.range.lowerBound
                    }
                }
            }
        } catch {
            return [line.unreadable("\(error)")]
        }
        var number = line.number
        var counted = 0
        return messages.compactMap { range in
            guard let message = document.getSlice(at: document.readerIndex + range.lowerBound, length: range.count)
            else { return nil }
            number += document.readableBytesView.dropFirst(counted).prefix(range.lowerBound - counted)
                .count { $0 == 0x0A }
            counted = range.lowerBound
            return .message(CapturedMessage(line: number, topic: nil, bytes: message))
        }
    }
}

/// A topic and an envelope on alternate lines, as a subscriber that prints its frames leaves them.
struct ZeroMQLinesParser: CaptureParser {
    func next(_ lines: CaptureLines) throws -> CapturedItem? {
        while let line = try lines.next() {
            if line.isCut { return line.tooLong }
            if line.isBlank { continue }
            // A topic that is missing, or an envelope: the pairs after it still fit.
            guard line.firstByte != UInt8(ascii: "{") else {
                return line.unreadable("an envelope without a topic before it")
            }
            guard let envelope = try lines.peek(0), envelope.firstByte == UInt8(ascii: "{") else {
                return line.unreadable("a topic without an envelope behind it")
            }
            _ = try lines.next()
            if envelope.isCut { return envelope.tooLong }
            var item = envelope.message(topic: line.bytes)
            if case .message(var message) = item {
                message.line = line.number
                item = .message(message)
            }
            return item
        }
        return nil
    }
}

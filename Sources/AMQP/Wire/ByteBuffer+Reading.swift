import NIOCore

extension ByteBuffer {
    mutating func readUInt8() throws(WireError) -> UInt8 {
        guard let value = readInteger(as: UInt8.self) else { throw .truncated }
        return value
    }

    mutating func readUInt16() throws(WireError) -> UInt16 {
        guard let value = readInteger(as: UInt16.self) else { throw .truncated }
        return value
    }

    mutating func readUInt32() throws(WireError) -> UInt32 {
        guard let value = readInteger(as: UInt32.self) else { throw .truncated }
        return value
    }

    mutating func readUInt64() throws(WireError) -> UInt64 {
        guard let value = readInteger(as: UInt64.self) else { throw .truncated }
        return value
    }

    /// A slice of the next bytes; nothing is allocated for a length that is not there.
    mutating func readBytes(count: UInt32) throws(WireError) -> ByteBuffer {
        guard count <= readableBytes, let slice = readSlice(length: Int(count)) else { throw .truncated }
        return slice
    }

    /// A short string, what is not UTF-8 replaced by U+FFFD.
    mutating func readShortString() throws(WireError) -> String {
        var isValid = true
        return try readShortString(isValid: &isValid)
    }

    /// A short string; where it is not UTF-8, `isValid` becomes false and the faults are replaced by U+FFFD.
    mutating func readShortString(isValid: inout Bool) throws(WireError) -> String {
        let (text, length) = try nextShortString()
        defer { moveReaderIndex(forwardBy: 1 + length) }
        if let text { return text }
        isValid = false
        return getString(at: readerIndex + 1, length: length) ?? ""
    }

    /// The text of the short string that comes next, nil where it is not UTF-8, and its bytes without that of the length.
    private func nextShortString() throws(WireError) -> (text: String?, length: Int) {
        // Looked at in one span: each look at the buffer has its storage checked.
        let bytes = readableBytesUInt8Span
        guard !bytes.isEmpty, case let length = Int(bytes[0]), length < bytes.count else { throw .truncated }
        guard let text = try? UTF8Span(validating: bytes.extracting(1..<1 + length)) else { return (nil, length) }
        return (String(copying: text), length)
    }

    mutating func readLongString() throws(WireError) -> LongString {
        LongString(bytes: Array(buffer: try readBytes(count: try readUInt32())))
    }

    /// The next bytes as text, where they are there and UTF-8.
    func textIfValid(length: Int) -> String? {
        guard length <= readableBytes,
            let text = try? UTF8Span(validating: readableBytesUInt8Span.extracting(first: length))
        else { return nil }
        return String(copying: text)
    }
}

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
        let length = Int(try readUInt8())
        guard length <= readableBytes else { throw .truncated }
        if let text = textIfValid(length: length) {
            moveReaderIndex(forwardBy: length)
            return text
        }
        isValid = false
        return readString(length: length) ?? ""
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

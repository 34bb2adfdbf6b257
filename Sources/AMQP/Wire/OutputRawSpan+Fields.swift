extension OutputRawSpan {
    mutating func appendInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        append(value.bigEndian, as: Value.self)
    }

    mutating func appendBytes(_ bytes: RawSpan) {
        withUnsafeMutableBytes { buffer, count in
            // Neither slicing nor copying looks at the room in a release build.
            precondition(bytes.byteCount <= buffer.count - count)
            let room = buffer[count..<count + bytes.byteCount]
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room).copyMemory(from: $0) }
            count += bytes.byteCount
        }
    }

    /// Text whose size `shortStringSize` found fit.
    mutating func appendShortString(_ text: String) {
        appendInteger(UInt8(text.utf8.count))
        appendBytes(text.utf8Span.span.bytes)
    }

    /// UTF-8 of at most 255 bytes.
    mutating func appendShortString(_ text: RawSpan) {
        appendInteger(UInt8(text.byteCount))
        appendBytes(text)
    }

    /// A table whose size `encodedSize` found fit, behind its length.
    mutating func appendTable(_ table: AMQPTable) {
        appendWithLength { span in
            for entry in table.entries {
                span.appendEntry(entry)
            }
        }
    }

    mutating func appendEntry(_ entry: AMQPTable.Entry) {
        appendShortString(entry.key)
        appendValue(entry.value)
    }

    private mutating func appendValue(_ value: AMQPFieldValue) {
        switch value {
        case .boolean(let value): append("t", value ? 1 as UInt8 : 0)
        case .int8(let value): append("b", value)
        case .uint8(let value): append("B", value)
        case .int16(let value): append("s", value)
        case .uint16(let value): append("u", value)
        case .int32(let value): append("I", value)
        case .uint32(let value): append("i", value)
        case .int64(let value): append("l", value)
        case .float(let value): append("f", value.bitPattern)
        case .double(let value): append("d", value.bitPattern)
        case .decimal(let scale, let value):
            append("D", scale)
            appendInteger(value)
        case .longString(let text):
            append("S", UInt32(text.utf8.count))
            appendBytes(text.utf8Span.span.bytes)
        case .longStringBytes(let bytes):
            append("S", UInt32(bytes.count))
            appendBytes(bytes.span.bytes)
        case .bytes(let bytes):
            append("x", UInt32(bytes.count))
            appendBytes(bytes.span.bytes)
        case .timestamp(let seconds): append("T", seconds)
        case .array(let values):
            appendType("A")
            appendWithLength { span in
                for value in values {
                    span.appendValue(value)
                }
            }
        case .table(let table):
            appendType("F")
            appendTable(table)
        case .void: appendType("V")
        }
    }

    private mutating func appendType(_ type: UnicodeScalar) {
        append(UInt8(ascii: type))
    }

    private mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ type: UnicodeScalar, _ value: Value) {
        appendType(type)
        appendInteger(value)
    }

    /// Leaves room for a length, and fills it in once what it counts is there.
    mutating func appendWithLength(_ content: (inout OutputRawSpan) -> Void) {
        let start = byteCount
        appendInteger(0 as UInt32)
        content(&self)
        let length = UInt32(byteCount - start - MemoryLayout<UInt32>.size)
        var bytes = mutableBytes
        bytes.storeBytes(of: length.bigEndian, toByteOffset: start, as: UInt32.self)
    }
}

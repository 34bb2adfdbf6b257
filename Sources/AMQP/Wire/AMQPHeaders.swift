public import NIOCore

/// The `headers` of a message: a table, or its bytes where nobody has looked at them yet.
///
/// Received headers stay bytes until ``table()`` is called, so a message whose headers can't be read still arrives.
/// To publish, a table literal will do. Who publishes many messages with mostly the same headers appends to a copy of
/// headers that hold the common ones, and never builds a table:
///
/// ```swift
/// var headers = common
/// try headers.append("sent-at", .longString(now))
/// ```
public struct AMQPHeaders: Sendable {
    private enum Storage {
        case table(AMQPTable)
        /// Entries one behind the other, without the length before them.
        case encoded(ByteBuffer)
    }

    private var storage: Storage

    /// Headers that are these entries.
    public init(_ table: AMQPTable) {
        storage = .table(table)
    }

    /// Headers that are these bytes: entries as on the wire, without the table's length before them. They are not
    /// looked at.
    public init(encoded: ByteBuffer) {
        storage = .encoded(encoded)
    }

    /// The headers as a table. Received headers are read anew at each call: keep the result.
    ///
    /// - Throws: ``AMQPCodingError`` where the bytes are no table, or one deeper or larger than is read.
    public func table() throws(AMQPCodingError) -> AMQPTable {
        switch storage {
        case .table(let table): return table
        case .encoded(let bytes):
            do throws(WireError) {
                return try AMQPTable(decoding: bytes.readableBytesUInt8Span)
            } catch {
                throw AMQPCodingError(error)
            }
        }
    }

    /// The headers with these keys as a table: for who looks for a few among many. The others are checked, not read.
    ///
    /// - Throws: what ``table()`` would throw.
    public func table(only keys: [String]) throws(AMQPCodingError) -> AMQPTable {
        switch storage {
        case .table(let table): return AMQPTable(table.entries.filter { keys.contains($0.key) })
        case .encoded(let bytes):
            do throws(WireError) {
                return try AMQPTable(decoding: bytes.readableBytesUInt8Span, only: keys)
            } catch {
                throw AMQPCodingError(error)
            }
        }
    }

    /// The entries as on the wire, without the table's length before them.
    ///
    /// - Throws: ``AMQPCodingError`` for a table that can't be sent.
    public func encoded() throws(AMQPCodingError) -> ByteBuffer {
        do throws(WireError) {
            return try encodedEntries()
        } catch {
            throw AMQPCodingError(error)
        }
    }

    /// Appends an entry.
    ///
    /// - Throws: ``AMQPCodingError`` for an entry that can't be sent; the headers stay as they were.
    public mutating func append(_ key: String, _ value: AMQPFieldValue) throws(AMQPCodingError) {
        do throws(WireError) {
            var bytes = try encodedEntries()
            storage = .encoded(ByteBuffer())
            defer { storage = .encoded(bytes) }
            try bytes.writeEntry(AMQPTable.Entry(key, value))
        } catch {
            throw AMQPCodingError(error)
        }
    }

    private func encodedEntries() throws(WireError) -> ByteBuffer {
        switch storage {
        case .encoded(let bytes): return bytes
        case .table(let table):
            var bytes = ByteBuffer()
            try bytes.writeTable(table)
            bytes.moveReaderIndex(forwardBy: MemoryLayout<UInt32>.size)
            return bytes
        }
    }

    /// The bytes of the table, its length counted.
    func encodedSize() throws(WireError) -> Int {
        switch storage {
        case .table(let table): try table.encodedSize()
        case .encoded(let bytes): MemoryLayout<UInt32>.size + bytes.readableBytes
        }
    }

    /// Appends the table behind its length, whose size `encodedSize` found fit.
    func append(to span: inout OutputRawSpan) {
        switch storage {
        case .table(let table): span.appendTable(table)
        case .encoded(let bytes):
            span.appendInteger(UInt32(bytes.readableBytes))
            span.appendBytes(bytes.readableBytesSpan)
        }
    }
}

extension AMQPHeaders: ExpressibleByDictionaryLiteral {
    /// Headers of the pairs, in the order in which they are written.
    public init(dictionaryLiteral elements: (String, AMQPFieldValue)...) {
        self.init(AMQPTable(elements.map { AMQPTable.Entry($0, $1) }))
    }
}

extension AMQPHeaders: Equatable {
    /// Whether both are the same bytes on the wire, or equal tables where one can't be sent.
    public static func == (one: Self, other: Self) -> Bool {
        switch (one.storage, other.storage) {
        case (.table(let one), .table(let other)): one == other
        case (.encoded(let one), .encoded(let other)): one == other
        case (.table, .encoded), (.encoded, .table):
            if let one = try? one.encodedEntries(), let other = try? other.encodedEntries() {
                one == other
            } else {
                false
            }
        }
    }
}

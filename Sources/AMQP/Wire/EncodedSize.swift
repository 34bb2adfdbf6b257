// How many bytes values take on the wire. What can't be written is found here, so that writing can't fail, and a
// message is written into room that was reserved once.

extension String {
    /// As a short string, its length before it.
    func shortStringSize() throws(WireError) -> Int {
        let length = utf8.count
        guard length <= UInt8.max else { throw .shortStringTooLong(length: length) }
        return 1 + length
    }
}

extension AMQPTable {
    /// The entries with the table's length before them.
    ///
    /// - Parameter depth: how many tables and arrays this one is in.
    func encodedSize(depth: Int = 0) throws(WireError) -> Int {
        try TableLimits.checkDepth(depth)
        var size = 4
        for entry in entries {
            size += try entry.encodedSize(depth: depth + 1)
        }
        return size
    }
}

extension AMQPTable.Entry {
    func encodedSize(depth: Int) throws(WireError) -> Int {
        try key.shortStringSize() + value.encodedSize(depth: depth)
    }
}

extension AMQPFieldValue {
    /// The value with its type before it.
    fileprivate func encodedSize(depth: Int) throws(WireError) -> Int {
        switch self {
        case .void: return 1
        case .boolean, .int8, .uint8: return 2
        case .int16, .uint16: return 3
        case .int32, .uint32: return 5
        case .float(let value):
            guard value.isFinite else { throw .notFinite }
            return 5
        case .decimal: return 6
        case .int64, .timestamp: return 9
        case .double(let value):
            guard value.isFinite else { throw .notFinite }
            return 9
        case .longString(let text): return 5 + text.utf8.count
        case .longStringBytes(let bytes), .bytes(let bytes): return 5 + bytes.count
        case .table(let table): return 1 + (try table.encodedSize(depth: depth))
        case .array(let values):
            try TableLimits.checkDepth(depth)
            var size = 5
            for value in values {
                size += try value.encodedSize(depth: depth + 1)
            }
            return size
        }
    }
}

extension TableLimits {
    fileprivate static func checkDepth(_ depth: Int) throws(WireError) {
        guard depth < standard.depth else { throw .tableTooDeep(limit: standard.depth) }
    }
}

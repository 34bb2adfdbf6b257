import NIOCore
import Testing

@testable import AMQP

@Suite("AMQPTable")
struct AMQPTableTests {
    /// Values, and their bytes behind the key `k`.
    static let values: [(AMQPFieldValue, String)] = [
        (.boolean(true), "7401"),
        (.boolean(false), "7400"),
        (.int8(-2), "62fe"),
        (.uint8(254), "42fe"),
        (.int16(-2), "73fffe"),
        (.uint16(0xFEDC), "75fedc"),
        (.int32(.min), "4980000000"),
        (.uint32(.max), "69ffffffff"),
        (.int64(.min), "6c8000000000000000"),
        (.float(1.5), "663fc00000"),
        (.double(-0.0), "648000000000000000"),
        (.decimal(scale: 2, value: -314), "4402fffffec6"),
        (.longString(""), "5300000000"),
        (.longString("é€😀\0"), "530000000a c3a9 e282ac f09f9880 00"),
        (.longStringBytes([0xFF, 0x61]), "5300000002ff61"),
        (.bytes([0, 1, 2]), "7800000003000102"),
        (.bytes([]), "7800000000"),
        (.timestamp(1_564_513_942), "54000000005d409696"),
        (.timestamp(.max), "54ffffffffffffffff"),
        (.array([]), "4100000000"),
        (.array([.int8(1), .array([.void]), .table(["a": true])]), "41000000116201 410000000156 460000000401617401"),
        (.table([:]), "4600000000"),
        (.table(["a": .table(["b": .void])]), "460000000a0161460000000301 6256"),
        (.void, "56"),
    ]

    private static func table(_ value: String) -> ByteBuffer {
        let value = ByteBuffer(hex: value)
        var bytes = ByteBuffer(integer: UInt32(value.readableBytes + 2))
        bytes.writeBytes([1, 0x6B])
        bytes.writeImmutableBuffer(value)
        return bytes
    }

    @Test("writes each type of value", arguments: values)
    func writing(value: AMQPFieldValue, hex: String) throws {
        var bytes = ByteBuffer()
        try bytes.writeTable(["k": value])
        #expect(bytes.hex == Self.table(hex).hex)
    }

    @Test("reads each type of value", arguments: values)
    func reading(value: AMQPFieldValue, hex: String) throws {
        var bytes = Self.table(hex)
        #expect(try bytes.readTable() == ["k": value])
        #expect(bytes.readableBytes == 0)
    }

    @Test(
        "reads what it does not write",
        arguments: [
            ("55fffe", .int16(-2)), ("4cffffffffffffffff", .int64(-1)), ("7402", .boolean(true)),
            ("647ff0000000000000", .double(.infinity)),
        ] as [(String, AMQPFieldValue)]
    )
    func readingOnly(hex: String, value: AMQPFieldValue) throws {
        var bytes = Self.table(hex)
        #expect(try bytes.readTable() == ["k": value])
    }

    @Test("reads a value cut anywhere as an error", arguments: values)
    func truncated(value: AMQPFieldValue, hex: String) {
        let whole = ByteBuffer(hex: hex)
        for length in 0..<whole.readableBytes {
            var bytes = Self.table(whole.getSlice(at: 0, length: length)?.hex ?? "")
            #expect(throws: WireError.truncated) { try bytes.readTable() }
        }
    }

    @Test(
        "refuses what is no table",
        arguments: [
            ("", .truncated),
            ("00000001", .truncated),
            ("ffffffff", .truncated),
            ("ffffffff 016b56", .truncated),
            ("00000001 05", .truncated),
            ("00000003 016b7a", .unknownFieldType(0x7A)),
            ("00000003 01ff56", .keyNotUTF8),
            ("00000007 016b53 ffffffff", .truncated),
            ("00000007 016b78 7fffffff", .truncated),
            // The inner table, array and string claim more than the outer one holds, though the bytes are there.
            ("00000007 016b46 00000002 0061", .truncated),
            ("00000007 016b41 00000001 56", .truncated),
            ("00000007 016b53 00000001 61", .truncated),
        ] as [(String, WireError)]
    )
    func malformed(hex: String, error: WireError) {
        var bytes = ByteBuffer(hex: hex)
        #expect(throws: error) { try bytes.readTable() }
        #expect(error.replyCode == .syntaxError)
    }

    @Test(
        "does not write what RabbitMQ's parser crashes over",
        arguments: [
            .double(.nan), .double(-.infinity), .float(.nan), .float(.infinity), .array([.table(["a": .double(.nan)])]),
        ] as [AMQPFieldValue]
    )
    func notFinite(value: AMQPFieldValue) {
        var bytes = ByteBuffer()
        #expect(throws: WireError.notFinite) { try bytes.writeTable(["k": value]) }
        #expect(bytes.readableBytes == 0)
    }

    @Test("is read and written 64 levels deep, not 65")
    func depth() throws {
        func nested(_ levels: Int, _ wrap: (AMQPFieldValue) -> AMQPFieldValue) -> AMQPTable {
            ["k": (2..<max(levels, 2)).reduce(levels > 1 ? wrap(.void) : .void) { value, _ in wrap(value) }]
        }
        for wrap in [{ .table(["k": $0]) }, { .array([$0]) }] as [(AMQPFieldValue) -> AMQPFieldValue] {
            var bytes = ByteBuffer()
            try bytes.writeTable(nested(64, wrap))
            #expect(try bytes.readTable() == nested(64, wrap))
            #expect(throws: WireError.tableTooDeep(limit: 64)) { try bytes.writeTable(nested(65, wrap)) }
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test("65 levels and 10,000 are an error", arguments: ["F", "A"])
    func tooDeep(type: String) throws {
        var deepest = ByteBuffer.poisonTable(levels: 64, type: type)
        #expect(try deepest.readTable()["k"] != nil)
        for levels in [65, 10_000] {
            var bytes = ByteBuffer.poisonTable(levels: levels, type: type)
            #expect(throws: WireError.tableTooDeep(limit: 64)) { try bytes.readTable() }
        }
    }

    @Test("a frame full of one-byte values is an error")
    func tooManyFields() {
        let count = 100_000
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(UInt32(count + 7), 0x016B as UInt16, UInt8(ascii: "A"), UInt32(count))
        bytes.writeRepeatingByte(UInt8(ascii: "V"), count: count)
        #expect(throws: WireError.tooManyFields(limit: 16_384)) { try bytes.readTable() }
    }

    @Test("is read as it was written, whatever it holds", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let table = AMQPTable.random(using: &generator)
            var bytes = ByteBuffer()
            try bytes.writeTable(table)
            #expect(bytes.readableBytes == (try table.encodedSize()))
            #expect(try bytes.readTable() == table)
        }
    }

    @Test("a look for some keys finds what a reading finds, faults included", arguments: 0..<50 as Range<UInt64>)
    func onlySome(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let table = AMQPTable.random(using: &generator)
            var bytes = ByteBuffer()
            try bytes.writeTable(table)
            bytes.moveReaderIndex(forwardBy: 4)
            if Bool.random(using: &generator), bytes.readableBytes > 0 {
                let place = Int.random(in: bytes.readerIndex..<bytes.writerIndex, using: &generator)
                bytes.setInteger(UInt8.random(in: .min ... .max, using: &generator), at: place)
            }
            let keys = table.entries.map(\.key).filter { _ in Bool.random(using: &generator) } + ["sent-at"]
            let whole = Result { try AMQPTable(decoding: bytes.readableBytesUInt8Span) }
            let some = Result { try AMQPTable(decoding: bytes.readableBytesUInt8Span, only: keys) }
            switch (whole, some) {
            case (.success(let whole), .success(let some)):
                // In words: what was broken may have become a NaN, which differs from itself and can't be written.
                let expected = AMQPTable(whole.entries.filter { keys.contains($0.key) })
                #expect("\(some)" == "\(expected)")
            case (.failure(let whole), .failure(let some)): #expect(whole as? WireError == some as? WireError)
            default: Issue.record("\(whole) against \(some)")
            }
        }
    }

    @Test("keeps order and doubles; the last of doubles counts")
    func order() throws {
        var table = AMQPTable([.init("b", .int32(1)), .init("a", "x"), .init("b", .int32(2))])
        var bytes = ByteBuffer()
        try bytes.writeTable(table)
        #expect(try bytes.readTable() == table)
        #expect(table["b"] == .int32(2))
        #expect(table["c"] == nil)

        table["b"] = .int32(3)
        table["c"] = true
        #expect(table.entries.map(\.key) == ["b", "a", "b", "c"])
        #expect(table.entries[2].value == .int32(3))
        table["b"] = nil
        #expect(table == ["a": "x", "c": true])
    }

    @Test("a key of 255 bytes is written, a longer one is an error before any byte")
    func longKey() throws {
        var bytes = ByteBuffer()
        let longest: AMQPTable = [String(repeating: "k", count: 255): .void]
        try bytes.writeTable(longest)
        #expect(try bytes.readTable() == longest)
        let key = String(repeating: "é", count: 128)
        #expect(throws: WireError.shortStringTooLong(length: 256)) { try bytes.writeTable([key: .void]) }
        #expect(bytes.readableBytes == 0)
    }
}

extension ByteBuffer {
    /// A table in which each level holds the next one, behind its length.
    static func poisonTable(levels: Int, type: String) -> ByteBuffer {
        // Of an array's value there is the type and the length, of a table's the key too.
        let prefix: [UInt8] = type == "F" ? [1, 0x6B] + Array(type.utf8) : Array(type.utf8)
        let step = prefix.count + 4
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt32((levels - 1) * step + (type == "F" ? 0 : 2)))
        if type == "A" { bytes.writeBytes([1, 0x6B]) }
        for level in stride(from: levels - 2, through: 0, by: -1) {
            bytes.writeBytes(prefix)
            bytes.writeInteger(UInt32(level * step))
        }
        return bytes
    }
}

extension ByteBuffer {
    /// A table behind its length.
    fileprivate mutating func readTable() throws(WireError) -> AMQPTable {
        var cursor = FieldCursor()
        let table = try cursor.table(readableBytesUInt8Span)
        moveReaderIndex(forwardBy: cursor.offset)
        return table
    }
}

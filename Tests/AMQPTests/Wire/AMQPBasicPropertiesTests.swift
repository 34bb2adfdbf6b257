import NIOCore
import Testing

@testable import AMQP

@Suite("AMQPBasicProperties")
struct AMQPBasicPropertiesTests {
    /// Each property alone: flags and value.
    static let single: [(AMQPBasicProperties, String)] = [
        (AMQPBasicProperties(), "0000"),
        (AMQPBasicProperties(contentType: "a"), "8000 0161"),
        (AMQPBasicProperties(contentEncoding: "é"), "4000 02c3a9"),
        (AMQPBasicProperties(headers: ["k": .void]), "2000 00000003 016b56"),
        (AMQPBasicProperties(headers: [:]), "2000 00000000"),
        (AMQPBasicProperties(deliveryMode: .persistent), "1000 02"),
        (AMQPBasicProperties(deliveryMode: AMQPDeliveryMode(rawValue: 255)), "1000 ff"),
        (AMQPBasicProperties(priority: 255), "0800 ff"),
        (AMQPBasicProperties(correlationID: ""), "0400 00"),
        (AMQPBasicProperties(replyTo: "a"), "0200 0161"),
        (AMQPBasicProperties(expiration: "1000"), "0100 0431303030"),
        (AMQPBasicProperties(messageID: "a"), "0080 0161"),
        (AMQPBasicProperties(timestamp: .max), "0040 ffffffffffffffff"),
        (AMQPBasicProperties(type: "a"), "0020 0161"),
        (AMQPBasicProperties(userID: "a"), "0010 0161"),
        (AMQPBasicProperties(appID: "a"), "0008 0161"),
        (AMQPBasicProperties(clusterID: "a"), "0004 0161"),
        (
            AMQPBasicProperties(
                contentType: "a",
                contentEncoding: "b",
                headers: ["k": true],
                deliveryMode: .transient,
                priority: 2,
                correlationID: "c",
                replyTo: "d",
                expiration: "e",
                messageID: "f",
                timestamp: 3,
                type: "g",
                userID: "h",
                appID: "i",
                clusterID: "j"
            ),
            """
            fffc 0161 0162 00000004016b7401 01 02 0163 0164 0165 0166 0000000000000003 0167 0168 0169 016a
            """
        ),
    ]

    private func encode(_ properties: AMQPBasicProperties) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeWithOutputRawSpan(minimumWritableBytes: try properties.encodedSize()) { properties.append(to: &$0) }
        return bytes
    }

    @Test("writes flags and list", arguments: single)
    func writing(properties: AMQPBasicProperties, hex: String) throws {
        let bytes = try encode(properties)
        #expect(bytes.hex == ByteBuffer(hex: hex).hex)
        #expect(try properties.encodedSize() == bytes.readableBytes)
    }

    @Test("reads flags and list", arguments: single)
    func reading(properties: AMQPBasicProperties, hex: String) {
        #expect(AMQPBasicProperties(decoding: ByteBuffer(hex: hex)) == properties)
    }

    @Test(
        "of a poisonous message cost what can't be read, nothing else",
        arguments: [
            ("", "properties", .truncated, []),
            ("80", "properties", .truncated, []),
            ("8000 05 6161", "content-type", .truncated, []),
            ("8080 02ff61 0162", "content-type", .notUTF8, ["b"]),
            ("0088 02ffff 0162", "message-id", .notUTF8, ["b"]),
            ("2080 ffffffff 0161", "headers", .truncated, []),
            ("2080 0000", "headers", .truncated, []),
            ("1080", "delivery-mode", .truncated, []),
            ("0048 00000000", "timestamp", .truncated, []),
            ("0080 0161 00", "properties", .trailingBytes(1), ["a"]),
            ("0081 0000 0161", "properties", .unknownPropertyFlags(0x81), []),
            ("0002 0161", "properties", .unknownPropertyFlags(2), []),
        ] as [(String, String, WireError, [String])]
    )
    func poison(hex: String, name: String, reason: WireError, survivors: [String]) {
        let bytes = ByteBuffer(hex: hex)
        let properties = AMQPBasicProperties(decoding: bytes)
        #expect(AMQPBasicProperties(decoding: bytes.behindOthers) == properties)
        #expect(properties.malformed.map(\.name) == [name])
        #expect(properties.malformed.map(\.reason) == [AMQPCodingError(reason)])
        #expect([properties.messageID, properties.appID].compactMap { $0 } == survivors)
    }

    @Test("headers 10,000 levels deep are kept as they came, and fail only who reads them")
    func poisonHeaders() throws {
        let table = ByteBuffer.poisonTable(levels: 10_000, type: "F")
        var bytes = ByteBuffer(hex: "2080")
        bytes.writeImmutableBuffer(table)
        bytes.writeBytes([1, 0x61])

        let properties = AMQPBasicProperties(decoding: bytes)
        #expect(properties.messageID == "a")
        #expect(properties.malformed.isEmpty)
        #expect(AMQPBasicProperties(decoding: bytes.behindOthers) == properties)
        let headers = try #require(properties.headers)
        #expect(throws: AMQPCodingError(.tableTooDeep(limit: 64))) { try headers.table() }
        #expect(try headers.encoded() == table.getSlice(at: 4, length: table.readableBytes - 4))
    }

    @Test("survives any bytes, and what was read is written and read again", arguments: 0..<50 as Range<UInt64>)
    func noise(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = ByteBuffer(integer: UInt16.random(in: .min ... .max, using: &generator) & 0xFFFC)
            bytes.writeBytes([UInt8].random(upTo: 100, using: &generator).map { $0 & 0x1F })
            var properties = AMQPBasicProperties(decoding: bytes)
            properties.malformed = []
            #expect(AMQPBasicProperties(decoding: try encode(properties)) == properties)
        }
    }
}

@Suite("AMQPHeaders")
struct AMQPHeadersTests {
    @Test("appended to are what the table of all entries is")
    func appending() throws {
        let common: AMQPHeaders = ["a": "x", "b": .int32(1)]
        var headers = common
        try headers.append("c", .table(["d": .void]))
        try headers.append("e", true)
        let table: AMQPTable = ["a": "x", "b": .int32(1), "c": .table(["d": .void]), "e": true]
        #expect(headers == AMQPHeaders(table))
        #expect(try headers.table() == table)
        #expect(try common.table() == ["a": "x", "b": .int32(1)])
    }

    @Test("are equal as tables and as bytes")
    func equality() throws {
        let table = AMQPHeaders(["a": true])
        let bytes = AMQPHeaders(encoded: ByteBuffer(hex: "01617401"))
        #expect(table == bytes && bytes == table && bytes == bytes)
        #expect(table != ["a": false])
        #expect(bytes != ["a": false])
        #expect(bytes != AMQPHeaders(encoded: ByteBuffer()))
        let unsendable = AMQPHeaders([String(repeating: "k", count: 256): true])
        #expect(unsendable == unsendable)
        #expect(unsendable != bytes)
    }

    @Test("stay as they were when an entry can't be sent")
    func refusedEntry() throws {
        let longKey = String(repeating: "k", count: 256)
        var headers: AMQPHeaders = ["a": true]
        #expect(throws: AMQPCodingError(.shortStringTooLong(length: 256))) { try headers.append(longKey, .void) }
        #expect(headers == ["a": true])
        let deep = (0..<63).reduce(AMQPFieldValue.void) { value, _ in .array([value]) }
        try headers.append("deep", deep)
        #expect(throws: AMQPCodingError(.tableTooDeep(limit: 64))) { try headers.append("deeper", .array([deep])) }
        #expect(try headers.table().entries.map(\.key) == ["a", "deep"])
        #expect(throws: AMQPCodingError(.shortStringTooLong(length: 256))) {
            try AMQPHeaders([longKey: .void]).encoded()
        }
    }
}

extension ByteBuffer {
    /// The same bytes, in a buffer in which others came before them: as in a frame.
    fileprivate var behindOthers: ByteBuffer {
        var bytes = ByteBuffer(repeating: 0xFF, count: 12)
        bytes.writeImmutableBuffer(self)
        bytes.moveReaderIndex(forwardBy: 12)
        return bytes
    }
}

// Any bytes as a table: what is read is written in as many bytes as was said, and read as the same again.

import NIOCore

@testable import AMQP

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let entries = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    guard let table = try? AMQPTable(decoding: entries.readableBytesUInt8Span) else { return 0 }
    let bytes = encoded(table)
    var cursor = FieldCursor()
    guard let again = try? cursor.table(bytes.readableBytesUInt8Span) else {
        preconditionFailure("can't read what was written")
    }
    precondition(cursor.offset == bytes.readableBytes)
    // Not the tables are compared: a NaN differs from itself.
    precondition(encoded(again) == bytes)
    return 0
}

private func encoded(_ table: AMQPTable) -> ByteBuffer {
    var bytes = ByteBuffer()
    guard (try? bytes.writeTable(table)) != nil else { preconditionFailure("can't write what was read") }
    precondition(bytes.readableBytes == (try? table.encodedSize()))
    return bytes
}

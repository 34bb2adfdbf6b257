// Any bytes as a table: what is read is written in as many bytes as was said, and read as the same again; but for floats that
// are not finite.

import NIOCore

@testable import AMQP

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let entries = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    guard let table = try? AMQPTable(decoding: entries.readableBytesUInt8Span) else { return 0 }
    guard let bytes = encoded(table) else { return 0 }
    var cursor = FieldCursor()
    guard let again = try? cursor.table(bytes.readableBytesUInt8Span) else {
        preconditionFailure("can't read what was written")
    }
    precondition(cursor.offset == bytes.readableBytes)
    precondition(encoded(again) == bytes)
    return 0
}

private func encoded(_ table: AMQPTable) -> ByteBuffer? {
    var bytes = ByteBuffer()
    do throws(WireError) {
        try bytes.writeTable(table)
    } catch {
        guard error == .notFinite else { preconditionFailure("can't write what was read") }
        return nil
    }
    precondition(bytes.readableBytes == (try? table.encodedSize()))
    return bytes
}

@testable import Fedmsg

/// Any bytes are an envelope or an error; what an envelope points at is inside it and is JSON.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let envelope = try? Envelope(bytes) else { return 0 }
    let span = bytes.span.bytes
    for key in Envelope.Key.allCases {
        guard let value = envelope[key] else { continue }
        var index = TopLevelIndex<NoKeys>()
        guard (try? JSONScanner.scan(span.extracting(value.range), into: &index)) != nil else {
            fatalError("\(key) is no JSON")
        }
        _ = envelope.text(key, in: span)
        _ = envelope.integer(key, in: span)
    }
    _ = try? envelope.undecodedTopic(in: span)
    _ = try? envelope.isTopic(span, in: span)
    _ = envelope.timestamp(in: span)
    _ = envelope.headers(in: span)

    let body = span.extracting(envelope.body)
    let outgoing = OutgoingEnvelope(
        i: envelope.integer(.i, in: span),
        messageID: envelope.text(.msgID, in: span) ?? "",
        timestamp: envelope.timestamp(in: span).map(OutgoingEnvelope.Timestamp.seconds),
        topic: envelope.text(.topic, in: span) ?? "",
        username: envelope.text(.username, in: span)
    )
    var written: [UInt8] = []
    outgoing.write(body: body, to: &written)
    precondition(written.count == outgoing.byteCount(bodyByteCount: body.byteCount))
    guard let again = try? Envelope(written) else { fatalError("what was written is no envelope") }
    let writtenSpan = written.span.bytes
    precondition(writtenSpan.extracting(again.body).hasSameBytes(as: body))
    precondition(
        again.text(.username, in: writtenSpan).map { Array($0.utf8) } == outgoing.username.map { Array($0.utf8) }
    )
    precondition(again.integer(.i, in: writtenSpan) == outgoing.i)
    return 0
}

// Any bytes, cut anywhere: the same frames and the same error come out, and what was read is written and read again.

import NIOCore

@testable import AMQP

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    // The first byte says into which lengths the others are cut.
    guard let cut = bytes.first else { return 0 }
    let stream = ByteBuffer(bytes: bytes.dropFirst())
    let (frames, error) = decode(stream, pieceLength: .max)
    let (splitFrames, splitError) = decode(stream, pieceLength: Int(cut) + 1)
    precondition(error == splitError)
    precondition(frames.count == splitFrames.count)
    for (frame, splitFrame) in zip(frames, splitFrames) {
        precondition(encoded(frame) == encoded(splitFrame))
        check(frame)
    }
    return 0
}

private func decode(_ stream: ByteBuffer, pieceLength: Int) -> ([Frame], WireError?) {
    var decoder = FrameDecoder(frameMax: 4096)
    var stream = stream
    var frames: [Frame] = []
    while stream.readableBytes > 0, let piece = stream.readSlice(length: min(pieceLength, stream.readableBytes)) {
        decoder.append(piece)
        do throws(WireError) {
            while let frame = try decoder.next() { frames.append(frame) }
        } catch {
            return (frames, error)
        }
    }
    return (frames, nil)
}

/// The frame's bytes. Not the frames are compared: a NaN differs from itself.
private func encoded(_ frame: Frame) -> ByteBuffer? {
    var bytes = ByteBuffer()
    switch frame {
    case .method(let channel, let method):
        // Replacing what is not UTF-8 can lengthen a string beyond what can be sent.
        guard (try? bytes.writeMethod(method.arguments, channel: channel, frameMax: .max)) != nil else { return nil }
    case .header(_, let header): bytes = header.encodedProperties
    case .body(_, let body): bytes = body
    case .heartbeat: bytes.writeHeartbeat()
    }
    return bytes
}

private func check(_ frame: Frame) {
    switch frame {
    case .method:
        guard let bytes = encoded(frame) else { return }
        var decoder = FrameDecoder(frameMax: .max)
        decoder.append(bytes)
        guard let again = try? decoder.next() else { preconditionFailure("can't read what was written") }
        precondition(encoded(again) == bytes)
    case .header(_, let header): check(AMQPBasicProperties(decoding: header.encodedProperties))
    case .body, .heartbeat: break
    }
}

private func check(_ properties: AMQPBasicProperties) {
    guard let size = try? properties.encodedSize() else { preconditionFailure("can't write what was read") }
    var bytes = ByteBuffer()
    bytes.writeWithOutputRawSpan(minimumWritableBytes: size) { properties.append(to: &$0) }
    precondition(bytes.readableBytes == size)
    var again = AMQPBasicProperties(decoding: bytes)
    precondition(again.malformed.isEmpty)
    again.malformed = properties.malformed
    precondition(again == properties)
    _ = try? properties.headers?.table()
}

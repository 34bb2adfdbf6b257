// Any bytes behind gzip's first two: they are unpacked, or it is said what is wrong, and the same in whatever pieces they
// come.

@testable import Replay

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = GzipStream.magic + UnsafeBufferPointer(start: start, count: count)
    let whole = unpacked(bytes, packedAtOnce: bytes.count, roomFor: 1 << 16)
    let pieces = unpacked(bytes, packedAtOnce: 3, roomFor: 5)
    precondition(whole.bytes == pieces.bytes && whole.fault == pieces.fault)
    return 0
}

private let limit = 1 << 20

private func unpacked(_ bytes: [UInt8], packedAtOnce: Int, roomFor room: Int) -> (bytes: [UInt8], fault: String?) {
    var result: [UInt8] = []
    var rest = bytes.dropFirst(packedAtOnce)
    var buffer = [UInt8](repeating: 0, count: room)
    do {
        let stream = try GzipStream(startingWith: Array(bytes.prefix(packedAtOnce)))
        while result.count < limit {
            let count = try buffer.withUnsafeMutableBytes { buffer in
                try stream.read(into: buffer) { packed in
                    let piece = rest.prefix(min(packedAtOnce, packed.count))
                    packed.copyBytes(from: piece)
                    rest = rest.dropFirst(piece.count)
                    return piece.count
                }
            }
            if count == 0 { return (result, nil) }
            result += buffer.prefix(count)
        }
        return (Array(result.prefix(limit)), nil)
    } catch {
        return (result, "\(error)")
    }
}

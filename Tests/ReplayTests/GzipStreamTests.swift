import Testing

@testable import Replay

@Suite struct GzipStreamTests {
    @Test("damage behind the last packed byte is damage, in whatever pieces the bytes come", arguments: [3, 64])
    func damageAtEnd(packedAtOnce: Int) throws {
        let packed = GzipStream.magic + [8, 0, 0, 0, 0, 0, 2, 0] + Array("{{{{{{\0zzz".utf8)
        let (bytes, fault) = try unpack(packed, packedAtOnce: packedAtOnce, roomFor: 16)
        #expect(bytes == [237, 219, 183, 135, 135, 80])
        #expect(fault == "the gzip stream is damaged: invalid distance too far back")
    }

    @Test("of a stream that is cut off all is given that there is", arguments: [5, 2000])
    func cutOff(room: Int) throws {
        // A thousand times the letter a, up to the last byte that it takes: zlib holds what a small room leaves over.
        let packed: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 76, 28, 5, 163, 96, 20, 12, 119, 0]
        let (bytes, fault) = try unpack(packed, packedAtOnce: packed.count, roomFor: room)
        #expect(bytes == [UInt8](repeating: UInt8(ascii: "a"), count: 1000))
        #expect(fault == "the gzip stream ends early")
    }

    private func unpack(
        _ packed: [UInt8],
        packedAtOnce: Int,
        roomFor room: Int
    ) throws -> (bytes: [UInt8], fault: String?) {
        var rest = packed.dropFirst(packedAtOnce)
        let stream = try GzipStream(startingWith: Array(packed.prefix(packedAtOnce)))
        var buffer = [UInt8](repeating: 0, count: room)
        var bytes: [UInt8] = []
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes { buffer in
                    try stream.read(into: buffer) { packed in
                        let piece = rest.prefix(packedAtOnce)
                        packed.copyBytes(from: piece)
                        rest = rest.dropFirst(piece.count)
                        return piece.count
                    }
                }
                if count == 0 { return (bytes, nil) }
                bytes += buffer.prefix(count)
            }
        } catch let fault as GzipStream.Fault {
            return (bytes, fault.description)
        }
    }
}

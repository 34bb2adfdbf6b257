import Testing

@testable import Replay

@Suite struct GzipStreamTests {
    @Test("damage behind the last packed byte is damage, in whatever pieces the bytes come", arguments: [3, 64])
    func damageAtEnd(packedAtOnce: Int) throws {
        let packed = GzipStream.magic + [8, 0, 0, 0, 0, 0, 2, 0] + Array("{{{{{{\0zzz".utf8)
        var rest = packed.dropFirst(packedAtOnce)
        let stream = try GzipStream(startingWith: Array(packed.prefix(packedAtOnce)))
        var buffer = [UInt8](repeating: 0, count: 16)
        var bytes: [UInt8] = []
        let fault = #expect(throws: GzipStream.Fault.self) {
            while true {
                let count = try buffer.withUnsafeMutableBytes { buffer in
                    try stream.read(into: buffer) { packed in
                        let piece = rest.prefix(packedAtOnce)
                        packed.copyBytes(from: piece)
                        rest = rest.dropFirst(piece.count)
                        return piece.count
                    }
                }
                guard count > 0 else { break }
                bytes += buffer.prefix(count)
            }
        }
        #expect(bytes == [237, 219, 183, 135, 135, 80])
        #expect(fault?.description == "the gzip stream is damaged: invalid distance too far back")
    }
}

import CZlib

/// Unpacks gzip as its bytes come, members one behind the other; what else stands behind a member is left out, as gzip
/// does.
///
/// zlib's own file reading waits for a whole block, and so keeps back what came through a pipe.
final class GzipStream {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// What every member begins with.
    static let magic: [UInt8] = [0x1F, 0x8B]
    /// Packed bytes that are read at once.
    static let blockSize = 1 << 17
    /// The largest window, and gzip's header rather than zlib's.
    private static let windowBits: Int32 = 15 + 16

    /// On the heap, as zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var isBetweenMembers = false
    private var isAtEnd = false
    /// Whether the last piece filled its room, so that zlib may have more without more packed bytes.
    private var wasFilled = false
    /// What was found behind the last piece.
    private var fault: Fault?

    /// - Parameter bytes: those that were read already, at most `blockSize` and one.
    init(startingWith bytes: [UInt8]) throws(Fault) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: max(Self.blockSize, bytes.count))
        _ = input.initialize(from: bytes)
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(bytes.count)
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw Fault(description: "zlib has no memory for it")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// Unpacks what there is, and reads more only for the first byte.
    ///
    /// - Parameter more: reads packed bytes; 0 at the end.
    /// - Returns: 0 at the end.
    func read(
        into buffer: UnsafeMutableRawBufferPointer,
        more: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Int {
        while !isAtEnd {
            if let fault {
                isAtEnd = true
                throw fault
            }
            if stream.pointee.avail_in == 0, !wasFilled {
                let count = try more(UnsafeMutableRawBufferPointer(input))
                guard count > 0 else {
                    isAtEnd = true
                    if isBetweenMembers { break }
                    throw Fault(description: "the gzip stream ends early")
                }
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(count)
            }
            if isBetweenMembers {
                guard stream.pointee.next_in.pointee == Self.magic[0] else { break }
                inflateReset(stream)
                isBetweenMembers = false
            }
            let count = inflate(into: buffer)
            if count > 0 { return count }
        }
        isAtEnd = true
        return 0
    }

    private func inflate(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        stream.pointee.next_out = buffer.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: buffer.count)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        let count = Int(UInt32(clamping: buffer.count) - stream.pointee.avail_out)
        wasFilled = stream.pointee.avail_out == 0
        switch code {
        case Z_OK: break
        case Z_STREAM_END:
            isBetweenMembers = true
            wasFilled = false
        // It needs more.
        case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
        default:
            let text = stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)"
            // What came before is given first.
            fault = Fault(description: "the gzip stream is damaged: \(text)")
        }
        return count
    }
}

import Foundation
import NIOCore

/// Bytes of an input that were read and not yet taken as lines.
///
/// Lines are slices of the block that was read last, so they cost no copies; a new block begins with what was left
/// of the one before. A block that no line was taken of grows.
struct LineBlock {
    private static let size = 1 << 16

    /// The number of the line that was taken last, 0 before the first.
    private(set) var number = 0
    /// Where the block begins in the input, unpacked.
    private(set) var offset = 0

    /// Lines that ``next()`` gives first.
    private(set) var peeked: [CaptureLine] = []

    private var bytes = ByteBuffer()
    /// Those that are known to have no line break.
    private var scanned = 0

    var byteCount: Int { bytes.readableBytes }

    /// The next line whose end is there; nil where more has to be read.
    mutating func next() -> CaptureLine? {
        peeked.isEmpty ? cut() : peeked.removeFirst()
    }

    /// Takes the next line for a look, behind those that were peeked at.
    ///
    /// - Parameter line: where it was not in the block.
    /// - Returns: false where more has to be read.
    mutating func peek(_ line: CaptureLine? = nil) -> Bool {
        guard let line = line ?? cut() else { return false }
        peeked.append(line)
        return true
    }

    /// Takes lines back that ``next()`` gave last.
    mutating func giveBack(_ lines: [CaptureLine]) {
        peeked = lines + peeked
    }

    /// The next line of the block.
    mutating func cut() -> CaptureLine? {
        guard let (length, first, last) = lineBreak() else {
            scanned = bytes.readableBytes
            return nil
        }
        var line = take(last == 0x0D ? length - 1 : length, skipping: length + 1)
        line.isKnownText = first > 0x20
        return line
    }

    /// The last line, where it ends without a line break; nil where nothing is left.
    mutating func rest() -> CaptureLine? {
        let length = bytes.readableBytes
        guard length > 0 else { return nil }
        return take(bytes.readableBytesView.last == 0x0D ? length - 1 : length, skipping: length)
    }

    /// The beginning of a line that is too long.
    mutating func beginning() -> CaptureLine {
        let length = min(256, bytes.readableBytes)
        return take(length, skipping: length, isCut: true)
    }

    /// Leaves out what is there up to the next line break.
    ///
    /// - Returns: whether that was there.
    mutating func skipLine() -> Bool {
        let length = lineBreak()?.length
        skip(length.map { $0 + 1 } ?? bytes.readableBytes)
        return length != nil
    }

    /// Reads more.
    ///
    /// - Returns: how many bytes came, 0 at the end.
    mutating func fill(from file: CaptureFile) throws -> Int {
        // Slices of the old block may still be in use, so it is left to them.
        if bytes.readerIndex > 0 {
            var next = ByteBuffer()
            next.reserveCapacity(max(Self.size, bytes.readableBytes * 2))
            next.writeImmutableBuffer(bytes)
            bytes = next
        }
        return try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.size / 2) { buffer in
            try file.read(into: buffer)
        }
    }

    private mutating func take(_ length: Int, skipping skipped: Int, isCut: Bool = false) -> CaptureLine {
        var line = bytes
        line.moveWriterIndex(to: bytes.readerIndex + length)
        number += 1
        defer { skip(skipped) }
        return CaptureLine(number: number, offset: offset, bytes: line, isCut: isCut)
    }

    private mutating func skip(_ count: Int) {
        bytes.moveReaderIndex(forwardBy: count)
        offset += count
        scanned = 0
    }

    /// Bytes before the next line break, the first and the last of them.
    private func lineBreak() -> (length: Int, first: UInt8, last: UInt8)? {
        bytes.withUnsafeReadableBytes { bytes in
            guard scanned < bytes.count, let base = bytes.baseAddress,
                let place = unsafe memchr(base + scanned, 0x0A, bytes.count - scanned)
            else { return nil }
            let length = unsafe UnsafeRawPointer(place) - base
            return length > 0 ? (length, unsafe bytes[0], unsafe bytes[length - 1]) : (0, 0, 0)
        }
    }
}

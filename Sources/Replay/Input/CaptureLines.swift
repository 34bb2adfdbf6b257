import Foundation
import NIOCore

/// The lines of one input, in memory that a long line grows and nothing else.
///
/// Lines are slices of the block that was read last, so they cost no copies; a new block begins with what was left
/// of the one before.
final class CaptureLines {
    /// Bytes that a line may have, as a message on the wire.
    static let lineLimit = 134_217_728
    private static let blockSize = 1 << 16

    let file: CaptureFile
    /// Called before each read, which may wait.
    var beforeReading: () throws -> Void = {}

    private let lineLimit: Int
    private var block = ByteBuffer()
    /// Bytes of the block that are known to have no line break.
    private var scanned = 0
    private var isAtEnd = false
    private var peeked: [CaptureLine] = []
    private var number = 0
    private var offset = 0
    /// Bytes that came from the file, unpacked.
    private var received = 0

    init(file: CaptureFile, lineLimit: Int = CaptureLines.lineLimit) {
        self.file = file
        self.lineLimit = lineLimit
    }

    /// Bytes of the file, as it lies there, whose lines were read.
    var position: Int {
        received > 0 ? Int(Double(file.position) * (Double(offset) / Double(received))) : 0
    }

    /// The number of the line that ``next()`` will give.
    var nextNumber: Int { peeked.first?.number ?? number + 1 }

    /// Whether ``next()`` would wait now for more of the input.
    var isWaiting: Bool { peeked.isEmpty && !isAtEnd && file.isWaiting && lengthToLineBreak() == nil }

    /// The next line, or nil at the end.
    func next() throws -> CaptureLine? {
        if !peeked.isEmpty { return peeked.removeFirst() }
        return try read()
    }

    /// A line that ``next()`` will give again, 0 the next one.
    func peek(_ place: Int) throws -> CaptureLine? {
        while peeked.count <= place {
            guard let line = try read() else { return nil }
            peeked.append(line)
        }
        return peeked[place]
    }

    private func read() throws -> CaptureLine? {
        while true {
            if let length = lengthToLineBreak() { return take(length, breakLength: 1) }
            if isAtEnd {
                return block.readableBytes > 0 ? take(block.readableBytes, breakLength: 0) : nil
            }
            if block.readableBytes > lineLimit { return try cutLine() }
            try fill()
        }
    }

    private func take(_ length: Int, breakLength: Int, isCut: Bool = false) -> CaptureLine? {
        guard var bytes = block.readSlice(length: length) else { return nil }
        block.moveReaderIndex(forwardBy: breakLength)
        scanned = 0
        number += 1
        defer { offset += length + breakLength }
        if bytes.readableBytesView.last == 0x0D { bytes.moveWriterIndex(to: bytes.writerIndex - 1) }
        return CaptureLine(number: number, offset: offset, bytes: bytes, isCut: isCut)
    }

    /// The beginning of a line that is too long; the rest is read past.
    private func cutLine() throws -> CaptureLine? {
        guard let line = take(256, breakLength: 0, isCut: true) else { return nil }
        while true {
            if let length = lengthToLineBreak() {
                block.moveReaderIndex(forwardBy: length + 1)
                offset += length + 1
                scanned = 0
                return line
            }
            offset += block.readableBytes
            block = ByteBuffer()
            scanned = 0
            if isAtEnd { return line }
            try fill()
        }
    }

    private func lengthToLineBreak() -> Int? {
        let found = block.withUnsafeReadableBytes { bytes -> Int? in
            guard scanned < bytes.count, let base = bytes.baseAddress,
                let place = unsafe memchr(base + scanned, 0x0A, bytes.count - scanned)
            else { return nil }
            return unsafe UnsafeRawPointer(place) - base
        }
        if found == nil { scanned = block.readableBytes }
        return found
    }

    /// Slices of the old block may still be in use, so it is left to them.
    private func fill() throws {
        try beforeReading()
        let rest = block.readableBytes
        var next = ByteBuffer()
        next.reserveCapacity(max(Self.blockSize, rest * 2))
        next.writeImmutableBuffer(block)
        let file = file
        let count = try next.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.blockSize / 2) { buffer in
            try file.read(into: buffer)
        }
        block = next
        received += count
        if count == 0 { isAtEnd = true }
    }
}

import NIOCore

/// A line of an input, without its line break.
struct CaptureLine {
    /// Counted from 1.
    var number: Int
    /// Of its first byte in the input, unpacked.
    var offset: Int
    var bytes: ByteBuffer
    /// Whether it was longer than is read; then `bytes` is only its beginning.
    var isCut = false

    /// Whether there is nothing but white space.
    var isBlank: Bool {
        // As a rule the first byte tells.
        if let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self), first > 0x20 { return false }
        return bytes.readableBytesView.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// The first byte that is no white space.
    var firstByte: UInt8? {
        bytes.readableBytesView.first { $0 != 0x20 && $0 != 0x09 }
    }
}

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
    /// Whether the first byte is known to be none that a blank line has.
    var isKnownText = false

    /// Whether there is nothing but white space.
    var isBlank: Bool {
        !isKnownText && bytes.readableBytesView.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// The first byte that is no white space.
    var firstByte: UInt8? {
        bytes.readableBytesView.first { $0 != 0x20 && $0 != 0x09 }
    }
}

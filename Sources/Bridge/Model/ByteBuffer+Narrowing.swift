import NIOCore

extension ByteBuffer {
    /// Leaves what is in a range of the readable bytes.
    mutating func narrow(to range: Range<Int>) {
        moveWriterIndex(to: readerIndex + range.upperBound)
        moveReaderIndex(forwardBy: range.lowerBound)
    }
}

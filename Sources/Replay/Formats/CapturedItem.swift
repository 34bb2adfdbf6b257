package import NIOCore

/// What a reader found in an input.
package enum CapturedItem {
    case message(CapturedMessage)
    case unreadable(UnreadableCapture)
}

/// A captured message, still to be translated.
package struct CapturedMessage {
    /// The line on which it begins, counted from 1.
    package var line: Int
    /// The topic frame, where the capture has one.
    package var topic: ByteBuffer?
    /// The envelope, or the serialized message.
    package var bytes: ByteBuffer
}

/// A place where an input can't be read.
package struct UnreadableCapture {
    package var line: Int
    /// Names the place in bytes, what is wrong, and how it begins.
    package var detail: String
}

import Bridge
import NIOCore

/// Reads one format. A value, so that one can be read from again that was read from in vain.
protocol CaptureParser {
    /// The next message or fault; nil at the end of the input.
    mutating func next(_ lines: CaptureLines) throws -> CapturedItem?

    /// The line that was read in part, where the next message begins on it.
    var pendingLine: Int? { get }
}

extension CaptureParser {
    var pendingLine: Int? { nil }
}

extension CaptureLine {
    /// How a line's text begins, for a person.
    var beginning: String { Printable.beginning(bytes.readableBytesView, limit: 60) }

    func message(topic: ByteBuffer? = nil) -> CapturedItem {
        .message(CapturedMessage(line: number, topic: topic, bytes: bytes))
    }

    func unreadable(_ reason: String) -> CapturedItem {
        .unreadable(UnreadableCapture(line: number, detail: "at byte \(offset): \(reason): \(beginning)"))
    }

    /// What ``isCut`` says.
    var tooLong: CapturedItem {
        unreadable("the line has more than \(CaptureLines.lineLimit) bytes")
    }
}

import NIOCore

@testable import Spool

extension ReceivedBatch {
    /// A batch of messages given by the texts of their frames.
    init(_ messages: [[String]], at receivedAt: Int64 = 0) {
        self.init(receivedAt: receivedAt)
        for frames in messages { append(frames: frames.map { ByteBuffer(string: $0) }) }
    }

    /// The texts of every message's frames.
    var texts: [[String]] {
        (0..<count).map { index in self[index].frames.map { String(buffer: $0) } }
    }
}

internal import CZeroMQ
internal import Glibc

extension ZeroMQSocket {
    /// What a call of ``receive(upTo:maxBytes:_:)`` took.
    public struct ReceivedBatch: Hashable, Sendable {
        /// How many messages it took.
        public fileprivate(set) var messages = 0
        /// The size of all their frames.
        public fileprivate(set) var bytes = 0
        /// Whether the socket had no more; otherwise ``onReadable(_:)`` calls again in the next turn.
        public fileprivate(set) var isDrained = false
    }

    /// Gives `body` the messages that have arrived, without waiting for more.
    ///
    /// - Parameters:
    ///   - maxMessages: it stops after this many.
    ///   - maxBytes: it stops once the messages given have this many bytes or more.
    ///   - body: gets each message, whatever its frames are, in order. libzmq hands a message on whole or not at all.
    /// - Throws: ``ZeroMQError``: ``ZeroMQError/Code/closed`` or ``ZeroMQError/Code/terminated``.
    public func receive(
        upTo maxMessages: Int,
        maxBytes: Int = .max,
        _ body: (borrowing ZeroMQMessage) -> Void
    ) throws(ZeroMQError) -> ReceivedBatch {
        assertOnThread()
        var batch = ReceivedBatch()
        while batch.messages < maxMessages, batch.bytes < maxBytes {
            guard let message = try receiveMessage() else {
                batch.isDrained = true
                break
            }
            batch.messages += 1
            batch.bytes += message.bytes
            body(message)
            frames.release(message.count)
        }
        return batch
    }

    /// Nil when there is none.
    private func receiveMessage() throws(ZeroMQError) -> ZeroMQMessage? {
        var count = 0
        var dropped = 0
        var bytes = 0
        while true {
            // Frames beyond the last place are received into it, one over the other.
            let slot = frames.base + min(count, FrameStorage.capacity - 1)
            guard try receiveFrame(slot) else {
                // Only before a message's first frame: libzmq asserts that the others are there.
                return nil
            }
            bytes += zmq_msg_size(slot)
            if count < FrameStorage.capacity { count += 1 } else { dropped += 1 }
            if zmq_msg_more(slot) == 0 { break }
        }
        return ZeroMQMessage(base: frames.base, count: count, droppedFrames: dropped, bytes: bytes)
    }

    private func receiveFrame(_ frame: UnsafeMutablePointer<zmq_msg_t>) throws(ZeroMQError) -> Bool {
        let socket = handle.pointer
        while zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EAGAIN: return false
            case EINTR: continue
            default: throw ZeroMQError(operation: "zmq_msg_recv")
            }
        }
        return true
    }
}

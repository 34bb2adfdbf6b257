internal import CZeroMQ

/// A received message, lent for as long as the closure runs that gets it: its frames are libzmq's own memory.
public struct ZeroMQMessage: ~Copyable {
    private let base: UnsafeMutablePointer<zmq_msg_t>
    /// How many frames it gives access to: one at least, 64 at most.
    public let count: Int
    /// How many frames it had beyond those, which are dropped.
    public let droppedFrames: Int
    /// The size of all its frames, dropped ones included.
    public let bytes: Int

    init(base: UnsafeMutablePointer<zmq_msg_t>, count: Int, droppedFrames: Int, bytes: Int) {
        self.base = base
        self.count = count
        self.droppedFrames = droppedFrames
        self.bytes = bytes
    }

    /// How many frames the sender put into it.
    public var totalFrames: Int {
        count + droppedFrames
    }

    /// A frame's bytes, which must not outlive the closure.
    public subscript(index: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && index < count, "frame \(index) of \(count)")
        return UnsafeRawBufferPointer(start: zmq_msg_data(base + index), count: zmq_msg_size(base + index))
    }
}

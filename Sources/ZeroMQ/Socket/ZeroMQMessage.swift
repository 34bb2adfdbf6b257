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

    /// The connection that it came by, as events name it; -1 where libzmq does not say: of peers that speak ZMTP 2 or older, and
    /// of what a XPUB socket tells by itself.
    public var descriptor: Int32 {
        zmq_msg_get(base, ZMQ_SRCFD)
    }

    /// A frame's bytes, which must not outlive the closure.
    public subscript(index: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && index < count, "frame \(index) of \(count)")
        return UnsafeRawBufferPointer(start: zmq_msg_data(base + index), count: zmq_msg_size(base + index))
    }
}

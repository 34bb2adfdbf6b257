internal import CZeroMQ

/// `zmq_msg_t`s that are received into again and again, so that receiving a message allocates nothing here.
final class FrameStorage {
    /// More frames than any bus sends in a message; what lies beyond is counted, not kept.
    static let capacity = 64

    let base = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: capacity)

    init() {
        for index in 0..<Self.capacity {
            zmq_msg_init(base + index)
        }
    }

    deinit {
        for index in 0..<Self.capacity {
            zmq_msg_close(base + index)
        }
        base.deallocate()
    }

    /// Gives back what the first frames hold: a message of 100 MB must not stay until the next one comes.
    func release(_ count: Int) {
        for index in 0..<count {
            zmq_msg_close(base + index)
            zmq_msg_init(base + index)
        }
    }
}

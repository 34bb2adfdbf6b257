internal import CZeroMQ
internal import Glibc

/// The poll set of one thread: its wake-up and its sockets.
struct Poller: ~Copyable {
    private var items: [zmq_pollitem_t]
    private var ids: [UInt64] = []
    private(set) var readable: [UInt64] = []

    init(wakeUp descriptor: Int32) {
        items = [zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
    }

    mutating func setSockets(_ sockets: [LoopState.Registration]) {
        items.removeSubrange(1...)
        ids.removeAll(keepingCapacity: true)
        for socket in sockets {
            guard let pointer = socket.handle.pointer else { continue }
            let events = socket.onReadable != nil ? ZMQ_POLLIN : 0
            items.append(zmq_pollitem_t(socket: pointer, fd: -1, events: Int16(events), revents: 0))
            ids.append(socket.id)
        }
    }

    enum Outcome {
        case ready(isWoken: Bool)
        /// The context is terminated: no socket of it can be used.
        case terminated
    }

    /// Waits until something is readable, then says in ``readable`` what is.
    mutating func wait(_ limit: Duration) -> Outcome {
        readable.removeAll(keepingCapacity: true)
        let (seconds, attoseconds) = limit.components
        // Rounded up: a timer that is due in half a millisecond must not spin until then.
        let milliseconds = Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        let count = zmq_poll(&items, Int32(items.count), milliseconds)
        guard count >= 0 else {
            return zmq_errno() == EINTR ? .ready(isWoken: false) : .terminated
        }
        if count > 0 {
            for (item, id) in zip(items.dropFirst(), ids) where item.revents != 0 {
                readable.append(id)
            }
        }
        return .ready(isWoken: items[0].revents != 0)
    }
}

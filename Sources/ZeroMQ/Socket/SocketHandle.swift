internal import CZeroMQ
internal import Synchronization

/// A libzmq socket's address, shared by ``ZeroMQSocket`` and the thread that polls it and closes it at the latest.
///
/// Only that thread calls libzmq with it.
final class SocketHandle: Sendable {
    private let bits: Atomic<UInt>
    /// Kept until the socket is closed: its end would wait for that.
    let context: ZeroMQContext
    private let isMonitored = Atomic(false)
    /// What its monitor's events are about.
    let names = Mutex(EndpointNames())

    init(_ socket: UInt, of context: ZeroMQContext) {
        self.context = context
        bits = Atomic(socket)
    }

    /// Nil once closed, for which libzmq answers `ENOTSOCK`.
    var pointer: UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: bits.load(ordering: .relaxed))
    }

    func markMonitored() {
        isMonitored.store(true, ordering: .relaxed)
    }

    /// Closes the socket; what it still has to send is sent as long as its linger allows.
    func close() {
        guard let socket = UnsafeMutableRawPointer(bitPattern: bits.exchange(0, ordering: .relaxed)) else { return }
        if isMonitored.load(ordering: .relaxed) {
            // Before the monitor's other end goes: an I/O thread would wait for room in a pipe that is no more.
            zmq_socket_monitor(socket, nil, 0)
        }
        zmq_close(socket)
    }
}

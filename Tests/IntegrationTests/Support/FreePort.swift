import Synchronization

private let givenOut = Mutex<[ReservedPort]>([])

/// A TCP port on loopback, as the kernel chose it, that is given to nobody else as long as the tests run.
///
/// Where the binder can report the port that it got, let it bind 0 instead; what is to be free again is a ``ReservedPort``.
func freePort() throws -> Int {
    let port = try ReservedPort()
    givenOut.withLock { $0.append(port) }
    return port.number
}

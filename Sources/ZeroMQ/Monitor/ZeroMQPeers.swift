/// The peers whose handshake succeeded and that have not gone, an endpoint at a time, counted from a monitor's events.
///
/// libzmq names a connection's descriptor when it begins and ends, but not with its handshake, and tells the end of one
/// whose handshake failed as any other's; of one with a peer of the wrong type it tells the end alone. So each endpoint has
/// the connections that are through, those that are not, of which the oldest counts as the one that got through, and how many
/// of these are failing, which end next.
public struct ZeroMQPeers: Hashable, Sendable {
    private struct Endpoint: Hashable, Sendable {
        var through: Set<Int32> = []
        /// Oldest first.
        var pending: [Int32] = []
        var failing = 0
        /// Our connection to it ended, and no event told since that another is tried.
        var isAbandoned = false
        var isOurs = false

        mutating func begin(_ descriptor: Int32) {
            // Its number may be of one before, whose end was not told.
            through.remove(descriptor)
            pending.removeAll { $0 == descriptor }
            pending.append(descriptor)
        }

        mutating func passOldest() {
            if !pending.isEmpty { through.insert(pending.removeFirst()) }
        }

        mutating func end(_ descriptor: Int32) {
            let wasThrough = through.remove(descriptor) != nil
            pending.removeAll { $0 == descriptor }
            if failing > 0 { failing -= 1 }
            // Another may have been the one that got through, and leaves by its own end if it was not.
            if wasThrough { passOldest() }
        }
    }

    private var endpoints: [String: Endpoint] = [:]

    /// No peers.
    public init() {}

    /// Whether any connection is open, its handshake done or not.
    public var hasConnections: Bool {
        endpoints.values.contains { !$0.through.isEmpty || !$0.pending.isEmpty }
    }

    /// Whether a connection is open, its handshake done or not.
    public func isOpen(_ descriptor: Int32) -> Bool {
        endpoints.values.contains { $0.through.contains(descriptor) || $0.pending.contains(descriptor) }
    }

    /// How many peers are connected.
    public var count: Int {
        endpoints.values.reduce(0) { $0 + $1.through.count }
    }

    /// The connections of the peers that are connected, by their descriptors.
    public var connections: Set<Int32> {
        endpoints.values.reduce(into: []) { $0.formUnion($1.through) }
    }

    /// How many peers are connected by way of an endpoint, as events name it.
    public func count(at endpoint: String) -> Int {
        endpoints[endpoint]?.through.count ?? 0
    }

    /// Endpoints that we connected to, lost, and that libzmq does not try again, or has not told yet that it does: it
    /// gives a peer up for a frame above ``ZeroMQOption/maxMsgSize`` or a breach of the protocol. Those that stay here for
    /// a second want ``ZeroMQSocket/reconnect(_:)``.
    public var abandonedEndpoints: [String] {
        endpoints.filter { $0.value.isAbandoned }.keys.sorted()
    }

    /// Takes a monitor's event in; those that are about no connection change nothing.
    public mutating func apply(_ event: ZeroMQMonitorEvent) {
        var endpoint = endpoints[event.endpoint] ?? Endpoint()
        switch event.kind {
        case .accepted(let descriptor):
            endpoint.begin(descriptor)
        case .connected(let descriptor):
            endpoint.begin(descriptor)
            endpoint.isOurs = true
            endpoint.isAbandoned = false
        case .connectDelayed, .connectRetried:
            endpoint.isAbandoned = false
        case .handshakeSucceeded:
            endpoint.passOldest()
        case .handshakeFailed, .handshakeFailedProtocol, .handshakeFailedAuth:
            endpoint.failing += 1
        case .disconnected(let descriptor):
            endpoint.end(descriptor)
            endpoint.isAbandoned = endpoint.isOurs
        default:
            return
        }
        // A failed handshake may be told twice.
        endpoint.failing = min(endpoint.failing, endpoint.pending.count)
        let isOver = endpoint.through.isEmpty && endpoint.pending.isEmpty && !endpoint.isAbandoned
        endpoints[event.endpoint] = isOver ? nil : endpoint
    }

    /// Forgets an endpoint's peers: `zmq_unbind` and `zmq_disconnect` end connections without an event.
    public mutating func remove(_ endpoint: String) {
        endpoints[endpoint] = nil
    }
}

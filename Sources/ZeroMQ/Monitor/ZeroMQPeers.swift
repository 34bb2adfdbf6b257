/// The peers whose handshake succeeded and that have not gone, an endpoint at a time, counted from a monitor's events.
///
/// libzmq names a connection's descriptor when it begins and ends, but not with its handshake, and tells the end of one
/// whose handshake failed as any other's. So each endpoint has its open connections, how many of them are through, and
/// how many are failing; the first bounds the others, so that an error cannot stay.
public struct ZeroMQPeers: Hashable, Sendable {
    private struct Endpoint: Hashable, Sendable {
        var open: Set<Int32> = []
        var connected = 0
        var failing = 0
        /// Our connection to it ended, and no event told since that another is tried.
        var isAbandoned = false
        var isOurs = false
    }

    private var endpoints: [String: Endpoint] = [:]

    /// No peers.
    public init() {}

    /// How many peers are connected.
    public var count: Int {
        endpoints.values.reduce(0) { $0 + $1.connected }
    }

    /// How many peers are connected by way of an endpoint, as events name it.
    public func count(at endpoint: String) -> Int {
        endpoints[endpoint]?.connected ?? 0
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
            endpoint.open.insert(descriptor)
        case .connected(let descriptor):
            endpoint.open.insert(descriptor)
            endpoint.isOurs = true
            endpoint.isAbandoned = false
        case .connectDelayed, .connectRetried:
            endpoint.isAbandoned = false
        case .handshakeSucceeded:
            endpoint.connected = min(endpoint.connected + 1, endpoint.open.count)
        case .handshakeFailed, .handshakeFailedProtocol, .handshakeFailedAuth:
            endpoint.failing += 1
        case .disconnected(let descriptor):
            endpoint.open.remove(descriptor)
            if endpoint.failing > 0 {
                endpoint.failing -= 1
            } else if endpoint.connected > 0 {
                endpoint.connected -= 1
            }
            endpoint.connected = min(endpoint.connected, endpoint.open.count)
            endpoint.isAbandoned = endpoint.isOurs
        default:
            return
        }
        // A failed handshake may be told twice.
        endpoint.failing = min(endpoint.failing, endpoint.open.count - endpoint.connected)
        endpoints[event.endpoint] = endpoint.open.isEmpty && !endpoint.isAbandoned ? nil : endpoint
    }

    /// Forgets an endpoint's peers: `zmq_unbind` and `zmq_disconnect` end connections without an event.
    public mutating func remove(_ endpoint: String) {
        endpoints[endpoint] = nil
    }
}

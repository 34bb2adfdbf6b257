/// The endpoints that a socket connects to, and what libzmq calls them in its events.
///
/// That is the endpoint as it was given until its first connection ends, and from then on the address that the connection
/// before went to, which its descriptor tells as it opens.
struct EndpointNames {
    /// By endpoint, what its events may name: the connection that there is, and the one after it.
    private var names: [String: Set<String>] = [:]
    /// The endpoint of each connection, by its descriptor: its end can always be told.
    private var connections: [Int32: String] = [:]
    /// Whether peers come in too: their events name addresses of ours, whatever was bound.
    private var isBound = false

    mutating func bind() {
        isBound = true
    }

    mutating func connect(_ endpoint: String) {
        names[endpoint] = names[endpoint] ?? []
    }

    mutating func disconnect(_ endpoint: String) {
        names[endpoint] = nil
        connections = connections.filter { $0.value != endpoint }
    }

    /// An event under its endpoint as that was given; nil where that can't be told, as of one that is connected to no more.
    ///
    /// Nor can it where two names have the same address: both then look abandoned once lost, and begin anew by name with
    /// ``ZeroMQSocket/reconnect(_:)``. Where the address itself is one of the two, it gets the events.
    ///
    /// - Parameter address: where the connection with a descriptor goes to, as libzmq writes it.
    mutating func resolve(_ event: ZeroMQMonitorEvent, address: (_ descriptor: Int32) -> String?) -> ZeroMQMonitorEvent?
    {
        if case .disconnected(let descriptor) = event.kind, let endpoint = connections.removeValue(forKey: descriptor) {
            return ZeroMQMonitorEvent(event.kind, endpoint: endpoint)
        }
        guard let endpoint = endpoint(named: event.endpoint) else { return nil }
        if case .connected(let descriptor) = event.kind, names[endpoint] != nil {
            connections[descriptor] = endpoint
            // A connection that is over already may have left its descriptor to another one.
            if let address = address(descriptor), Self.port(of: address) == Self.port(of: endpoint) {
                names[endpoint] = [event.endpoint, address]
            }
        }
        return ZeroMQMonitorEvent(event.kind, endpoint: endpoint)
    }

    private func endpoint(named name: String) -> String? {
        // The last event has none.
        if name.isEmpty || names[name] != nil { return name }
        let endpoints = names.filter { $0.value.contains(name) }.keys
        if endpoints.isEmpty, isBound { return name }
        return endpoints.count == 1 ? endpoints.first : nil
    }

    private static func port(of endpoint: String) -> Substring? {
        endpoint.split(separator: ":").last
    }
}

import Testing

@testable import ZeroMQ

@Suite("EndpointNames")
struct EndpointNamesTests {
    private var names = EndpointNames()
    private static let name = "tcp://a.example:1"

    /// The endpoint that an event is told under; nil where it is not told.
    private mutating func endpoint(_ endpoint: String, connectedTo address: String? = nil) -> String? {
        let kind = address.map { _ in ZeroMQMonitorEvent.Kind.connected(descriptor: 3) } ?? .handshakeSucceeded
        return names.resolve(ZeroMQMonitorEvent(kind, endpoint: endpoint)) { _ in address }?.endpoint
    }

    @Test("follow a host to another address")
    mutating func moved() {
        names.connect(Self.name)
        #expect(endpoint(Self.name) == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == nil)
        #expect(endpoint(Self.name, connectedTo: "tcp://10.0.0.1:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == Self.name)
        // libzmq named the attempt before it looked the host up again.
        #expect(endpoint("tcp://10.0.0.1:1", connectedTo: "tcp://10.0.0.2:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.2:1", connectedTo: "tcp://10.0.0.2:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == nil)
        #expect(endpoint("tcp://10.0.0.2:1") == Self.name)
    }

    @Test("keep what they know where a connection's address can't be told, or is another one's by now")
    mutating func unknownAddress() {
        names.connect(Self.name)
        #expect(endpoint(Self.name, connectedTo: "tcp://10.0.0.1:1") == Self.name)
        #expect(names.resolve(ZeroMQMonitorEvent(.connected(descriptor: 3), endpoint: Self.name)) { _ in nil } != nil)
        #expect(endpoint(Self.name, connectedTo: "tcp://10.0.0.9:5672") == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.9:5672") == nil)
    }

    @Test("do not take one endpoint for another with the same address")
    mutating func shared() {
        let (other, address) = ("tcp://b.example:1", "tcp://10.0.0.1:1")
        for name in [Self.name, other] {
            names.connect(name)
            #expect(endpoint(name, connectedTo: address) == name)
        }
        #expect(endpoint(address) == nil)
        names.connect(address)
        #expect(endpoint(address) == address)
        names.disconnect(address)
        names.disconnect(other)
        #expect(endpoint(address) == Self.name)
        names.disconnect(Self.name)
        #expect(endpoint(address) == nil)
    }

    @Test("tell a connection's end where another endpoint has come to have its address")
    mutating func sharedLater() {
        let (other, address) = ("tcp://b.example:1", "tcp://10.0.0.1:1")
        func kept(_ event: ZeroMQMonitorEvent.Kind, _ endpoint: String) -> String? {
            names.resolve(ZeroMQMonitorEvent(event, endpoint: endpoint)) { _ in address }?.endpoint
        }
        names.connect(Self.name)
        names.connect(other)
        #expect(kept(.connected(descriptor: 3), Self.name) == Self.name)
        #expect(kept(.disconnected(descriptor: 3), Self.name) == Self.name)
        #expect(kept(.connected(descriptor: 4), address) == Self.name)
        #expect(kept(.connected(descriptor: 5), other) == other)
        #expect(kept(.disconnected(descriptor: 4), address) == Self.name)
        #expect(kept(.connectRetried(interval: .seconds(1)), address) == nil)
        // Nor is an earlier connection's descriptor any more.
        #expect(kept(.disconnected(descriptor: 4), address) == nil)
        names.disconnect(other)
        names.disconnect(Self.name)
        #expect(kept(.disconnected(descriptor: 5), address) == nil)
    }

    @Test("leave the events of those who come in as they are")
    mutating func bound() {
        names.bind()
        #expect(endpoint("tcp://10.0.0.1:1") == "tcp://10.0.0.1:1")
        names.connect(Self.name)
        #expect(endpoint(Self.name, connectedTo: "tcp://10.0.0.2:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.2:1") == Self.name)
        #expect(endpoint("tcp://10.0.0.1:1") == "tcp://10.0.0.1:1")
    }

    @Test("let the last event through, which has no endpoint")
    mutating func last() {
        names.connect(Self.name)
        #expect(names.resolve(ZeroMQMonitorEvent(.monitorStopped, endpoint: "")) { _ in nil }?.kind == .monitorStopped)
    }
}

import Settings
import Testing

@testable import Watch

@Suite struct TailTests {
    private typealias Binding = AMQPListener.Binding

    private static let configuration: BridgeConfiguration = {
        var configuration = BridgeConfiguration()
        configuration.toAMQP.exchange = "zmq.topic"
        configuration.bindings = [
            .init(queue: "q", exchange: "direct", routingKeys: ["org.a", "org.b"]),
            .init(queue: "q", exchange: "headers", routingKeys: [""]),
        ]
        configuration.bindings[1].arguments = ["x-match": .string("all")]
        return configuration
    }()

    private static let keyless = Binding(exchange: "headers", routingKey: "", arguments: ["x-match": .string("all")])

    @Test("Exchanges are bound to as a whole and, where that says nothing to them, as configured")
    func whole() {
        #expect(
            Tail.bindings(Self.configuration, []) == [
                Binding(exchange: "zmq.topic", routingKey: "#"), Binding(exchange: "direct", routingKey: "#"),
                Binding(exchange: "headers", routingKey: "#"), Binding(exchange: "direct", routingKey: "org.a"),
                Binding(exchange: "direct", routingKey: "org.b"), Self.keyless,
            ]
        )
    }

    @Test("Of what is configured only what may fit the patterns is asked for")
    func patterns() {
        #expect(
            Tail.bindings(Self.configuration, ["*.a"]) == [
                Binding(exchange: "zmq.topic", routingKey: "*.a"), Binding(exchange: "direct", routingKey: "*.a"),
                Binding(exchange: "headers", routingKey: "*.a"), Binding(exchange: "direct", routingKey: "org.a"),
            ]
        )
    }
}

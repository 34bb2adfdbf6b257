import Foundation
import Testing

/// A bridged message beside one that fedora-messaging published itself, property by property.
@Suite("What consumers see of a bridged message")
struct NativePropertiesTests {
    private typealias Field = PlainAMQP.Field

    @Test("Properties and headers are those of a native message, in names, types and order", .timeLimit(.minutes(2)))
    func sameAsNative() async throws {
        let (native, bridged) = try await Self.pair(
            envelope:
                #"{"i":7,"msg":{"a":1},"msg_id":"2019-x","timestamp":1564513942,"topic":"org.x","username":"ralph"}"#
        )
        let own = "x-fedmsg-bridge"
        #expect(bridged.properties.map(\.name) == native.properties.map(\.name))
        #expect(bridged.properties.map(\.type) == native.properties.map(\.type))
        #expect(bridged.headers?.map(\.name).filter { $0 != own } == native.headers?.map(\.name))
        #expect(bridged.headers?.filter { $0.name != own }.map(\.type) == native.headers?.map(\.type))
        // All values too, but for those that tell one message from another.
        let individual: Set = ["message_id", "sent-at", own]
        #expect(
            bridged.properties.filter { !individual.contains($0.name) }
                == native.properties.filter { !individual.contains($0.name) }
        )
        #expect(
            bridged.headers?.filter { !individual.contains($0.name) }
                == native.headers?.filter { !individual.contains($0.name) }
        )
        #expect(bridged.header("sent-at")?.value == "2019-07-30T19:12:22+00:00")
    }

    @Test("x-fedmsg-bridge keeps what AMQP has no place for", .timeLimit(.minutes(2)))
    func ownHeader() async throws {
        let (_, bridged) = try await Self.pair(
            envelope:
                #"{"i":7,"msg":{},"msg_id":"2019-x","timestamp":1.50,"topic":"org.x","username":"ralph","headers":{"k":"v"}}"#
        )
        #expect(
            bridged.header("x-fedmsg-bridge")?.fields == [
                Field(name: "origin", type: "S", value: "fedmsg", fields: nil),
                Field(name: "username", type: "S", value: "ralph", fields: nil),
                Field(name: "i", type: "l", value: "7", fields: nil),
                Field(name: "timestamp", type: "S", value: "1.50", fields: nil),
                Field(name: "headers", type: "S", value: #"{"k":"v"}"#, fields: nil),
            ]
        )
    }

    @Test(
        "An envelope's own headers come along where AMQP can hold them, and never take a library's place",
        .timeLimit(.minutes(2))
    )
    func envelopeHeaders() async throws {
        let headers =
            #"{"text":"é","yes":true,"number":-5,"float":1.5,"list":[1],"fedora_messaging_severity":40,"priority":9}"#
        let (native, bridged) = try await Self.pair(
            envelope: #"{"msg":{},"msg_id":"2019-x","timestamp":1564513942,"topic":"org.x","headers":\#(headers)}"#
        )
        let libraryNames = Set((native.headers ?? []).map(\.name) + ["x-fedmsg-bridge"])
        // RabbitMQ 4 sorts them.
        #expect(
            bridged.headers?.filter { !libraryNames.contains($0.name) }.sorted { $0.name < $1.name } == [
                Field(name: "number", type: "l", value: "-5", fields: nil),
                Field(name: "text", type: "S", value: "é", fields: nil),
                Field(name: "yes", type: "t", value: "true", fields: nil),
            ]
        )
        #expect(bridged.header("fedora_messaging_severity")?.value == "20")
        #expect(bridged.header("priority")?.value == "0")
    }

    /// A message that the library published, and what the bridge made of `envelope`.
    private static func pair(envelope: String) async throws -> (native: PlainAMQP.Message, bridged: PlainAMQP.Message) {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.declare(queue: "native", boundTo: "amq.topic")
            try await scene.amqp.consume("native")
            let native = try await FedoraPublisher.with(url: scene.host.url) { publisher in
                try await publisher.publish(topic: "org.x", body: ["a": "1"])
                return try await scene.amqp.next()
            }
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.publisher.publish(topic: "org.x", envelope)
            return (native, try await scene.amqp.next())
        }
    }
}

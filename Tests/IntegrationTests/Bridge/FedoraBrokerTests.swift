import Foundation
import Testing

/// From a stock fedora-messaging configuration, with the bridge's own tables after it.
@Suite("A broker like Fedora's", .timeLimit(.minutes(5)))
struct FedoraBrokerTests {
    @Test("A stock configuration carries a message each way, without the right to make anything")
    func bothWays() async throws {
        try await FedoraBroker.with { fedora in
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(continuing: fedora.configuration())
                settings.toAMQP(from: [publisher.endpoint])
                let endpoint = try settings.toFedmsg()
                try await BridgeProcess.with(settings) { bridge in
                    try await publisher.subscribed()
                    try await fedora.amqp.consume(FedmsgToAMQP.queue)
                    try await publisher.publish(topic: "org.x", Self.envelope)
                    let message = try await fedora.amqp.next()
                    #expect(message.exchange == FedoraBroker.exchange)
                    #expect(message.topic == "org.x")
                    #expect(message.body == Data(#"{"a": 1.0}"#.utf8))

                    try await FrameSubscriber.with(connect: endpoint) { subscriber in
                        try await AMQPToFedmsg.probe(through: fedora.amqp) { try !subscriber.taken().isEmpty }
                    }
                    let users = try await fedora.broker.ctl("list_connections", "user", "auth_mechanism")
                    #expect(users.contains("fedora\tEXTERNAL"), "\(users)")
                    #expect(bridge.process.errors.lines.allSatisfy { !$0.contains("no connection") })
                }
            }
        }
    }

    @Test("Every refusal names its cause in the log and in /ready, and no line holds a password")
    func refusals() async throws {
        try await FedoraBroker.with { fedora in
            try await withTemporaryDirectory { folder in
                let strangers = try await Certificates(in: folder)
                try await Self.expectRefusal(
                    fedora.configuration(ca: strangers.ca),
                    "tls",
                    "no certificate authority in \(strangers.ca)",
                    agreeing: true
                )
            }
            try await Self.expectRefusal(
                fedora.configuration(login: "fedora:\(FedoraBroker.password)x", withCertificate: false),
                "access_refused",
                "ACCESS_REFUSED"
            )

            try await fedora.deleteExchange()
            try await Self.expectRefusal(fedora.configuration(), "exchange_missing", FedoraBroker.exchange)

            try await fedora.renewServer(names: "DNS:broker.example")
            try await Self.expectRefusal(fedora.configuration(), "tls", "not for the host name 127.0.0.1")
            try await fedora.renewServer(days: -1)
            try await Self.expectRefusal(fedora.configuration(), "tls", "has expired, on 20")
            try await fedora.renewServer()
            try await fedora.certificates.renewClient(commonName: "fedora", days: -1)
            try await Self.expectRefusal(fedora.configuration(), "tls", "refused the client certificate")
            try await fedora.certificates.renewClient(commonName: "nobody")
            try await Self.expectRefusal(fedora.configuration(), "access_refused", "ACCESS_REFUSED")
        }
    }

    @Test("A missing right to publish keeps the message until it is given")
    func missingRight() async throws {
        try await FedoraBroker.with { fedora in
            try await fedora.permit(write: "^$")
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(continuing: fedora.configuration())
                settings.toAMQP(from: [publisher.endpoint])
                try await BridgeProcess.with(settings) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publish(topic: "org.x", Self.envelope)
                    try await bridge.untilNotReady(because: "access_refused")
                    let line = try await bridge.logged("ACCESS_REFUSED")
                    #expect(line.contains("zmq.topic"), "\(line)")

                    try await fedora.permit(write: FedoraBroker.rights)
                    try await fedora.amqp.consume(FedmsgToAMQP.queue)
                    #expect(try await fedora.amqp.next().topic == "org.x")
                    try await bridge.untilReady()
                }
            }
        }
    }

    private static let envelope =
        #"{"i": 1, "msg": {"a": 1.0}, "msg_id": "2019-1", "timestamp": 1564513942, "topic": "org.x"}"#

    /// Runs a bridge that must not get ready, for this reason.
    private static func expectRefusal(
        _ configuration: String,
        _ code: String,
        _ words: String,
        agreeing: Bool = false
    ) async throws {
        var settings = try BridgeSettings(continuing: configuration)
        settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
        try await BridgeProcess.with(settings, waiting: false) { bridge in
            try await bridge.untilNotReady(because: code)
            _ = try await bridge.logged(words)
            if agreeing {
                // Its certificates end within a day.
                let codes: Set = [code, "not_connected", "certificate_expires"]
                try await bridge.expectAgreement(status: "critical", codes: codes)
            }
            #expect(bridge.process.errors.lines.allSatisfy { !$0.contains(FedoraBroker.password) })
        }
    }
}

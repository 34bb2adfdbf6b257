import Foundation
import Testing

/// The page in a real browser, against the real daemon; with what health and the metrics say of the same state.
@Suite("Status page")
struct StatusPageTests {
    @Test("A bridge that moves messages; a stranger's topic is text on it", .timeLimit(.minutes(2)))
    func ok() async throws {
        try await FedmsgToAMQP.with { scene in
            let topic = "org.<script>alert(1)</script>&\u{1B}[2J\u{202E}"
            try await scene.publisher.publish(topic: topic, "not json")
            try await scene.bridge.until(#"fedmsg_bridge_dead_letters{direction="to_amqp"}"#, is: 1)
            let page = try await scene.bridge.expectAgreement(status: "ok", codes: [])
            #expect(page.contains("org.&lt;script&gt;alert(1)&lt;/script&gt;&amp;\\u{1B}[2J\\u{202E}"))
            #expect(page.contains("<code>bad_json</code>"))
            #expect(page.contains("1/1 publishers"))
            #expect(page.contains("amqp_url = &quot;amqp://") || page.contains("amqp_url = \"amqp://"))
            #expect(page.contains(":***@"))
            #expect(!page.contains(":guest@"))
        }
    }

    @Test("Certificates that end soon", .timeLimit(.minutes(2)))
    func warning() async throws {
        try await FedmsgPeer.with { peer in
            // Its certificates are made for ten days.
            try await FedmsgToAMQP.with({ $0.validate(trusting: peer) }) { scene in
                let codes: Set = ["certificate_expires"]
                let page = try await scene.bridge.expectAgreement(status: "warning", codes: codes)
                for text in ["expires in 9 days", "fedmsg CA", "Revocation list"] {
                    #expect(page.contains(text), "\(text)")
                }
            }
        }
    }

    @Test("A broker and publishers that are away", .timeLimit(.minutes(2)))
    func critical() async throws {
        var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
        settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
        try await BridgeProcess.with(settings, waiting: false) { bridge in
            try await bridge.untilNotReady(because: "broker_away")
            let page = try await bridge.expectAgreement(status: "critical", codes: ["broker_away", "not_connected"])
            #expect(page.contains("no publisher answers at tcp://"))
            #expect(page.contains("0/1 publishers"))
        }
    }

    @Test("An open page says so when a proxy answers in the bridge's place", .timeLimit(.minutes(2)))
    func proxy() async throws {
        struct Listening: Decodable { let port: Int }
        var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
        settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
        try await BridgeProcess.with(settings, waiting: false) { bridge in
            try await PythonPeer.with("failing_proxy", [bridge.monitoring]) { proxy in
                let port = try await proxy.next("listening", as: Listening.self).port
                let page = try await Chromium.document(at: "http://127.0.0.1:\(port)/", after: 15).html
                #expect(page.contains("<title>? · fedmsg-bridge</title>"))
                #expect(page.contains("– no answer since</time>"))
            }
        }
    }

    @Test("Elsewhere than on loopback it shows states and numbers only", .timeLimit(.minutes(2)))
    func states() async throws {
        try await FedmsgToAMQP.with {
            $0["monitoring", "page"] = "\"states\""
        } _: { scene in
            try await scene.publisher.publish(topic: "org.x", "not json")
            try await scene.bridge.until(#"fedmsg_bridge_dead_letters{direction="to_amqp"}"#, is: 1)
            let page = try await scene.bridge.expectAgreement(status: "ok", codes: [])
            #expect(page.contains("bad_json 1"))
            for secret in ["org.x", "tcp://", "amqp_url", FedmsgToAMQP.exchange] { #expect(!page.contains(secret)) }
        }
    }
}

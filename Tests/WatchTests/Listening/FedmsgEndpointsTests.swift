import Settings
import Testing

@testable import Watch

@Suite struct FedmsgEndpointsTests {
    private static func configuration(
        from endpoints: [String] = [],
        bind: Bool = false,
        to endpoint: String? = nil,
        remotePublish: Bool = false
    ) -> BridgeConfiguration {
        var configuration = BridgeConfiguration()
        configuration.toAMQP.enabled = !endpoints.isEmpty
        configuration.toAMQP.zmqEndpoints = endpoints
        configuration.toAMQP.bind = bind
        configuration.toFedmsg.enabled = endpoint != nil
        if let endpoint { configuration.toFedmsg.publishEndpoint = endpoint }
        configuration.toFedmsg.remotePublish = remotePublish
        return configuration
    }

    @Test(
        "Any address is read as this machine's",
        arguments: [
            ("tcp://*:9940", "tcp://127.0.0.1:9940"),
            ("tcp://0.0.0.0:9940", "tcp://127.0.0.1:9940"),
            ("tcp://[::]:9940", "tcp://[::1]:9940"),
            ("tcp://bus.example.org:9940", "tcp://bus.example.org:9940"),
            ("ipc:///run/fedmsg", "ipc:///run/fedmsg"),
        ]
    )
    func anyAddress(configured: String, reached: String) throws {
        let endpoints = try FedmsgEndpoints(Self.configuration(to: configured), listen: [])
        #expect(endpoints.bridge == [reached])
    }

    @Test("Both directions are heard, each endpoint once")
    func both() throws {
        let configuration = Self.configuration(from: ["tcp://a:1", "tcp://b:1", "tcp://a:1"], to: "tcp://b:1")
        let endpoints = try FedmsgEndpoints(configuration, listen: ["tcp://c:1"])
        #expect(endpoints.all == ["tcp://a:1", "tcp://b:1", "tcp://c:1"])
    }

    @Test("Where the bridge's own fedmsgs may be too, nothing is left out by its topics")
    func shared() throws {
        var configuration = Self.configuration(from: ["tcp://a:1", "tcp://127.0.0.1:1"], to: "tcp://*:1")
        configuration.toAMQP.topics = ["org.a"]
        let own = try FedmsgEndpoints(configuration, listen: ["tcp://c:1"])
        #expect((own.publishers, own.topics) == (["tcp://a:1"], ["org.a"]))
        #expect((own.shared, own.bridge) == (["tcp://127.0.0.1:1", "tcp://c:1"], []))

        configuration.toFedmsg.remotePublish = true
        let relay = try FedmsgEndpoints(configuration, listen: ["tcp://c:1"])
        #expect((relay.publishers, relay.shared) == (["tcp://a:1", "tcp://127.0.0.1:1"], ["tcp://c:1"]))

        configuration.toFedmsg.enabled = false
        let oneWay = try FedmsgEndpoints(configuration, listen: ["tcp://c:1"])
        #expect((oneWay.publishers, oneWay.shared) == (["tcp://a:1", "tcp://127.0.0.1:1", "tcp://c:1"], []))
    }

    @Test("What only the bridge can hear has to be named with --listen")
    func unheard() throws {
        let unheard = [
            Self.configuration(from: ["tcp://*:1"], bind: true),
            Self.configuration(to: "tcp://relay:1", remotePublish: true),
            Self.configuration(to: "tcp://127.0.0.1:*"),
            Self.configuration(),
        ]
        for configuration in unheard {
            #expect(throws: FedmsgEndpoints.Unheard.self) { try FedmsgEndpoints(configuration, listen: []) }
        }
        for configuration in unheard.prefix(2) {
            let endpoints = try FedmsgEndpoints(configuration, listen: ["tcp://relay:2"])
            #expect(endpoints.all == ["tcp://relay:2"])
        }
    }
}

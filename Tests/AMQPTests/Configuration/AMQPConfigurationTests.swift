import Testing

@testable import AMQP

@Suite("AMQPConfiguration")
struct AMQPConfigurationTests {
    @Test("keeps the order of several URIs, each with its own credentials")
    func ordersEndpoints() throws {
        let configuration = try AMQPConfiguration(uris: ["amqp://a:1@one", "amqps://b:2@two?heartbeat=7"])
        #expect(configuration.endpoints.map(\.address) == ["one:5672", "two:5671"])
        #expect(configuration.endpoints.map(\.credentials.username) == ["a", "b"])
        #expect(configuration.resolved(for: configuration.endpoints[0]).heartbeat == .seconds(60))
        #expect(configuration.resolved(for: configuration.endpoints[1]).heartbeat == .seconds(7))
    }

    @Test("says which of several URIs is wrong")
    func namesWrongURI() {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(uris: ["amqp://", "amqp://:x"]) }
        #expect(error?.message.hasPrefix("URI 2 of 2: ") == true)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var make: @Sendable (inout AMQPConfiguration) -> Void
        var testDescription: String { name }

        init(_ name: String, _ make: @escaping @Sendable (inout AMQPConfiguration) -> Void) {
            self.name = name
            self.make = make
        }
    }

    static let mistakes: [Mistake] = [
        Mistake("endpoints") { $0.endpoints = [] },
        Mistake("host") { $0.endpoints[0].host = "" },
        Mistake("port") { $0.endpoints[0].port = 0 },
        Mistake("mechanisms") { $0.endpoints[0].credentials.mechanisms = [] },
        Mistake("virtual host") { $0.endpoints[0].virtualHost = String(repeating: "v", count: 256) },
        Mistake("key file") { $0.endpoints[0].tls = AMQPTLSConfiguration(certificateFile: "/c") },
        Mistake("heartbeat") { $0.heartbeat = .seconds(70_000) },
        Mistake("heartbeat") { $0.endpoints[0].heartbeat = .seconds(-1) },
        Mistake("frame_max") { $0.frameMax = 4095 },
        Mistake("close time-out") { $0.closeTimeout = .zero },
        Mistake("read interval") { $0.readInterval = .seconds(2) },
    ]

    @Test("is refused with the setting that makes no sense", arguments: mistakes)
    func validates(_ mistake: Mistake) throws {
        var configuration = AMQPConfiguration()
        try configuration.validate()
        mistake.make(&configuration)
        let error = #expect(throws: AMQPError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(mistake.name) == true)
    }

    @Test("asks for whole seconds of heartbeat, parts counting as one")
    func roundsHeartbeatUp() {
        var configuration = AMQPConfiguration()
        configuration.heartbeat = .milliseconds(1200)
        #expect(configuration.wantedTune.heartbeat == 2)
    }

    @Test("tells the broker what it can, and what the user adds or replaces")
    func clientProperties() {
        var configuration = AMQPConfiguration()
        configuration.connectionName = "mine"
        configuration.clientProperties = ["app": "test", "platform": "other"]
        let properties = configuration.startOkProperties
        #expect(properties["app"] == "test")
        #expect(properties["platform"] == "other")
        #expect(properties["connection_name"] == "mine")
        guard case .table(let capabilities) = properties["capabilities"] else {
            Issue.record("no table of capabilities")
            return
        }
        #expect(capabilities["authentication_failure_close"] == true)
        #expect(capabilities["connection.blocked"] == true)
    }

    @Test(
        "chooses the first of its mechanisms that the broker offers",
        arguments: [
            ("PLAIN AMQPLAIN", AMQPCredentials.Mechanism.plain), ("AMQPLAIN EXTERNAL PLAIN", .external),
            ("PLAINER", nil),
            ("", nil), ("EXTERNAL", .external),
        ]
    )
    func choosesMechanism(offered: String, expected: AMQPCredentials.Mechanism?) {
        let credentials = AMQPCredentials(mechanisms: [.external, .plain])
        #expect(credentials.mechanism(offered: offered) == expected)
    }

    @Test("answers PLAIN as RFC 4616 has it, AMQPLAIN with a table's entries, EXTERNAL with nothing")
    func responses() throws {
        let credentials = AMQPCredentials.plain(username: "u", password: "p")
        #expect(try credentials.response(for: .plain) == "\0u\0p")
        #expect(
            try credentials.response(for: .amqplain) == "\u{5}LOGINS\0\0\0\u{1}u\u{8}PASSWORDS\0\0\0\u{1}p"
        )
        #expect(try credentials.response(for: .external).bytes.isEmpty)
    }
}

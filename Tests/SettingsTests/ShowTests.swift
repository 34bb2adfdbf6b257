import Testing

@testable import Settings

@Suite struct ShowTests {
    private static let everything = """
        amqp_url = ["amqp://me:p:w@a", "amqps://b/%2Fpubsub?heartbeat=5"]
        publish_priority = 4
        topic_prefix = "a\\"b\\\\\\u0001é"
        exchanges = {}
        bindings = []
        [tls]
        ca_cert = "/ca"
        [client_properties]
        app = "x"
        capabilities = { "a b" = true, c = [1, 2.5, -1e300, inf] }
        api_token = "t"
        [queues."q.1"]
        arguments = { x-max-length = 5, x-queue-type = "quorum", nested = { deep = ["a"] } }
        [queues.q2]
        exclusive = true
        [to_fedmsg]
        post_init_sleep = 0.25
        slow_subscriber_grace = 7
        [crypto.routing_policy]
        "a.b" = ["c"]
        """

    private static let files = [
        "everything": everything, "nothing": "", "no queues": "queues = {}", "sections": "[tls]\n",
    ]

    @Test(arguments: files.keys.sorted())
    func `what is shown reads as the same configuration`(name: String) throws {
        let loaded = try read(try #require(Self.files[name]))
        #expect(loaded.errors.isEmpty)
        let again = try read(loaded.toml(masked: false, origins: true))
        #expect(again.errors.isEmpty)
        #expect(again.configuration == loaded.configuration)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `whatever is read and taken is shown as the same`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = Self.everything.split(separator: "\n")
        for _ in 0..<50 {
            let text = lines.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.joined(separator: "\n")
            let loaded = try read(text)
            let again = try read(loaded.toml(masked: false))
            #expect(again.configuration == loaded.configuration, "\(text)")
        }
    }

    @Test func `secrets are masked`() throws {
        let shown = try read(Self.everything).toml()
        #expect(shown.contains(#"amqp_url = ["amqp://me:***@a", "amqps://b/%2Fpubsub?heartbeat=5"]"#))
        #expect(shown.contains(#"api_token = "***""#))
        #expect(!shown.contains("p:w"))
    }

    @Test func `a topic is no secret by its name, a property of the connection is`() throws {
        let shown = try read(
            """
            client_properties = { token = "x", tokens = ["y"], secrets = { a = "z" } }
            [crypto.routing_policy]
            "org.fedoraproject.prod.fas.token.create" = ["fas01"]
            """
        )
        .toml()
        #expect(shown.contains(#""org.fedoraproject.prod.fas.token.create" = ["fas01"]"#))
        for name in ["secrets", "token", "tokens"] { #expect(shown.contains("\n\(name) = \"***\"\n")) }
    }

    @Test(
        arguments: [
            ("amqps://h/?password=x", "amqps://h/?password=***"),
            ("amqps://h/?Password=x", "amqps://h/?Password=***"),
            (
                "amqps://u:p@h/?verify=verify_peer&%70assword=x%26&channel_max=5",
                "amqps://u:***@h/?verify=verify_peer&%70assword=***"
            ),
            ("amqps://u:5?w@h/?password=x@y", "amqps://u:***@h/?password=***"),
            ("amqps://h:5671/v?channel_max=5&password=x@y", "amqps://h:5671/v?channel_max=5&password=***"),
            // What stands behind may be of the password.
            ("amqps://h/?password=x&y=z&channel_max=5", "amqps://h/?password=***"),
            ("amqps://h/?password=&heartbeat=5", "amqps://h/?password=&heartbeat=5"),
        ]
    )
    func `the password of a TLS key in a URL is masked too`(url: String, shown: String) throws {
        #expect(try read("amqp_url = \"\(url)\"").toml().contains("amqp_url = \"\(shown)\"\n"))
    }

    @Test func `origins are named beside the values`() throws {
        let text = "amqp_url = \"amqp://a\"\n\n[[bindings]]\nexchange = \"e\"\nrouting_keys = [\"#\"]"
        let loaded = try read(text, environment: ["FEDMSG_BRIDGE_LOG__LEVEL": "debug"])
        let shown = loaded.toml(origins: true).split(separator: "\n").map { line in
            line.replacing(#/# /.*/bridge.toml/#, with: "# bridge.toml")
        }
        #expect(shown.contains(#"amqp_url = "amqp://a"  # bridge.toml:1"#))
        #expect(shown.contains("passive_declares = false  # default"))
        #expect(shown.contains(#"exchange = "e"  # bridge.toml:4"#))
        #expect(shown.contains(#"level = "debug"  # $FEDMSG_BRIDGE_LOG__LEVEL"#))
        #expect(shown.contains("# publish_priority is not set"))
    }

    @Test func `the defaults are shown in the order of the files as shipped`() throws {
        let headers = try read("").toml().split(separator: "\n").filter { $0.hasPrefix("[") }
        #expect(
            headers == [
                "[tls]", "[client_properties]", "[exchanges.\"zmq.topic\"]", "[queues.fedmsg-bridge]", "[[bindings]]",
                "[qos]", "[to_amqp]", "[to_fedmsg]", "[crypto]", "[crypto.routing_policy]", "[spool]", "[monitoring]",
                "[log]",
            ]
        )
    }
}

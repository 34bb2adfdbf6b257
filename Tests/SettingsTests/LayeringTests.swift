import Settings
import Testing

@Suite struct LayeringTests {
    @Test func `queues, exchanges, bindings, tls, qos and client_properties are replaced whole`() throws {
        let loaded = try read([
            "1.toml": """
            [tls]
            ca_cert = "/a"
            certfile = "/b"
            [client_properties]
            app = "one"
            app_url = "two"
            [exchanges.a]
            [exchanges.b]
            [queues.a]
            arguments = { x-max-length = 5 }
            [[bindings]]
            queue = "a"
            exchange = "a"
            routing_keys = ["a"]
            [[bindings]]
            queue = "a"
            exchange = "b"
            routing_keys = ["b"]
            [qos]
            prefetch_count = 7
            """,
            "2.toml": """
            [tls]
            keyfile = "/c"
            [client_properties]
            app_url = "three"
            [exchanges.b]
            type = "fanout"
            [queues.b]
            [[bindings]]
            queue = "b"
            exchange = "b"
            routing_keys = ["b"]
            [qos]
            """,
        ])
        #expect(loaded.diagnostics.isEmpty)
        let configuration = loaded.configuration
        var tls = BridgeConfiguration.TLS()
        tls.keyfile = "/c"
        #expect(configuration.tls == tls)
        #expect(configuration.clientProperties == ["app_url": "three"])
        #expect(configuration.exchanges.map(\.name) == ["b"])
        #expect(configuration.exchanges.map(\.type) == ["fanout"])
        #expect(configuration.queues == [BridgeConfiguration.Queue(name: "b")])
        #expect(configuration.bindings.map(\.exchange) == ["b"])
        #expect(configuration.qos.prefetchCount == 500)
        #expect(loaded.origins["tls.ca_cert"] == .builtIn)
        #expect(loaded.origins["tls.keyfile"].description.hasSuffix("/2.toml:2"))
    }

    @Test func `our own tables merge, their arrays and scalars replace`() throws {
        let loaded = try read([
            "1.toml": """
            [to_amqp]
            zmq_endpoints = ["tcp://a:1", "tcp://b:2"]
            exchange = "one"
            bind = true
            [crypto.routing_policy]
            "a.b" = ["x", "y"]
            "c.d" = ["z"]
            """,
            "2.toml": """
            [to_amqp]
            zmq_endpoints = ["tcp://c:3"]
            exchange = "two"
            [crypto.routing_policy]
            "a.b" = ["w"]
            "e.f" = []
            """,
        ])
        #expect(loaded.diagnostics.isEmpty)
        #expect(loaded.configuration.toAMQP.zmqEndpoints == ["tcp://c:3"])
        #expect(loaded.configuration.toAMQP.exchange == "two")
        #expect(loaded.configuration.toAMQP.bind)
        #expect(loaded.configuration.crypto.routingPolicy == ["a.b": ["w"], "c.d": ["z"], "e.f": []])
        let rules = ["a.b", "c.d"].map { loaded.origins[ConfigurationPath(dotted: "crypto.routing_policy").key($0)] }
        #expect(rules.map { $0.description.suffix(9) } == ["/2.toml:5", "/1.toml:7"])
    }

    @Test func `a mistake counts although a later file sets the key well`() throws {
        let loaded = try read(["1.toml": "topic_prefix = 1", "2.toml": "topic_prefix = \"a\""])
        #expect(loaded.lines(.error) == ["1.toml:1: topic_prefix: expected text of at most 253 bytes, found 1"])
    }

    @Test func `a binding without a queue belongs to the one queue in force`() throws {
        let loaded = try read(
            """
            [queues.mine]
            [[bindings]]
            exchange = "amq.topic"
            routing_keys = ["a.#"]
            """
        )
        #expect(
            loaded.configuration.bindings
                == [BridgeConfiguration.Binding(queue: "mine", exchange: "amq.topic", routingKeys: ["a.#"])]
        )
    }

    @Test func `the built-in binding follows the queue`() throws {
        #expect(try read("[queues.mine]").configuration.bindings.map(\.queue) == ["mine"])
        #expect(try read("[queues]").configuration.bindings.map(\.queue) == [nil])
    }

    @Test func `systemd's state folder holds the spool unless a file says otherwise`() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/private/bridge:/other"]
        let loaded = try read("", environment: environment)
        #expect(loaded.configuration.spool.path == "/var/lib/private/bridge/spool.sqlite")
        #expect(loaded.origins["spool.path"] == .environment("STATE_DIRECTORY"))
        #expect(try read("spool.path = \"/a\"", environment: environment).configuration.spool.path == "/a")
    }

    @Test func `an endpoint that is listed twice counts once`() throws {
        let loaded = try read("to_amqp.zmq_endpoints = [\"tcp://a:1\", \"tcp://b:2\", \"tcp://a:1\"]")
        #expect(loaded.configuration.toAMQP.zmqEndpoints == ["tcp://a:1", "tcp://b:2"])
    }

    @Test func `a topic that is listed twice counts once`() throws {
        let loaded = try read("to_amqp.topics = [\"b\", \"\", \"b\", \"\"]")
        #expect(loaded.configuration.toAMQP.topics == ["b", ""])
    }
}

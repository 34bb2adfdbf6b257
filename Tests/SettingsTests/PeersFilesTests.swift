import Settings
import Testing

@Suite struct PeersFilesTests {
    @Test(
        arguments: [
            ("fedora.toml", "amqps://fedora:@rabbitmq.fedoraproject.org/%2Fpublic_pubsub"),
            ("fedora.stg.toml", "amqps://fedora.stg:@rabbitmq.stg.fedoraproject.org/%2Fpublic_pubsub"),
        ]
    )
    func `Fedora's own files pass`(name: String, url: String) throws {
        let loaded = try read(["fedora.toml": try fixture(name)])
        #expect(loaded.errors.isEmpty && loaded.warnings.isEmpty)
        let configuration = loaded.configuration
        #expect(configuration.amqpURLs == [url])
        #expect(configuration.tls.certfile.hasSuffix("-cert.pem"))
        #expect(configuration.clientProperties["app_contacts_email"] == ["admin@fedoraproject.org"])
        #expect(configuration.exchanges.map(\.name) == ["amq.topic"])
        #expect(configuration.bindings.map(\.queue) == ["fedmsg-bridge"])
        #expect(configuration.qos.prefetchCount == 25)
        #expect(
            loaded.lines(.unused) == [
                "fedora.toml:3: callback: no effect: the bridge is the consumer",
                "fedora.toml:26: consumer_config.example_key: no effect",
                "fedora.toml:29: qos.prefetch_size: no effect: RabbitMQ knows no limit in bytes",
                "fedora.toml:32: log_config: no effect: Python's logging; see [log]",
            ]
        )
    }

    @Test func `Fedora's file beside our own runs`() throws {
        let loaded = try read(
            [
                "1.toml": try fixture("fedora.toml"),
                "2.toml": """
                to_amqp.zmq_endpoints = ["tcp://hub.example.org:9940"]
                crypto.certname = "bridge.example.org"
                """,
            ],
            for: .run
        )
        #expect(loaded.errors.isEmpty && loaded.warnings.isEmpty)
    }

    @Test func `the example's publish_exchange has no effect, the first bridge's consumer_config has`() throws {
        let loaded = try read(["config.toml": try fixture("config.toml")])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.configuration.toAMQP.exchange == "zmq.topic")
        #expect(loaded.configuration.toFedmsg.publishEndpoint == "tcp://*:9941")
        #expect(loaded.origins["to_fedmsg.publish_endpoint"].description.hasSuffix("/config.toml:35"))
        #expect(
            loaded.lines(.unused).contains(
                "config.toml:5: publish_exchange: no effect: to_amqp.exchange is where fedmsgs go; this one would make a loop"
            )
        )
    }

    @Test func `[to_fedmsg] in any file goes before consumer_config`() throws {
        let loaded = try read([
            "1.toml": "to_fedmsg.publish_endpoint = \"tcp://*:1\"",
            "2.toml": """
            [consumer_config]
            publish_endpoint = "tcp://relay:2"
            remote_publish = true
            """,
        ])
        #expect(loaded.errors.isEmpty)
        #expect(loaded.configuration.toFedmsg.publishEndpoint == "tcp://*:1")
        #expect(loaded.configuration.toFedmsg.remotePublish)
        #expect(
            loaded.lines(.unused) == [
                "2.toml:2: consumer_config.publish_endpoint: no effect: to_fedmsg.publish_endpoint is set, and counts instead"
            ]
        )
    }

    @Test func `the environment goes before consumer_config`() throws {
        let loaded = try read(
            "consumer_config.remote_publish = true",
            environment: ["FEDMSG_BRIDGE_TO_FEDMSG__REMOTE_PUBLISH": "false"]
        )
        #expect(!loaded.configuration.toFedmsg.remotePublish)
    }

    @Test func `the first bridge's file acts as [to_amqp]`() throws {
        let loaded = try read(["fmt.toml": try fixture("fedmsg-migration-tools.toml")])
        #expect(loaded.errors.isEmpty)
        #expect(
            loaded.configuration.toAMQP.zmqEndpoints
                == ["tcp://fedoraproject.org:9940", "tcp://release-monitoring.org:9940"]
        )
        #expect(loaded.configuration.toAMQP.topics == [""])
        #expect(loaded.lines(.unused).map { $0.split(separator: ":")[2] } == [" verify_missing", " log_config"])
    }

    @Test func `what fedora-messaging passes on to pika is taken, as bindings to headers are`() throws {
        let loaded = try read(
            """
            [exchanges.e]
            passive = true
            [queues.q]
            passive = true
            [[bindings]]
            queue = "q"
            exchange = "e"
            routing_keys = [""]
            arguments = { x-match = "any", fedora_messaging_rpm_bash = true }
            """
        )
        #expect(loaded.errors.isEmpty)
        let configuration = loaded.configuration
        #expect(configuration.exchanges.map(\.passive) == [true] && configuration.queues.map(\.passive) == [true])
        #expect(configuration.bindings.map(\.arguments) == [["x-match": "any", "fedora_messaging_rpm_bash": true]])
    }

    @Test func `names at the top may be in upper case, as the peers take them`() throws {
        let loaded = try read([
            "1.toml": "tls.ca_cert = \"/ca\"",
            "2.toml": """
            AMQP_URL = "amqp://broker"
            [TLS]
            certfile = "/c"
            [Queues.Q]
            [Zmq_To_AMQP]
            topics = ["a"]
            [to_AMQP]
            exchange = 1
            """,
        ])
        #expect(loaded.configuration.amqpURLs == ["amqp://broker"])
        #expect(loaded.configuration.tls.caCert.isEmpty)
        #expect(loaded.configuration.queues.map(\.name) == ["Q"])
        #expect(loaded.configuration.toAMQP.topics == ["a"])
        for (key, line) in [("amqp_url", 1), ("tls.certfile", 3), ("to_amqp.topics", 6)] {
            #expect(loaded.origins[key].description.hasSuffix("/2.toml:\(line)"))
        }
        #expect(
            loaded.lines(.error) == ["2.toml:8: to_amqp.exchange: expected a name of 1 to 255 bytes, found 1"]
        )
    }

    @Test func `a name at the top that is there twice is a mistake`() throws {
        let loaded = try read("topic_prefix = \"a\"\nTopic_Prefix = \"b\"")
        #expect(loaded.lines(.error) == ["bridge.toml:2: topic_prefix: Topic_Prefix and topic_prefix are the same key"])
    }

    @Test func `mistakes in the first bridge's file are told under its own names`() throws {
        let loaded = try read(
            """
            [zmq_to_amqp]
            zmq_endpoint = []
            topics = "a"
            """
        )
        #expect(
            loaded.lines(.error) == [
                "bridge.toml:2: zmq_to_amqp.zmq_endpoint: unknown key; did you mean zmq_endpoints?",
                "bridge.toml:3: zmq_to_amqp.topics: expected a list of topic prefixes, found the text \"a\"",
            ]
        )
    }
}

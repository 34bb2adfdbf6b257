import Settings
import Testing

@Suite struct EnvironmentTests {
    @Test func `variables win over files`() throws {
        let loaded = try read(
            "topic_prefix = \"file\"",
            environment: [
                "FEDMSG_BRIDGE_TOPIC_PREFIX": "org.fedoraproject",
                "FEDMSG_BRIDGE_AMQP_URL": "amqps://broker/%2Fpubsub",
                "FEDMSG_BRIDGE_PUBLISH_PRIORITY": "3",
                "FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINTS": #"["tcp://a:1", "tcp://b:2"]"#,
                "FEDMSG_BRIDGE_TO_AMQP__ENABLED": "false",
                "FEDMSG_BRIDGE_TLS__CA_CERT": "/ca.pem",
                "FEDMSG_BRIDGE_SPOOL__DRAIN_TIMEOUT": "2.5",
                "FEDMSG_BRIDGE_LOG__LEVEL": "debug",
                "FEDMSG_BRIDGE_QUEUES": "{ mine = { durable = false } }",
                "FEDMSG_BRIDGE_BINDINGS": #"[{ exchange = "amq.topic", routing_keys = ["a"] }]"#,
                "FEDMSG_BRIDGE_CRYPTO__CERTNAME": "",
            ]
        )
        #expect(loaded.diagnostics.isEmpty)
        let configuration = loaded.configuration
        #expect(configuration.topicPrefix == "org.fedoraproject")
        #expect(configuration.amqpURLs == ["amqps://broker/%2Fpubsub"])
        #expect(configuration.publishPriority == 3)
        #expect(configuration.toAMQP.zmqEndpoints == ["tcp://a:1", "tcp://b:2"])
        #expect(!configuration.toAMQP.enabled)
        #expect(configuration.tls.caCert == "/ca.pem")
        #expect(configuration.spool.drainTimeout == .milliseconds(2500))
        #expect(configuration.log.level == .debug)
        #expect(configuration.queues.map(\.name) == ["mine"])
        #expect(configuration.bindings.map(\.queue) == ["mine"])
        #expect(loaded.origins["topic_prefix"] == .environment("FEDMSG_BRIDGE_TOPIC_PREFIX"))
    }

    @Test func `a variable with a list of URLs is TOML`() throws {
        let loaded = try read("", environment: ["FEDMSG_BRIDGE_AMQP_URL": #"["amqp://a", "amqp://b"]"#])
        #expect(loaded.configuration.amqpURLs == ["amqp://a", "amqp://b"])
    }

    @Test(
        arguments: [
            (
                "FEDMSG_BRIDGE_TO_AMQP__ENABLED", "yes",
                #"to_amqp.enabled: expected true or false, found the text "yes""#
            ),
            (
                "FEDMSG_BRIDGE_TO_AMQP__ENABLED", "",
                "to_amqp.enabled: expected true or false, found empty text"
            ),
            (
                "FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINTS", "tcp://a:1",
                #"to_amqp.zmq_endpoints: expected a list of endpoints, found the text "tcp://a:1""#
            ),
            (
                "FEDMSG_BRIDGE_TO_AMQP__ENABLED", "true\n[to_fedmsg]",
                #"to_amqp.enabled: expected true or false, found the text "true\n[to_fedmsg]""#
            ),
            (
                "FEDMSG_BRIDGE_MONITORING__PORT", "70000",
                "monitoring.port: expected an integer from 0 to 65535, found 70000"
            ),
            (
                "FEDMSG_BRIDGE_AMQP_URL", "http://u:secret@h",
                #"amqp_url: expected a URL that begins with amqp:// or amqps://, found the text "http://u:***@h""#
            ),
        ])
    func `a variable that cannot be taken is a mistake`(name: String, text: String, expected: String) throws {
        #expect(try read("", environment: [name: text]).lines(.error) == ["$\(name): \(expected)"])
    }

    @Test func `an unknown variable is a warning`() throws {
        let loaded = try read(
            "",
            environment: [
                "FEDMSG_BRIDGE_PORT_9949_TCP": "tcp://10.0.0.1:9949",
                "FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINT": "[]",
                "FEDMSG_BRIDGE_CONFIG": "/ignored",
                "PATH": "/bin",
            ]
        )
        #expect(loaded.errors.isEmpty)
        #expect(
            loaded.lines(.warning) == [
                "$FEDMSG_BRIDGE_PORT_9949_TCP: unknown variable",
                "$FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINT: unknown variable; did you mean FEDMSG_BRIDGE_TO_AMQP__ZMQ_ENDPOINTS?",
            ]
        )
    }
}

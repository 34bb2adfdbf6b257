import Settings
import Testing

@Suite struct RulesTests {
    /// A configuration that can run.
    private static let runnable = """
        to_amqp.zmq_endpoints = ["tcp://localhost:9940"]
        crypto.certname = "bridge"

        """

    @Test func `a configuration with endpoints and a certificate's name runs`() throws {
        #expect(try read(Self.runnable, for: .run).diagnostics.isEmpty)
    }

    @Test(
        arguments: [
            (
                "",
                [
                    "crypto.certname: needed to sign; expected the name of CERTNAME.crt and CERTNAME.key in /etc/pki/fedmsg, or crypto.sign_messages = false",
                    "to_amqp.zmq_endpoints: no endpoint; expected at least one, or to_amqp.enabled = false",
                ]
            ),
            ("to_amqp.enabled = false\ncrypto.sign_messages = false", []),
            ("to_amqp.enabled = false\nto_fedmsg.enabled = false", []),
            (
                runnable + "crypto.ca_cert_location = \"\"",
                [
                    "bridge.toml:3: crypto.ca_cert_location: needed to check signatures; expected a PEM file, or crypto.validate_signatures = false"
                ]
            ),
            (runnable + "crypto.ca_cert_location = \"\"\ncrypto.validate_signatures = false", []),
            (
                runnable + "crypto.crypto_validate_backends = []",
                [
                    "bridge.toml:3: crypto.crypto_validate_backends: no kind of signature, so no message; expected [\"x509\"], or crypto.validate_signatures = false"
                ]
            ),
            (
                runnable + "crypto.ssldir = \"\"",
                ["bridge.toml:3: crypto.ssldir: needed to sign; expected a folder, or crypto.sign_messages = false"]
            ),
            (
                runnable + "to_amqp.topics = []",
                ["bridge.toml:3: to_amqp.topics: no topic, so no message; expected at least one, [\"\"] for all"]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [\"tcp://a:1\", \"tcp://*:2\"]",
                [
                    "bridge.toml:2: to_amqp.zmq_endpoints[1]: \"tcp://*:2\" is an address to listen on; expected a host and port to connect to, or to_amqp.bind = true"
                ]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [\"tcp://[::1]:3\", \"tcp://h:70000\", 5, \"tcp://*:3\"]",
                [
                    "bridge.toml:2: to_amqp.zmq_endpoints[1]: the port must be a number from 0 to 65535, found the text \"tcp://h:70000\"",
                    "bridge.toml:2: to_amqp.zmq_endpoints[2]: expected an endpoint like tcp://host:9940, found 5",
                    "bridge.toml:2: to_amqp.zmq_endpoints[3]: \"tcp://*:3\" is an address to listen on; expected a host and port to connect to, or to_amqp.bind = true",
                ]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [5]",
                ["bridge.toml:2: to_amqp.zmq_endpoints[0]: expected an endpoint like tcp://host:9940, found 5"]
            ),
            (
                "crypto.certname = \"a\"\n[zmq_to_amqp]\nzmq_endpoints = [5]",
                ["bridge.toml:3: zmq_to_amqp.zmq_endpoints[0]: expected an endpoint like tcp://host:9940, found 5"]
            ),
            (
                "crypto.certname = \"a\"\nzmq_to_amqp = 5",
                ["bridge.toml:2: zmq_to_amqp: expected a table, found 5"]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp = []",
                ["bridge.toml:2: to_amqp: expected a table, found an empty list"]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [\"tcp://*:2\", \"tcp://127.0.0.1:*\"]\nto_amqp.bind = true",
                []
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [\"tcp://127.0.0.1:0;a_b-c.d:1\", \"tcp://[fe80::1%lo]:1\", \"ipc://\(String(repeating: "x", count: 107))\"]",
                []
            ),
            (
                runnable + "to_fedmsg.remote_publish = true",
                [
                    "to_fedmsg.publish_endpoint: \"tcp://*:9940\" is an address to listen on; expected the relay's host and port, or to_fedmsg.remote_publish = false"
                ]
            ),
            (
                runnable + "tls.certfile = \"/a\"",
                ["bridge.toml:3: tls.certfile: its key is missing; expected keyfile beside it"]
            ),
            (
                runnable + "tls.keyfile = \"/a\"",
                ["bridge.toml:3: tls.keyfile: its certificate is missing; expected certfile beside it"]
            ),
            (
                runnable + "spool.max_bytes = 280035327",
                [
                    "bridge.toml:3: spool.max_bytes: 280035327 has no room for one message of to_amqp.max_message_bytes (134217728) and its log; expected at least 280035328"
                ]
            ),
            (runnable + "spool.max_bytes = 280035328\nspool.max_memory = 1048576", []),
            ("to_amqp.enabled = false\ncrypto.sign_messages = false\nspool.max_bytes = 1048576", []),
            (
                runnable + "to_amqp.zmq_reconnect_ivl_max = 50",
                [
                    "bridge.toml:3: to_amqp.zmq_reconnect_ivl_max: less than zmq_reconnect_ivl; expected at least that, or 0"
                ]
            ),
            (runnable + "to_amqp.zmq_reconnect_ivl_max = 0", []),
            (
                runnable + "bindings = [{ queue = \"fedmsg-brigde\", exchange = \"a\", routing_keys = [\"#\"] }]",
                [
                    "bridge.toml:3: bindings[0].queue: the queue \"fedmsg-brigde\" is not declared; did you mean \"fedmsg-bridge\"?"
                ]
            ),
            (
                runnable + "bindings = [{ queue = \"other\", exchange = \"a\", routing_keys = [\"#\"] }]",
                [
                    "bridge.toml:3: bindings[0].queue: the queue \"other\" is not declared; expected a table [queues.other]"
                ]
            ),
            (
                runnable + "bindings = [{ exchange = \"a\", routing_keys = [\"#\"] }]\nqueues = { a = {}, b = {} }",
                ["bridge.toml:3: bindings[0]: queue is missing; expected one of \"a\", \"b\""]
            ),
            (
                runnable + "queues = {}\nbindings = []",
                [
                    "bridge.toml:3: queues: no queue and no binding, so no message; expected one, or to_fedmsg.enabled = false"
                ]
            ),
            (runnable + "to_fedmsg.enabled = false\nqueues = {}\nbindings = []", []),
            (
                runnable
                    + "bindings = []\n[queues]\na = { arguments = { x-queue-type = \"classic\" } }\nb = { arguments = { x-queue-type = \"stream\" } }",
                [
                    "bridge.toml:6: queues.b.arguments.x-queue-type: a stream gives the bridge nothing of what comes while it is away; expected \"quorum\" or \"classic\", with a name of its own where a stream has this one"
                ]
            ),
            (
                runnable
                    + "to_fedmsg.enabled = false\nqueues = { a = { arguments = { x-queue-type = \"stream\" } } }",
                []
            ),
        ]
    )
    func `what does not go together is a mistake`(text: String, expected: [String]) throws {
        #expect(try read(text, for: .run).lines(.error) == expected)
    }

    @Test(
        arguments: [
            (
                "to_amqp.enabled = false\nto_fedmsg.enabled = false",
                ["bridge.toml:2: to_fedmsg.enabled: neither direction is enabled: the bridge carries nothing"]
            ),
            (
                runnable + "to_fedmsg.username = \"other\"",
                [
                    "bridge.toml:3: to_fedmsg.username: \"other\" defeats the first bridge's check for loops, which knows amqp-bridge only"
                ]
            ),
            (
                "crypto.certname = \"a\"\nto_amqp.zmq_endpoints = [\"tcp://a:1\", \"tcp://a:1\"]",
                [
                    "bridge.toml:2: to_amqp.zmq_endpoints[1]: \"tcp://a:1\" is there already: it counts once"
                ]
            ),
            (
                runnable + "to_amqp.topics = [\"a\", 'b', \"a\"]",
                ["bridge.toml:3: to_amqp.topics[2]: \"a\" is there already: it counts once"]
            ),
            (
                runnable + "to_amqp.topics = [\"org.#\"]",
                ["bridge.toml:3: to_amqp.topics[0]: \"org.#\" is a prefix: ZeroMQ knows no wildcards"]
            ),
            (
                runnable + "tls = { certfile = \"/a\", keyfile = \"/b\" }",
                ["bridge.toml:3: tls.certfile: no effect: no amqp_url begins with amqps://"]
            ),
            (
                runnable + "queues = {}",
                ["bindings[0]: no queue: one that the broker names keeps nothing while the bridge is away"]
            ),
            (
                runnable
                    + "[queues]\na = { auto_delete = true }\nb = { exclusive = true }\n[[bindings]]\nqueue = \"a\"\nexchange = \"e\"\nrouting_keys = [\"#\"]",
                ["4: queues.a", "5: queues.b"].map {
                    "bridge.toml:\($0): it goes with its consumer, and keeps nothing while the bridge is away"
                }
            ),
            (
                runnable + "[queues.a]",
                [
                    "bindings: none is set, so the queue gets all of \"amq.topic\"; bindings = [] leaves it as it is bound"
                ]
            ),
            (
                runnable + "bindings = [{ exchange = \"a\", routing_keys = [] }]",
                ["bridge.toml:3: bindings[0].routing_keys: no pattern, so nothing is bound; [\"#\"] is everything"]
            ),
            (
                runnable + "bindings = [{ exchange = \"zmq.topic\", routing_keys = [\"#\"] }]",
                [
                    "bridge.toml:3: bindings[0].exchange: \"zmq.topic\" is where the bridge itself publishes: what it sent comes back, to be dropped"
                ]
            ),
        ]
    )
    func `what is hardly meant is a warning`(text: String, expected: [String]) throws {
        let loaded = try read(text, for: .run)
        #expect(loaded.errors.isEmpty)
        #expect(loaded.lines(.warning) == expected)
    }

    @Test func `places count as in the list that is in force`() throws {
        let files = [
            "1.toml": "to_amqp.zmq_endpoints = [5, \"tcp://a:1\"]",
            "2.toml": "to_amqp.zmq_endpoints = [\"tcp://b:1\", \"tcp://*:2\"]\ncrypto.certname = \"a\"",
        ]
        let keys = try read(files, for: .run).errors.compactMap(\.key).map { "\($0)" }
        #expect(keys == ["to_amqp.zmq_endpoints[0]", "to_amqp.zmq_endpoints[1]"])
    }

    @Test func `of a value that could not be read nothing more is said`() throws {
        let text =
            Self.runnable
            + "bindings = [5, { exchange = \"a\", routing_keys = \"#\" }, { exchange = \"b\", routing_keys = [] }]"
        let loaded = try read(text, for: .run)
        #expect(loaded.errors.compactMap(\.key).map { "\($0)" } == ["bindings[0]", "bindings[1].routing_keys"])
        #expect(loaded.warnings.compactMap(\.key).map { "\($0)" } == ["bindings[2].routing_keys"])
    }

    @Test(arguments: [ConfigurationUse.verify, .tailFedmsg])
    func `who listens to fedmsg needs the endpoints of a direction that is on`(use: ConfigurationUse) throws {
        #expect(try read("", for: use).errors.compactMap(\.key).map { "\($0)" } == ["to_amqp.zmq_endpoints"])
        #expect(try read("to_amqp.enabled = false", for: use).errors.isEmpty)
    }

    @Test(arguments: [ConfigurationUse.show, .health, .spool, .drain, .replayToAMQP, .tailAMQP])
    func `what the command does not need may be missing`(use: ConfigurationUse) throws {
        #expect(try read("", for: use).diagnostics.isEmpty)
    }
}

import Foundation
import Settings
import Testing

@Suite struct ConfigurationLoaderTests {
    @Test func `nothing at all gives the defaults`() throws {
        let loaded = try read("")
        #expect(loaded.configuration == BridgeConfiguration())
        #expect(loaded.diagnostics.isEmpty)
    }

    @Test func `every mistake is told at once, in order of files and lines`() throws {
        let loaded = try read([
            "10-amqp.toml": """
            amqp_ulr = "amqp://localhost"
            passive_declares = "yes"

            [qos]
            prefetch_count = 0
            """,
            "20-to-amqp.toml": """
            [to_amqp]
            zmq_endpoint = ["tcp://localhost:9940"]
            topics = ["a", 1]
            """,
            "30-broken.toml": "a = \n",
        ])
        #expect(
            loaded.lines(.error) == [
                "10-amqp.toml:1: amqp_ulr: unknown key; did you mean amqp_url?",
                "10-amqp.toml:2: passive_declares: expected true or false, found the text \"yes\"",
                "10-amqp.toml:5: qos.prefetch_count: expected an integer from 1 to 65535 (messages), found 0",
                "20-to-amqp.toml:2: to_amqp.zmq_endpoint: unknown key; did you mean zmq_endpoints?",
                "20-to-amqp.toml:3: to_amqp.topics[1]: expected text, found 1",
                "30-broken.toml:1: Error while parsing key-value pair: expected value, saw '\\n'",
            ]
        )
    }

    @Test func `loading throws every mistake`() throws {
        try withFolder(["bridge.toml": "a = 1\nb = 2"]) { folder in
            let error = #expect(throws: ConfigurationError.self) {
                try ConfigurationLoader.load(paths: [folder], environment: [:], for: .show)
            }
            #expect(
                error?.description == """
                    \(folder)/bridge.toml:1: a: unknown key
                    \(folder)/bridge.toml:2: b: unknown key
                    """
            )
        }
    }

    @Test func `a folder means its toml files in name order`() throws {
        let loaded = try read([
            "10-a.toml": "topic_prefix = \"first\"",
            "9-b.toml": "topic_prefix = \"last\"",
            "20.toml.bak": "topic_prefix = \"backup\"",
            ".30.toml": "topic_prefix = \"hidden\"",
        ])
        #expect(loaded.configuration.topicPrefix == "last")
        #expect(loaded.files.map { $0.split(separator: "/").last } == ["10-a.toml", "9-b.toml"])
        #expect(loaded.origins["topic_prefix"].description.hasSuffix("/9-b.toml:1"))
    }

    @Test func `paths are read in the order given`() throws {
        try withFolder(["a.toml": "topic_prefix = \"a\"", "b.toml": "topic_prefix = \"b\""]) { folder in
            let loaded = ConfigurationLoader.read(
                paths: ["\(folder)/b.toml", "\(folder)/a.toml"],
                environment: [:],
                for: .show
            )
            #expect(loaded.configuration.topicPrefix == "a")
        }
    }

    @Test func `the variable names the files where nothing else does`() throws {
        try withFolder(["a.toml": "topic_prefix = \"a\"", "b.toml": "topic_prefix = \"b\""]) { folder in
            let environment = ["FEDMSG_BRIDGE_CONFIG": "\(folder)/a.toml"]
            let byVariable = ConfigurationLoader.read(environment: environment, for: .show)
            #expect(byVariable.configuration.topicPrefix == "a")
            let byPath = ConfigurationLoader.read(paths: ["\(folder)/b.toml"], environment: environment, for: .show)
            #expect(byPath.configuration.topicPrefix == "b")
        }
    }

    @Test func `a path that is not there is a mistake`() throws {
        let loaded = ConfigurationLoader.read(paths: ["/nonexistent/bridge.d"], environment: [:], for: .show)
        #expect(loaded.lines(.error) == ["bridge.d: no such file or folder"])
    }

    @Test func `a file that is not text is a mistake`() throws {
        try withFolder([:]) { folder in
            let path = folder + "/bytes.toml"
            try Data([0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
            let loaded = ConfigurationLoader.read(paths: [path], environment: [:], for: .show)
            #expect(loaded.lines(.error) == ["bytes.toml: not UTF-8 text"])
        }
    }

    @Test(
        arguments: [
            ("[::1]", "::1"), ("::1", "::1"), ("", ""), ("*", ""), ("0.0.0.0", "0.0.0.0"), ("localhost", "localhost"),
        ]
    )
    func `the monitoring address may stand in brackets, or be an asterisk`(text: String, address: String) throws {
        let loaded = try read("monitoring.address = \"\(text)\"")
        #expect(loaded.errors.isEmpty)
        #expect(loaded.configuration.monitoring.address == address)
    }

    @Test func `a folder without files is a warning`() throws {
        #expect(try read([:]).lines(.warning).count == 1)
    }

    @Test func `a peer's section concerns whom ours concerns that it acts as`() throws {
        let text = """
            [zmq_to_amqp]
            exchnage = "fedmsg.bridge"
            zmq_endpoint = ["tcp://h:1"]
            """
        for use in ConfigurationUse.allCases {
            let unknown = try read(text, for: use).errors.filter { $0.code == .unknownKey }.map { "\($0)" }
            switch use {
            case .replayToFedmsg, .spool, .health: #expect(unknown == [], "\(use)")
            default: #expect(unknown.map { $0.contains(":2: ") || $0.contains(":3: ") } == [true, true], "\(use)")
            }
        }
        let consumer = try read("[consumer_config]\nremote_publish = 1", for: .replayToFedmsg)
        #expect(consumer.lines(.error).contains { $0.hasPrefix("bridge.toml:2: consumer_config.remote_publish:") })
    }

    @Test(arguments: [(ConfigurationUse.drain, "to_fedmsg.bridge_usernames = 1"), (.verify, "topic_prefix = 1")])
    func `a command is told of what else it reads`(use: ConfigurationUse, text: String) throws {
        #expect(try read(text, for: use).errors.contains { $0.code == .badValue })
    }

    @Test(arguments: [
        ("monitorin.port = 1", true), ("[monitor]\nport = 1", true), ("port = 1", true), ("to_amq.bind = true", true),
        ("log.level = 1", false), ("a = ", true),
        ("monitorin.port = 1\nmonitoring.port = 2", true), ("port = 1\nmonitoring.port = 2", true),
        ("to_amq.bind = true\nmonitoring.port = 2", false), ("log.level = 1\nmonitoring.port = 2", false),
    ])
    func `health is told of what keeps it from knowing where to ask alone`(text: String, isTold: Bool) throws {
        #expect(try read(text, for: .health).errors.isEmpty == !isTold)
    }

    @Test(arguments: [("1.toml", false), ("3.toml", true)])
    func `health is told of a file that can't be read where no later source sets the port`(
        name: String,
        isTold: Bool
    ) throws {
        let files = ["2.toml": "monitoring.port = 1", name: "a = "]
        #expect(try read(files, for: .health).errors.isEmpty == !isTold)
        #expect(try !read(files, for: .spool).errors.isEmpty)
        let environment = ["FEDMSG_BRIDGE_MONITORING__PORT": "1"]
        #expect(try read(files, environment: environment, for: .health).errors.isEmpty)
    }

    @Test func `health is told of a path that is not there, but where the environment sets the port`() {
        for (environment, isTold) in [([:], true), (["FEDMSG_BRIDGE_MONITORING__PORT": "1"], false)] {
            let loaded = ConfigurationLoader.read(paths: ["/nonexistent"], environment: environment, for: .health)
            #expect(loaded.errors.isEmpty == !isTold)
        }
    }

    @Test func `a command is told of mistakes in the part that it uses only`() throws {
        let text = """
            typo = 1
            amqp_url = 5
            [spool]
            path = 1
            [monitoring]
            port = "http"
            """
        let sections = try ConfigurationUse.allCases.map { use in
            (use, try read(text, for: use).errors.compactMap { $0.key?.firstKey })
        }
        for (use, keys) in sections {
            switch use {
            case .run: #expect(keys.starts(with: ["typo", "amqp_url", "spool", "monitoring"]))
            case .show: #expect(keys == ["typo", "amqp_url", "spool", "monitoring"])
            case .health: #expect(keys == ["monitoring"])
            case .spool: #expect(keys == ["typo", "spool"])
            case .drain: #expect(keys == ["typo", "amqp_url", "spool"])
            case .replayToAMQP, .tailAMQP: #expect(keys == ["typo", "amqp_url"])
            case .verify: #expect(keys == ["typo", "amqp_url", "to_amqp"])
            case .tailFedmsg: #expect(keys == ["typo", "to_amqp"])
            case .replayToFedmsg: #expect(keys == ["typo", "crypto"])
            }
        }
    }
}

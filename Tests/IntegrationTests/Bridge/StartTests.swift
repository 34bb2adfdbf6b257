import Foundation
import Testing

/// What a start that cannot be says, and how it exits.
@Suite("Starts that are refused")
struct StartTests {
    @Test("A disk that was made read-only is no mistake of the configuration: a start is tried again later")
    func readOnly() async throws {
        try await SmallDisk.with(.tmpfs, mebibytes: 4) { disk in
            var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(try freePort())")
            settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
            settings["spool", "path"] = "\"\(disk.folder.appending(path: "spool.sqlite").path)\""
            try await disk.protect()
            try await withTemporaryDirectory { folder in
                let file = folder.appending(path: "bridge.toml")
                try Data(settings.toml.utf8).write(to: file)
                for (command, exit) in [(["config", "check"], 0), (["run"], 75)] as [([String], Int32)] {
                    try await BridgeProcess.run(command + ["--config", file.path]) { process in
                        let end = try await process.awaitEnd()
                        #expect(end == .code(exit), "\(command)")
                        let words = (process.output.lines + process.errors.lines).joined(separator: "\n")
                        #expect(words.contains("ead-only file system"), "\(words)")
                    }
                }
            }
        }
    }

    @Test(
        "A mistake in the configuration ends the start with file, line and key",
        .timeLimit(.minutes(5)),
        arguments: [
            (#"[to_amqp]\#nenabled = true\#nzmq_endpoint = []\#n"#, 3, "zmq_endpoint"),
            (#"amqp_url = "amqp://localhost"\#n[qos]\#nprefetch_count = "many"\#n"#, 3, "prefetch_count"),
            (#"amqp_url = "amqp://localhost\#n"#, 1, "parsing string"),
            (#"[to_amqp]\#nzmq_endpoints = ["tcp://_fedmsg.example:9940"]\#n"#, 2, "zmq_endpoints[0]"),
        ]
    )
    func mistakes(toml: String, line: Int, key: String) async throws {
        try await Self.expectRefusal(toml, exit: 78) { text in
            #expect(text.contains("bridge.toml:\(line)"))
            #expect(text.contains(key))
        }
    }

    @Test("A direction without endpoints is refused", .timeLimit(.minutes(5)))
    func noEndpoints() async throws {
        let toml = "[to_amqp]\nzmq_endpoints = []\n[crypto]\nvalidate_signatures = false\nsign_messages = false\n"
        try await Self.expectRefusal(toml, exit: 78) { #expect($0.contains("zmq_endpoints")) }
    }

    @Test(
        "Signatures are on by default, and refused as long as they do not exist",
        .timeLimit(.minutes(5)),
        arguments: [
            ("validate_signatures", "sign_messages"), ("sign_messages", "validate_signatures"),
        ]
    )
    func signatures(left: String, off: String) async throws {
        let toml = "[to_amqp]\nzmq_endpoints = [\"tcp://127.0.0.1:1\"]\n[crypto]\n\(off) = false\n"
        try await Self.expectRefusal(toml, exit: 78) { #expect($0.contains(left)) }
    }

    @Test("A revocation list that can't be used is answered with the way without it", .timeLimit(.minutes(5)))
    func revocationList() async throws {
        let pki = Project.root.appending(path: "Tests/FedmsgTests/Fixtures/pki").path
        let toml = """
            to_fedmsg.enabled = false
            to_amqp.zmq_endpoints = ["tcp://127.0.0.1:1"]
            crypto.ca_cert_location = "\(pki)/ca.crt"
            crypto.crl_location = "\(pki)/crl-otherkey.pem"
            spool.path = "/tmp/unused/spool.sqlite"
            """
        try await Self.expectRefusal(toml, exit: 78) { text in
            #expect(text.contains("crl-otherkey.pem: "))
            #expect(text.contains(#"[crypto] crl_location = """#))
            #expect(!text.contains("validate_signatures"))
        }
    }

    @Test("A configuration that is not there is refused", .timeLimit(.minutes(5)))
    func noFile() async throws {
        try await BridgeProcess.run(["run", "--config", "/nonexistent/bridge.d"]) { process in
            let exit = try await process.awaitEnd()
            #expect(exit == .code(78))
            #expect(process.lastWords.contains("/nonexistent/bridge.d"))
        }
    }

    @Test(
        "A usage error exits 64; help and version exit 0 and go to standard output",
        .timeLimit(.minutes(5)),
        arguments: [
            (["run", "--no-such-option"], 64), (["dance"], 64), (["tail", "fedmsg", "--listen", "garbage"], 64),
            (["verify", "--listen", "tcp://_fedmsg.example:9940"], 64), (["--help"], 0), (["--version"], 0),
        ] as [([String], Int32)]
    )
    func usage(arguments: [String], code: Int32) async throws {
        try await BridgeProcess.run(arguments) { process in
            let exit = try await process.awaitEnd()
            #expect(exit == .code(code))
            #expect(process.output.lines.isEmpty == (code != 0))
        }
    }

    @Test("A monitoring port that is in use exits 69", .timeLimit(.minutes(5)))
    func portInUse() async throws {
        try await VirtualHost.with { host in
            var settings = try BridgeSettings(amqpURL: host.url)
            try settings.toFedmsg()
            try await BridgeProcess.with(settings) { _ in
                var second = settings
                try second.toFedmsg()
                try await BridgeProcess.with(second, waiting: false) { second in
                    let exit = try await second.process.awaitEnd()
                    #expect(exit == .code(69))
                }
            }
        }
    }

    @Test("A monitoring port that is in use exits 69 at once, whatever waits in the spool", .timeLimit(.minutes(2)))
    func portInUseWithBacklog() async throws {
        try await withTemporaryDirectory { folder in
            try await FedmsgPublisher.with { publisher in
                // Nobody listens there.
                var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(try freePort())")
                settings.toAMQP(from: [publisher.endpoint])
                settings["spool", "drain_timeout"] = "0"
                _ = try KeptSpool(in: folder, for: &settings)
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publishNumbered(10)
                    try await bridge.until("fedmsg_bridge_spool_messages", is: 10)
                    #expect(try await bridge.terminate() == .code(0))
                }
                let other = try SilentListener()
                defer { other.end() }
                settings["monitoring", "port"] = String(other.port)
                settings["spool", "drain_timeout"] = "600"
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    let exit = try await bridge.process.awaitEnd()
                    #expect(exit == .code(69))
                }
            }
        }
    }

    @Test("A spool for which there is no room or no right exits 75: it is tried again", .timeLimit(.minutes(5)))
    func noSpool() async throws {
        let toml = """
            to_fedmsg.enabled = false
            to_amqp.zmq_endpoints = ["tcp://127.0.0.1:1"]
            crypto.validate_signatures = false
            spool.path = "/dev/full/spool.sqlite"
            """
        try await Self.expectRefusal(toml, exit: 75) { text in
            #expect(text.contains("/dev/full"))
        }
    }

    @Test(
        "A file beside the spool that the user can't open is named, with the way out, before the start",
        .timeLimit(.minutes(5)),
        arguments: ["spool.sqlite.lock", "spool.sqlite-wal", "spool.sqlite-shm"]
    )
    func foreignFile(name: String) async throws {
        try await withTemporaryDirectory { folder in
            let toml = """
                to_fedmsg.enabled = false
                to_amqp.zmq_endpoints = ["tcp://127.0.0.1:1"]
                crypto.validate_signatures = false
                spool.path = "\(folder.path)/spool.sqlite"
                """
            let file = folder.appending(path: "bridge.toml")
            try Data(toml.utf8).write(to: file)
            let path = folder.appending(path: name).path
            try #require(FileManager.default.createFile(atPath: path, contents: nil))
            chmod(path, 0)
            for (command, exit) in [(["config", "check"], 1), (["run"], 78)] as [([String], Int32)] {
                try await BridgeProcess.run(command + ["--config", file.path], isPrivileged: false) { process in
                    let end = try await process.awaitEnd()
                    #expect(end == .code(exit), "\(command)")
                    let words = (process.output.lines + process.errors.lines).joined(separator: "\n")
                    #expect(
                        words.contains("\(name)\" cannot be written: Permission denied; it must"),
                        "\(words)"
                    )
                }
            }
        }
    }

    @Test(
        "A monitoring address that is none of this machine's exits 69, and so does a name that is nobody's",
        .timeLimit(.minutes(5)),
        arguments: ["192.0.2.1", "fedmsg-bridge.invalid"]
    )
    func foreignAddress(address: String) async throws {
        try await VirtualHost.with { host in
            var settings = try BridgeSettings(amqpURL: host.url)
            settings["monitoring", "address"] = "\"\(address)\""
            try settings.toFedmsg()
            try await BridgeProcess.with(settings, waiting: false) { bridge in
                let exit = try await bridge.process.awaitEnd()
                #expect(exit == .code(69))
                #expect(bridge.process.lastWords.contains("[monitoring] address"))
            }
        }
    }

    private static func expectRefusal(_ toml: String, exit code: Int32, _ check: (String) -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            try Data(toml.utf8).write(to: file)
            try await BridgeProcess.run(["run", "--config", file.path]) { process in
                let exit = try await process.awaitEnd()
                #expect(exit == .code(code))
                check(process.errors.lines.joined(separator: "\n"))
            }
        }
    }
}

import Foundation
import Settings
import Testing

@Suite struct FileChecksTests {
    /// Checks a configuration whose text may name `FOLDER`, with names in what is said shortened to it.
    private func check(
        _ text: String,
        files: [String: String] = [:],
        modes: [String: Int] = [:],
        for use: ConfigurationUse = .run
    ) throws -> [String] {
        try withFolder(files) { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
            let path = "\(folder)/bridge.toml"
            let text = text.replacing("FOLDER", with: folder)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            for (name, mode) in modes {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
            }
            let loaded = ConfigurationLoader.read(paths: [path], environment: [:], for: use)
            return loaded.checkingFiles(for: use).diagnostics.map { "\($0)".replacing("\(folder)/", with: "") }
        }
    }

    /// What runs without any file but the spool's.
    private static let bare = """
        to_amqp.zmq_endpoints = ["tcp://a:1"]
        crypto = { sign_messages = false, validate_signatures = false }
        spool.path = "FOLDER/spool.sqlite"

        """

    @Test func `nothing is said where every file is there`() throws {
        let text = """
            amqp_url = "amqps://a"
            to_amqp.zmq_endpoints = ["tcp://a:1"]
            tls = { ca_cert = "FOLDER/ca.pem", certfile = "FOLDER/c.pem", keyfile = "FOLDER/k.pem" }
            crypto = { ssldir = "FOLDER", certname = "b", ca_cert_location = "FOLDER/ca.pem", crl_location = "FOLDER/ca.pem" }
            spool.path = "FOLDER/not/there/yet/spool.sqlite"
            """
        let files = ["ca.pem": "", "c.pem": "", "k.pem": "", "b.crt": "", "b.key": ""]
        #expect(try check(text, files: files, modes: ["k.pem": 0o640, "b.key": 0o600]) == [])
    }

    @Test(
        arguments: [
            (
                "tls.ca_cert = \"FOLDER/ca.pem\"\namqp_url = [\"amqp://a\", \"AMQPS://a\"]",
                "tls.ca_cert: \"ca.pem\" cannot be read: no such file; expected a PEM file"
            ),
            (
                "tls.ca_cert = \"FOLDER/.\"\namqp_url = \"amqps://a\"",
                "tls.ca_cert: \".\" is a folder; expected a PEM file"
            ),
            (
                "crypto = { validate_signatures = true, ca_cert_location = \"FOLDER/ca.pem\" }",
                "crypto.ca_cert_location: \"ca.pem\" cannot be read: no such file; expected a PEM file, or crypto.validate_signatures = false"
            ),
            (
                "crypto = { ca_cert_location = \"/dev/null\", crl_location = \"FOLDER/crl\" }",
                "crypto.crl_location: \"crl\" cannot be read: no such file; expected a PEM file, or crypto.crl_location = \"\""
            ),
            (
                "crypto.ca_cert_location = \"https://h/ca.crt\"",
                "crypto.ca_cert_location: expected a file, found the text \"https://h/ca.crt\": nothing is fetched; have a timer download it (curl --fail --output FILE URL) and name the file, which is read again when it changes"
            ),
            (
                "spool.path = \"FOLDER/.\"",
                "spool.path: \".\" is a folder; expected a file in it"
            ),
        ]
    )
    func `a file that cannot be used is a mistake at its key`(text: String, expected: String) throws {
        let rest = """
            to_amqp.zmq_endpoints = ["tcp://a:1"]
            to_fedmsg.enabled = false
            """
        let section = text.prefix { $0 != " " && $0 != "." }
        let others = ["crypto.validate_signatures = false", "spool.path = \"FOLDER/spool.sqlite\""]
        let lines = [rest] + others.filter { !$0.hasPrefix(section) } + [text]
        let said = try check(lines.joined(separator: "\n"))
        #expect(said.map { $0.drop { $0 != " " }.dropFirst() } == [Substring(expected)])
    }

    @Test func `files for TLS are looked at only where it is used, so that fedora-messaging's example passes`() throws {
        let said = try check(try fixture("config.toml").replacing("/etc/fedora-messaging", with: "FOLDER"))
        #expect(
            said.filter { $0.contains("tls.") } == [
                "bridge.toml:11: tls.certfile: no effect: no amqp_url begins with amqps://"
            ]
        )
    }

    @Test func `the certificate and key to sign with are looked for in ssldir`() throws {
        let text = """
            to_amqp.enabled = false
            crypto = { ssldir = "FOLDER", certname = "b" }
            spool.path = "FOLDER/spool.sqlite"
            """
        #expect(
            try check(text) == [
                "bridge.toml:2: crypto.certname: \"b.crt\" cannot be read: no such file; expected a PEM file, or crypto.sign_messages = false",
                "bridge.toml:2: crypto.certname: \"b.key\" cannot be read: no such file; expected a PEM file, or crypto.sign_messages = false",
            ]
        )
    }

    @Test func `a key that everybody can read is a warning`() throws {
        let text =
            Self.bare + "tls = { certfile = \"FOLDER/c.pem\", keyfile = \"FOLDER/k.pem\" }\namqp_url = \"amqps://a\""
        let files = ["c.pem": "", "k.pem": ""]
        #expect(
            try check(text, files: files, modes: ["k.pem": 0o644])
                == ["bridge.toml:4: tls.keyfile: everybody can read the key \"k.pem\"; chmod o-r it"]
        )
        #expect(try check(text, files: files, modes: ["k.pem": 0o640]) == [])
    }

    @Test(
        arguments: [
            ("amqp://me:secret@h", 0o644, true), ("amqp://me:secret@h", 0o640, false),
            ("amqp://guest:guest@h", 0o644, false),
            ("amqps://fedora:@h", 0o644, false), ("amqp://h", 0o644, false),
        ]
    )
    func `a password in a file that everybody can read is a warning`(url: String, mode: Int, isTold: Bool) throws {
        let said = try check(Self.bare + "amqp_url = \"\(url)\"", modes: ["bridge.toml": mode])
        let warning = "bridge.toml:4: amqp_url: everybody can read the password in this file; chmod o-r it"
        #expect(said == (isTold ? [warning] : []))
    }

    @Test func `loading looks at the files, too`() throws {
        let text = "tls.ca_cert = \"/nonexistent/ca.pem\"\namqp_url = \"amqps://a\""
        try withFolder(["bridge.toml": text]) { folder in
            let error = #expect(throws: ConfigurationError.self) {
                try ConfigurationLoader.load(paths: [folder], environment: [:], for: .tailAMQP)
            }
            #expect(error?.diagnostics.map(\.code) == [.unreadable])
            #expect(throws: Never.self) {
                try ConfigurationLoader.load(paths: [folder], environment: [:], for: .health)
            }
        }
    }

    @Test(
        .enabled(if: geteuid() == 0, "who is not root may open less"),
        arguments: ["spool.sqlite.lock", "spool.sqlite-wal", "spool.sqlite-shm"],
        ["spool.sqlite", "link"]
    )
    func `root is told of its own file beside another user's spool, which a drain passes all the same`(
        name: String,
        spool: String
    ) throws {
        try withFolder(["spool.sqlite": "", name: ""]) { folder in
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "spool.sqlite")
            let path = "\(folder)/bridge.toml"
            let text = Self.bare.replacing("FOLDER/spool.sqlite", with: "\(folder)/\(spool)")
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            let loaded = ConfigurationLoader.read(paths: [path], environment: [:], for: .run)
            #expect(loaded.checkingFiles(for: .run).diagnostics.isEmpty)
            chown("\(folder)/spool.sqlite", 65_534, 65_534)
            let said = "belongs to root; it must belong to the user that the daemon runs as, as the spool does"
            let checked = loaded.checkingFiles(for: .run)
            #expect(checked.lines(.error) == ["bridge.toml:3: spool.path: \"\(folder)/\(name)\" \(said)"])
            let draining = try ConfigurationLoader.load(paths: [path], environment: [:], for: .drain)
            #expect(draining.lines(.warning) == checked.lines(.error))
            chown("\(folder)/\(name)", 65_534, 65_534)
            #expect(loaded.checkingFiles(for: .run).diagnostics.isEmpty)
        }
    }

    @Test func `where a file could not be read, nothing is said of what it may set`() throws {
        let said = try check("spool.path = \"/\"\namqp_url = \"amqp://localhost")
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("bridge.toml:2: ") == true)
    }

    @Test func `a folder that keeps others out protects what is in it`() throws {
        try withFolder(["bridge.toml": "amqp_url = \"amqp://me:secret@h\""]) { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/bridge.toml")
            try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: folder)
            let loaded = ConfigurationLoader.read(paths: [folder], environment: [:], for: .tailAMQP)
            #expect(loaded.checkingFiles(for: .tailAMQP).diagnostics.isEmpty)
        }
    }
}

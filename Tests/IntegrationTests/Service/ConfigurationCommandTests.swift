import Foundation
import Testing

/// `fedmsg-bridge config` on real files, and with what the real fedmsg-config prints.
@Suite("fedmsg-bridge config")
struct ConfigurationCommandTests {
    private struct Report: Decodable {
        struct Mistake: Decodable {
            let severity: String
            let key: String?
            let line: Int?
            let text: String
        }

        let diagnostics: [Mistake]

        var errors: [Mistake] { diagnostics.filter { $0.severity == "error" } }
    }

    private static let pki = Project.root.appending(path: "Tests/FedmsgTests/Fixtures/pki").path

    @Test(
        "check names what only fails in use: files that are no PEM, keys that do not fit, a list of another CA",
        .timeLimit(.minutes(5)),
        arguments: [
            ("crypto.certname", "certname = \"mixed\"", "the key is not that of"),
            ("crypto.ca_cert_location", "ca_cert_location = \"/etc/hostname\"", "/etc/hostname"),
            ("crypto.crl_location", "crl_location = \"PKI/crl-otherkey.pem\"", "or crypto.crl_location = \"\""),
            ("tls.keyfile", "[tls]\ncertfile = \"PKI/app01.crt\"\nkeyfile = \"PKI/app02.key\"", "app02.key"),
            ("amqp_url", "amqp_url = \"amqp://localhost/?heartbeats=30\"", "heartbeats"),
            ("tls.ca_cert", "[tls]\nca_cert = \"/etc/hostname\"", "no certificate in PEM form"),
            ("amqp_url", "amqp_url = \"amqps://localhost/?cacertfile=/missing.pem\"", "it is not there"),
            (nil, "", ""),
        ] as [(String?, String, String)]
    )
    func check(key: String?, change: String, words: String) async throws {
        try await withTemporaryDirectory { folder in
            let certificates = folder.appending(path: "pki")
            try FileManager.default.copyItem(atPath: Self.pki, toPath: certificates.path)
            for (name, source) in [("mixed.crt", "app01.crt"), ("mixed.key", "app02.key")] {
                try FileManager.default.copyItem(
                    at: certificates.appending(path: source),
                    to: certificates.appending(path: name)
                )
            }
            let base = """
                amqp_url = "amqps://localhost"
                [to_amqp]
                zmq_endpoints = ["tcp://127.0.0.1:3000"]
                [spool]
                path = "\(folder.path)/spool.sqlite"
                [crypto]
                ssldir = "PKI"
                certname = "app01"
                ca_cert_location = "PKI/ca.crt"
                crl_location = "PKI/crl.pem"

                """
            // In one file a key is set once; a later file wins.
            let isOfCrypto = !change.isEmpty && !change.hasPrefix("[") && !change.hasPrefix("amqp_url")
            let more = isOfCrypto ? "[crypto]\n" + change : change
            for (name, text) in [("1.toml", base), ("2.toml", more)] {
                let text = text.replacing("PKI", with: certificates.path)
                try Data(text.utf8).write(to: folder.appending(path: name))
            }
            try await BridgeProcess.run(["config", "check", "--json", "--config", folder.path]) { check in
                let exit = try await check.awaitEnd()
                #expect(exit == .code(key == nil ? 0 : 1))
                let text = check.output.lines.joined(separator: "\n")
                let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
                #expect(report.errors.map(\.key) == (key.map { [$0] } ?? []), "\(text)")
                if let mistake = report.errors.first {
                    #expect(mistake.text.contains(words), "\(text)")
                    #expect(mistake.line ?? 0 > 0)
                }
            }
        }
    }

    @Test("check warns of what has expired", .timeLimit(.minutes(2)))
    func warnsOfExpired() async throws {
        try await withTemporaryDirectory { folder in
            let text = """
                amqp_url = "amqps://localhost"
                [tls]
                ca_cert = "PKI/ca-expired.crt"
                certfile = "PKI/expired.crt"
                keyfile = "PKI/expired.key"
                [to_amqp]
                zmq_endpoints = ["tcp://127.0.0.1:3000"]
                [spool]
                path = "\(folder.path)/spool.sqlite"
                [crypto]
                ssldir = "PKI"
                certname = "expired"
                ca_cert_location = "PKI/ca-expired.crt"
                crl_location = "PKI/crl-expired.pem"
                """
            let file = folder.appending(path: "bridge.toml")
            try Data(text.replacing("PKI", with: Self.pki).utf8).write(to: file)
            try await BridgeProcess.run(["config", "check", "--json", "--config", file.path]) { check in
                #expect(try await check.awaitEnd() == .code(0))
                let text = check.output.lines.joined(separator: "\n")
                let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
                let expired = report.diagnostics.filter { $0.text.hasSuffix(" has expired: replace the file") }
                let keys = [
                    "tls.ca_cert", "tls.certfile", "crypto.certname", "crypto.ca_cert_location", "crypto.crl_location",
                ]
                #expect(expired.map(\.key) == keys, "\(text)")
                #expect(expired.allSatisfy { $0.severity == "warning" && ($0.line ?? 0) > 0 })
            }
        }
    }

    @Test("What the real fedmsg-config prints of a fedmsg.d is imported, and passes the check", .timeLimit(.minutes(2)))
    func imports() async throws {
        try await withTemporaryDirectory { folder in
            let files = [
                "endpoints.py": """
                config = dict(
                    topic_prefix="org.example",
                    zmq_tcp_keepalive_idle=90,
                    endpoints={
                        "bodhi.app01": ["tcp://app01.example.org:3000", "tcp://app01.example.org:3001"],
                        "relay_outbound": ["tcp://127.0.0.1:4001"],
                    },
                )
                """,
                "ssl.py": """
                config = dict(
                    sign_messages=False,
                    validate_signatures=True,
                    ca_cert_location="\(Self.pki)/ca.crt",
                    crl_location="\(Self.pki)/crl.pem",
                    routing_nitpicky=True,
                    routing_policy={"org.example.prod.a.b": ["app01.example.org"]},
                )
                """,
            ]
            let python = folder.appending(path: "fedmsg.d")
            try FileManager.default.createDirectory(at: python, withIntermediateDirectories: true)
            for (name, text) in files { try Data(text.utf8).write(to: python.appending(path: name)) }
            let output = folder.appending(path: "50-fedmsg.toml").path
            let script = #"cd "$0" && "$1" 2>errors | "$2" config import - > "$3" || cat errors >&2"#
            let fedmsgConfig = Project.root.appending(path: ".venv-fedmsg/bin/fedmsg-config").path
            let arguments = ["-euc", script, folder.path, fedmsgConfig, try Project.bridge.path, output]
            try await ChildProcess.with(URL(filePath: "/bin/sh"), arguments) { shell in
                let exit = try await shell.awaitEnd()
                #expect(exit == .code(0), "\(shell.lastWords)")
            }
            let toml = try String(contentsOfFile: output, encoding: .utf8)
            for line in [
                #""tcp://app01.example.org:3000""#, #""tcp://app01.example.org:3001""#, #""tcp://127.0.0.1:4001""#,
                "zmq_tcp_keepalive_idle = 90", "routing_nitpicky = true",
                #""org.example.prod.a.b" = ["app01.example.org"]"#,
            ] {
                #expect(toml.contains(line), "\(line): \(toml)")
            }
            let rest = folder.appending(path: "90-here.toml")
            let text = "[spool]\npath = \"\(folder.path)/spool.sqlite\"\n[to_fedmsg]\nenabled = false\n"
            try Data(text.utf8).write(to: rest)
            try await BridgeProcess.run(["config", "check", "--config", output, "--config", rest.path]) { check in
                let exit = try await check.awaitEnd()
                #expect(exit == .code(0), "\(check.output.lines) \(toml)")
            }
        }
    }
}

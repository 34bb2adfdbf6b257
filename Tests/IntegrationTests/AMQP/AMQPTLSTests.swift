import AMQP
import Foundation
import NIOCore
import Testing

/// Against a RabbitMQ with a TLS listener, a CA of the test's own and `rabbitmq_auth_mechanism_ssl`.
@Suite("AMQPClient over TLS", .timeLimit(.minutes(5)))
struct AMQPTLSTests {
    @Test("logs in with its certificate, and every refusal names its cause")
    func external() async throws {
        try await withTemporaryDirectory { folder in
            let ours = try await Certificates(in: folder.appending(path: "ours"))
            let strangers = try await Certificates(in: folder.appending(path: "strangers"))
            try await RabbitMQ.withOwn(["--tls", ours.folder.path]) { broker in
                let port = try #require(broker.state.amqpsPort)
                let good = AMQPTLSConfiguration(
                    trustRoots: .file(ours.ca),
                    certificateFile: ours.certificate,
                    keyFile: ours.key
                )

                var endpoint = AMQPEndpoint(host: "127.0.0.1", port: port, credentials: .external, tls: good)
                try await confirmAPublish(on: endpoint)
                endpoint.host = "localhost"
                try await confirmAPublish(on: endpoint)
                endpoint.credentials = .guest
                try await confirmAPublish(on: endpoint)
                endpoint.credentials = .external

                endpoint.tls?.trustRoots = .file(strangers.ca)
                try await expectRefusal(
                    of: endpoint,
                    .tlsHandshakeFailed,
                    "no certificate authority in \(strangers.ca)"
                )
                endpoint.tls = good
                endpoint.tls?.trustRoots = .system
                try await expectRefusal(of: endpoint, .tlsHandshakeFailed, "no certificate authority of this system")
                endpoint.tls = good
                endpoint.tls?.serverName = "broker.example"
                try await expectRefusal(of: endpoint, .tlsHandshakeFailed, "not for the host name broker.example")
                endpoint.tls = good
                endpoint.tls?.certificateFile = strangers.certificate
                endpoint.tls?.keyFile = strangers.key
                try await expectRefusal(of: endpoint, .tlsHandshakeFailed, "refused the client certificate")
                endpoint.tls = AMQPTLSConfiguration(trustRoots: .file(ours.ca))
                try await expectRefusal(of: endpoint, .authenticationRefused, "mechanism EXTERNAL")
                endpoint.port = broker.state.amqpPort
                try await expectRefusal(of: endpoint, .tlsHandshakeFailed, "its URI begins with amqp")
                endpoint = AMQPEndpoint(host: "127.0.0.1", port: port)
                try await expectRefusal(of: endpoint, .protocolNotSupported, "its URI begins with amqps")
            }
        }
    }

    @Test("does not believe a broker whose certificate has expired, and takes its next one")
    func expired() async throws {
        try await withTemporaryDirectory { folder in
            let certificates = try await Certificates(in: folder)
            try await certificates.renewServer(days: -1)
            try await RabbitMQ.withOwn(["--tls", folder.path]) { broker in
                let port = try #require(broker.state.amqpsPort)
                let endpoint = AMQPEndpoint(
                    host: "localhost",
                    port: port,
                    tls: AMQPTLSConfiguration(trustRoots: .file(certificates.ca))
                )
                var configuration = AMQPConfiguration(endpoints: [endpoint])
                configuration.recovery = AMQPRecoveryPolicy(
                    initialBackoff: .milliseconds(50),
                    maximumBackoff: .milliseconds(500)
                )
                try await TestClient.with(configuration, publishing: AMQPTopology()) { client, events in
                    let error = try await events.first("a refusal") { event in
                        if case .connectFailed(_, let error) = event { error } else { nil }
                    }
                    #expect(error.code == .tlsHandshakeFailed)
                    #expect(error.message.contains("has expired, on 20"), "\(error)")

                    try await certificates.renewServer(days: 1)
                    try await broker.eval("ssl:clear_pem_cache().")
                    try await client.publish(AMQPMessage("x", to: "nobody"))
                }
            }
        }
    }

    @Test("reads its certificate again when it is told to reconnect")
    func renewal() async throws {
        try await withTemporaryDirectory { folder in
            let certificates = try await Certificates(in: folder)
            try await RabbitMQ.withOwn(["--tls", folder.path]) { broker in
                let port = try #require(broker.state.amqpsPort)
                let endpoint = AMQPEndpoint(
                    host: "localhost",
                    port: port,
                    credentials: .external,
                    tls: AMQPTLSConfiguration(
                        trustRoots: .file(certificates.ca),
                        certificateFile: certificates.certificate,
                        keyFile: certificates.key
                    )
                )
                let queue = AMQPQueue("q")
                try await TestClient.with(
                    AMQPConfiguration(endpoints: [endpoint]),
                    publishing: AMQPTopology(queues: [queue])
                ) { client, events in
                    try await client.publish(AMQPMessage("1", to: "q"))
                    try await broker.ctl("add_user", "other", "unused")
                    try await broker.ctl("set_permissions", "other", ".*", ".*", ".*")
                    try await certificates.renewClient(commonName: "other")
                    await client.reconnect()
                    try await client.publish(AMQPMessage("2", to: "q"))
                    #expect(events.generation(.publishing) == 2)
                    #expect(try await broker.ctl("list_connections", "user").contains("other"))
                    #expect(!events.all.contains { if case .lost = $0 { true } else { false } })
                }
            }
        }
    }

    @Test("a socket that ends without TLS's own end is a loss")
    func unannouncedEnd() async throws {
        try await withTemporaryDirectory { folder in
            let certificates = try await Certificates(in: folder)
            try await RabbitMQ.withOwn(["--tls", folder.path]) { broker in
                let endpoint = AMQPEndpoint(
                    host: "localhost",
                    port: broker.state.amqpsPort,
                    tls: AMQPTLSConfiguration(trustRoots: .file(certificates.ca))
                )
                try await TestClient.with(AMQPConfiguration(endpoints: [endpoint]), publishing: AMQPTopology()) {
                    client,
                    events in
                    try await client.publish(AMQPMessage("x", to: "nobody"))
                    try await broker.kill()
                    let error = try await events.first("the loss") { event in
                        if case .lost(.publishing, let error, 1) = event { error } else { nil }
                    }
                    #expect(error.code == .connectionLost)
                }
            }
        }
    }

    private func confirmAPublish(on endpoint: AMQPEndpoint) async throws {
        let connection = try await Broker.connect(to: endpoint)
        try await connection.openChannel().publish(AMQPMessage("x", to: "nobody"))
        await connection.close()
    }

    private func expectRefusal(
        of endpoint: AMQPEndpoint,
        _ code: AMQPError.Code,
        _ words: String,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        var error: AMQPError?
        do {
            let connection = try await Broker.connect(to: endpoint)
            // With TLS 1.3 a client certificate is refused after the handshake.
            error = await connection.failure
            await connection.close()
        } catch let failure as AMQPError {
            error = failure
        }
        #expect(error?.code == code, "\(error?.description ?? "none")", sourceLocation: location)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")", sourceLocation: location)
        #expect(error?.endpoint == endpoint.address, sourceLocation: location)
    }
}

/// A CA, a server's certificate and a client's, in a folder.
struct Certificates {
    let folder: URL
    var ca: String { folder.appending(path: "ca.crt").path }
    var certificate: String { folder.appending(path: "client.crt").path }
    var key: String { folder.appending(path: "client.key").path }

    init(in folder: URL) async throws {
        self.folder = folder
        try await run(Project.root.appending(path: "scripts/test-certificates"), [folder.path])
    }

    /// Replaces the server's certificate by one that ends so many days from now.
    func renewServer(days: Int = 1, names: String = "DNS:localhost,IP:127.0.0.1") async throws {
        try await issue(
            "server",
            commonName: "localhost",
            days: days,
            "subjectAltName=\(names)\nextendedKeyUsage=serverAuth"
        )
    }

    /// Replaces the client's certificate by one for another name.
    func renewClient(commonName: String, days: Int = 1) async throws {
        try await issue("client", commonName: commonName, days: days, "extendedKeyUsage=clientAuth")
    }

    private func issue(_ file: String, commonName: String, days: Int, _ extensions: String) async throws {
        let text = """
            cd "$1"
            printf '%s\\n' "$5" > new.ext
            openssl req -new -key "$2.key" -subj "/CN=$3" -out new.csr
            openssl x509 -req -in new.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days "$4" -extfile new.ext -out "$2.crt"
            """
        try await run(
            URL(filePath: "/bin/sh"),
            ["-euc", text, "issue", folder.path, file, commonName, String(days), extensions]
        )
    }

    private func run(_ program: URL, _ arguments: [String]) async throws {
        try await ChildProcess.with(program, arguments) { process in
            guard try await process.awaitEnd(within: .seconds(60)) == .code(0) else {
                throw HarnessError("\(program.lastPathComponent): \(process.lastWords)")
            }
        }
    }
}

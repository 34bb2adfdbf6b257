import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

@testable import AMQP

@Suite("TLS with keys that BoringSSL leaves out by itself", .timeLimit(.minutes(1)))
struct TLSKeyTests {
    private static let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Fixtures/tls"

    @Test(
        "the broker's certificate and the client's may have them",
        arguments: ["p521", "ed25519"],
        [TLSVersion.tlsv12, .tlsv13]
    )
    func handshake(name: String, version: TLSVersion) async throws {
        let (certificate, key) = ("\(Self.folder)/\(name).pem", "\(Self.folder)/\(name).key")
        let tls = AMQPTLSConfiguration(trustRoots: .file(certificate), certificateFile: certificate, keyFile: key)
        let context = try await tls.makeContext()
        let serverContext = try Self.server(certificate, key, version)

        let group = MultiThreadedEventLoopGroup.singleton
        let (server, client) = (group.next().makePromise(of: Void.self), group.next().makePromise(of: Void.self))
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let handlers = child.pipeline.syncOperations
                    try handlers.addHandlers(NIOSSLServerHandler(context: serverContext), Outcome(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let endpoint = AMQPEndpoint(host: "localhost", port: listener.localAddress?.port ?? 0, tls: tls)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    try tls.install(in: handlers, context: context, endpoint: endpoint)
                    try handlers.addHandler(Outcome(client))
                }
            }
            .connect(host: "127.0.0.1", port: endpoint.port).get()
        await #expect(throws: Never.self) { try await client.futureResult.get() }
        // With TLS 1.3 the client's certificate is looked at after its handshake is done.
        await #expect(throws: Never.self) { try await server.futureResult.get() }
        try? await channel.close()
        try await listener.close()
    }

    /// Asks for a client certificate.
    private static func server(_ certificate: String, _ key: String, _ version: TLSVersion) throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMFile(certificate)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        )
        configuration.minimumTLSVersion = version
        configuration.maximumTLSVersion = version
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates(certificates)
        configuration.curves = [.x25519, .secp256r1, .secp521r1]
        configuration.verifySignatureAlgorithms = [.ecdsaSecp521R1Sha512, .ed25519]
        return try NIOSSLContext(configuration: configuration)
    }
}

/// How a handshake ends.
private final class Outcome: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { promise.succeed() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}

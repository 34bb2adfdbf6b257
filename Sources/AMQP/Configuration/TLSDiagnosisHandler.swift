internal import FoundationEssentials
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands behind NIOSSL's handler and turns what that says into an ``AMQPError`` that a person can act on: which
/// certificate was refused, by whom, and why.
///
/// BoringSSL says that a verification failed, and NIOSSL hands out no reason. The certificate is at hand while the
/// error passes, so its dates tell an expired one from one of a stranger.
final class TLSDiagnosisHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let endpoint: AMQPEndpoint
    private let tls: AMQPTLSConfiguration
    private let context: NIOSSLContext

    init(endpoint: AMQPEndpoint, tls: AMQPTLSConfiguration, context: NIOSSLContext) {
        self.endpoint = endpoint
        self.tls = tls
        self.context = context
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Before this event is through, nothing of ours has gone out.
        if case .handshakeCompleted = event as? TLSUserEvent, !isForHostName(context) {
            let message = Self.wrongHostName(tls.name(for: endpoint))
            context.fireErrorCaught(AMQPError(.tlsHandshakeFailed, message, endpoint: endpoint.address))
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func isForHostName(_ context: ChannelHandlerContext) -> Bool {
        let name = tls.name(for: endpoint)
        guard tls.verification == .full, !name.isIPAddress else { return true }
        guard let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate() else {
            return false
        }
        return HostNameCheck.certificate(certificate, isFor: name)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else {
            context.fireErrorCaught(error)
            return
        }
        if error as? NIOSSLError == .uncleanShutdown {
            let message = "the socket ended without TLS's close_notify"
            context.fireErrorCaught(AMQPError(.connectionLost, message, endpoint: endpoint.address))
            return
        }
        let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
        let now = Int(Date().timeIntervalSince1970)
        let message = Self.diagnosis(
            of: error,
            validity: certificate.map(CertificateValidity.init),
            authorities: authorities,
            now: now,
            expectedName: tls.name(for: endpoint),
            trustRoots: tls.trustRoots,
            clientCertificate: tls.certificateFile
        )
        context.fireErrorCaught(
            AMQPError(.tlsHandshakeFailed, message, endpoint: endpoint.address, underlying: error)
        )
    }

    /// When the CA certificates of the file hold, where there is one.
    private var authorities: [CertificateValidity] {
        guard case .certificates(let certificates) = context.configuration.trustRoots else { return [] }
        return certificates.map(CertificateValidity.init)
    }

    /// The sentence for an error of NIOSSL's. Times are seconds since 1970.
    static func diagnosis(
        of error: any Error,
        validity: CertificateValidity?,
        authorities: [CertificateValidity],
        now: Int,
        expectedName: String,
        trustRoots: AMQPTLSConfiguration.TrustRoots,
        clientCertificate: String?
    ) -> String {
        if error as? NIOSSLExtraError == .failedToValidateHostname {
            return wrongHostName(expectedName)
        }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return refusal(validity: validity, authorities: authorities, now: now, trustRoots: trustRoots)
        }
        let ours = clientCertificate.map { "the client certificate in \($0)" } ?? "the missing client certificate"
        for (sign, message) in [
            ("ALERT_CERTIFICATE_EXPIRED", "the broker refused \(ours): it has expired"),
            ("ALERT_UNKNOWN_CA", "the broker refused \(ours): it does not know the certificate authority"),
            ("ALERT_CERTIFICATE_REQUIRED", "the broker wants a client certificate, and none is configured"),
            ("ALERT_CERTIFICATE_REVOKED", "the broker refused \(ours): it is revoked"),
            ("ALERT_BAD_CERTIFICATE", "the broker refused \(ours)"),
            ("ALERT_CERTIFICATE_UNKNOWN", "the broker refused \(ours)"),
            ("ALERT_UNSUPPORTED_CERTIFICATE", "the broker refused \(ours): it is not of a kind that it takes"),
            ("ALERT_PROTOCOL_VERSION", "the broker speaks no TLS of 1.2 or later"),
            (
                "ALERT_HANDSHAKE_FAILURE",
                "the broker shares no cipher or kind of signature, or wants a client certificate"
            ),
            ("ALERT_INSUFFICIENT_SECURITY", "the broker shares no cipher or kind of signature: \(keys)"),
            ("BAD_ECC_CERT", "the broker's certificate has a key of a kind that is not taken: \(keys)"),
            ("WRONG_VERSION_NUMBER", "what answered there speaks no TLS: its URI begins with amqp"),
            (
                "EOF during handshake",
                "the peer hung up amid TLS's handshake: if that port has no TLS, its URI begins with amqp"
            ),
        ] where text.contains(sign) {
            return message
        }
        return "TLS failed"
    }

    private static func wrongHostName(_ name: String) -> String {
        "the broker's certificate is not for the host name \(name)"
    }

    private static let keys = "its certificate needs a key of RSA, P-256, P-384, P-521 or Ed25519"

    private static func refusal(
        validity: CertificateValidity?,
        authorities: [CertificateValidity],
        now: Int,
        trustRoots: AMQPTLSConfiguration.TrustRoots
    ) -> String {
        if let fault = validity?.fault(of: "the broker's certificate", at: now) { return fault }
        switch trustRoots {
        case .system:
            return "no certificate authority of this system vouches for the broker's certificate; name its CA's file"
        case .file(let path):
            let faults = authorities.map { $0.fault(of: "the CA certificate in \(path)", at: now) }
            // One that holds may be the issuer, and then something else is at fault.
            if let fault = faults.first, let fault, !faults.contains(nil) { return fault }
            return "no certificate authority in \(path) vouches for the broker's certificate as a server's, "
                + "or an intermediate one is missing or has expired"
        }
    }
}

extension AMQPTLSConfiguration {
    /// Puts TLS in front of whatever follows. An address has no place in SNI; then the certificate is matched with it.
    func install(
        in pipeline: ChannelPipeline.SynchronousOperations,
        context: NIOSSLContext,
        endpoint: AMQPEndpoint
    ) throws {
        let name = name(for: endpoint)
        let handler = try NIOSSLClientHandler(context: context, serverHostname: name.isIPAddress ? nil : name)
        try pipeline.addHandlers(handler, TLSDiagnosisHandler(endpoint: endpoint, tls: self, context: context))
    }

    /// What the certificate has to be for.
    func name(for endpoint: AMQPEndpoint) -> String { serverName ?? endpoint.host }
}

extension String {
    fileprivate var isIPAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}

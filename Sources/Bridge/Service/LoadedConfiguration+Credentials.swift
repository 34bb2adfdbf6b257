import AMQP
import Fedmsg
import Foundation
public import Settings

extension LoadedConfiguration {
    /// The same with what a start would find wrong in certificates, keys and revocation lists: no PEM, a key that does not fit,
    /// a list of another CA; and with warnings of those that have expired or soon will. Of a key that has a mistake already
    /// nothing more is said.
    public func checkingCredentials() async -> LoadedConfiguration {
        guard isWhole else { return self }
        var found: [(key: String, text: String)] = []
        var expiries: [(key: String, name: String, end: Int64?)] = []
        do throws(AMQPError) {
            let (amqp, tls) = (try AMQPConfiguration(configuration), configuration.tls)
            try await amqp.checkFiles()
            let (own, authority) = (try await amqp.certificateExpiry(), try await amqp.authorityExpiry())
            expiries.append((tls.certfile.isEmpty ? "amqp_url" : "tls.certfile", CertificateKind.tlsCertificate, own))
            expiries.append((tls.caCert.isEmpty ? "amqp_url" : "tls.ca_cert", CertificateKind.tlsAuthority, authority))
        } catch  where error.code == .tlsConfigurationFailed {
            found.append((configuration.tls.key(of: error.subject), "\(error)"))
        } catch {
            found.append(("amqp_url", "\(error)"))
        }
        do throws(CredentialsError) {
            let expiry = try BridgeService.verifier(configuration)?.expiry
            expiries.append(("crypto.ca_cert_location", CertificateKind.authority.name, expiry?.authority))
            expiries.append(("crypto.crl_location", CertificateKind.revocationList.name, expiry?.revocationList))
        } catch {
            let (key, switched) =
                error.path == configuration.crypto.crlLocation
                ? ("crypto.crl_location", "crypto.crl_location = \"\"")
                : ("crypto.ca_cert_location", "crypto.validate_signatures = false")
            found.append((key, "\(error); or \(switched)"))
        }
        do throws(CredentialsError) {
            let expiry = try BridgeService.signer(configuration)?.expiry
            expiries.append(("crypto.certname", CertificateKind.own.name, expiry))
        } catch {
            found.append(("crypto.certname", "\(error); or crypto.sign_messages = false"))
        }
        let now = Int64(Date().timeIntervalSince1970)
        let expired = expiries.compactMap { key, name, end -> (key: String, text: String)? in
            guard let text = end.flatMap({ CertificateKind.text(of: $0, at: now) }) else { return nil }
            return (key, "\(name) \(text): replace the file")
        }
        return adding(diagnostics(.error, .unreadable, found) + diagnostics(.warning, .doubtful, expired))
    }

    private func diagnostics(
        _ severity: ConfigurationDiagnostic.Severity,
        _ code: ConfigurationDiagnostic.Code,
        _ texts: [(key: String, text: String)]
    ) -> [ConfigurationDiagnostic] {
        texts.compactMap { key, text in
            let path = ConfigurationPath(dotted: key)
            guard !errors.contains(where: { $0.key == path }) else { return nil }
            return ConfigurationDiagnostic(severity, code, at: origins[path], key: path, text)
        }
    }
}

extension BridgeConfiguration.TLS {
    /// The key that names a file.
    fileprivate func key(of subject: AMQPSubject?) -> String {
        switch subject {
        case .file(caCert): "tls.ca_cert"
        case .file(certfile): "tls.certfile"
        case .file(keyfile): "tls.keyfile"
        // Its parameters name such files too.
        default: "amqp_url"
        }
    }
}

import AMQP
import Fedmsg
public import Settings

extension LoadedConfiguration {
    /// The same with what a start would find wrong in certificates, keys and revocation lists: no PEM, a key that does not fit,
    /// a list of another CA. Of a key that has a mistake already nothing more is said.
    public func checkingCredentials() async -> LoadedConfiguration {
        guard isWhole else { return self }
        var found: [(key: String, text: String)] = []
        do throws(AMQPError) {
            try await AMQPConfiguration(configuration).checkFiles()
        } catch  where error.code == .tlsConfigurationFailed {
            found.append((configuration.tls.key(of: error.subject), "\(error)"))
        } catch {
            found.append(("amqp_url", "\(error)"))
        }
        do throws(CredentialsError) {
            _ = try BridgeService.verifier(configuration)
        } catch {
            let (key, switched) =
                error.path == configuration.crypto.crlLocation
                ? ("crypto.crl_location", "crypto.crl_location = \"\"")
                : ("crypto.ca_cert_location", "crypto.validate_signatures = false")
            found.append((key, "\(error); or \(switched)"))
        }
        do throws(CredentialsError) {
            _ = try BridgeService.signer(configuration)
        } catch {
            found.append(("crypto.certname", "\(error); or crypto.sign_messages = false"))
        }
        return adding(
            found.compactMap { key, text in
                let path = ConfigurationPath(dotted: key)
                guard !errors.contains(where: { $0.key == path }) else { return nil }
                return ConfigurationDiagnostic(.error, .unreadable, at: origins[path], key: path, text)
            }
        )
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

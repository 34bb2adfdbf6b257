import Foundation
import Synchronization

/// Signs envelopes as fedmsg 1.1.7 does.
///
/// Any number of threads may use one, each with a workspace of its own.
public final class MessageSigner: Sendable {
    private let credentials: Mutex<SigningCredentials>

    /// Reads `CERTNAME.crt` and `CERTNAME.key`.
    ///
    /// - Parameters:
    ///   - folder: fedmsg's `ssldir`.
    ///   - certname: without the ending; empty is an error that lists what there is.
    /// - Throws: `CredentialsError` where they can't be read, or don't belong together.
    public init(folder: String, certname: String) throws(CredentialsError) {
        if certname.isEmpty {
            throw CredentialsError(path: folder, cause: .noName(Self.certnames(in: folder)))
        }
        let files = SigningFiles(certificate: "\(folder)/\(certname).crt", key: "\(folder)/\(certname).key")
        credentials = Mutex(try SigningCredentials(files, files.read()))
    }

    /// The names in a folder of which there are a certificate and a key, in order.
    public static func certnames(in folder: String) -> [String] {
        let files = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        return files.filter { $0.hasSuffix(".crt") }.map { String($0.dropLast(4)) }
            .filter { files.contains("\($0).key") }.sorted()
    }

    /// When the certificate expires, in seconds since 1970.
    public var expiry: Int64 { credentials.withLock { $0 }.validity.upperBound }

    /// Reads the files again.
    ///
    /// - Returns: whether they held something new, which is in force from now on.
    /// - Throws: `CredentialsError`; what was in force stays so.
    @discardableResult
    public func reload() throws(CredentialsError) -> Bool {
        let current = credentials.withLock { $0 }
        let contents = try current.files.read()
        if current.contents == contents { return false }
        let new = try SigningCredentials(current.files, contents)
        credentials.withLock { $0 = new }
        return true
    }

    /// Signs an envelope.
    ///
    /// - Parameters:
    ///   - envelope: whatever its credentials say, it is signed as if they were awaited.
    ///   - body: JSON that is going to be its `msg`.
    ///   - workspace: the caller's own.
    /// - Returns: the credentials to write it with.
    /// - Throws: `SigningError`; with a body that `MessageBody` has checked, only where the key fails.
    public func sign(
        _ envelope: OutgoingEnvelope,
        body: RawSpan,
        using workspace: inout SignatureWorkspace
    ) throws(SigningError) -> OutgoingEnvelope.Credentials {
        var envelope = envelope
        envelope.credentials = .awaited
        workspace.reset()
        envelope.write(body: body, to: &workspace.envelope)
        let written = workspace.envelope
        do throws(JSONError) {
            try workspace.form.write(written.span.bytes, to: &workspace.signed)
        } catch {
            throw .badEnvelope(.badJSON(error))
        }
        let credentials = credentials.withLock { $0 }
        guard let signature = credentials.key.sign(workspace.signed.span.bytes) else {
            throw .keyFailed(CredentialsError(path: credentials.files.key, cause: .unusableKey))
        }
        return .x509(certificate: credentials.certificate, signature: Base64.lines(signature))
    }
}

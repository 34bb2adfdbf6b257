/// Where a signer's certificate and key are.
struct SigningFiles: Sendable {
    let certificate: String
    let key: String

    /// What the files hold.
    struct Contents: Equatable {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    func read() throws(CredentialsError) -> Contents {
        Contents(certificate: try CredentialsFile.read(certificate), key: try CredentialsFile.read(key))
    }
}

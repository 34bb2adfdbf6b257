/// Where the CA's certificate and its revocation list are.
struct TrustFiles: Sendable {
    let authority: String
    let revocationList: String?

    /// What the files hold.
    struct Contents: Equatable {
        let authority: [UInt8]
        let revocationList: [UInt8]?
    }

    func read() throws(CredentialsError) -> Contents {
        Contents(
            authority: try CredentialsFile.read(authority),
            revocationList: try revocationList.map { path throws(CredentialsError) in try CredentialsFile.read(path) }
        )
    }
}

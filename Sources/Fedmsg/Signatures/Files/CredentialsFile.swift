import Foundation

/// Reads certificates, keys and revocation lists.
enum CredentialsFile {
    /// The longest revocation lists known are a few of these.
    static let byteCountLimit = 64 << 20

    /// - Throws: `CredentialsError` with the system's words.
    static func read(_ path: String) throws(CredentialsError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw failure(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var isRead = false
        while !isRead {
            guard bytes.count <= byteCountLimit else { throw CredentialsError(path: path, cause: .tooLarge) }
            withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { chunk in
                let count = fread(chunk.baseAddress, 1, chunk.count, file)
                bytes.append(contentsOf: chunk.prefix(count))
                isRead = count < chunk.count
            }
        }
        guard ferror(file) == 0 else { throw failure(path) }
        return bytes
    }

    private static func failure(_ path: String) -> CredentialsError {
        CredentialsError(path: path, cause: .unreadable(String(cString: strerror(errno))))
    }
}

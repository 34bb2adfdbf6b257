import CBuildInfo

/// The version: this number, and the commit that it was built from where that is known.
enum Version {
    static let number = "0.1.0"

    /// What `--version` prints: `0.1.0 (3f2a9c1b7d42)`.
    static let text = commit.isEmpty ? number : "\(number) (\(commit))"

    /// The commit's first 12 digits, or empty.
    static let commit = String(cString: fedmsg_bridge_commit())
}

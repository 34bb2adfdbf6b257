import Settings

/// Tells messages that came from a bridge, which must not go back.
struct LoopCheck: Sendable {
    /// What every bridge since the first signs its fedmsgs with.
    static let firstBridge = "amqp-bridge"

    private let usernames: Set<String>

    /// - Parameter usernames: ours and those of other bridges on this bus; ``firstBridge`` is always one.
    init(usernames: some Sequence<String>) {
        self.usernames = Set(usernames).union([Self.firstBridge])
    }

    init(configuration: BridgeConfiguration) {
        self.init(usernames: configuration.toFedmsg.bridgeUsernames + [configuration.toFedmsg.username])
    }

    /// Whether a fedmsg by this user came from AMQP.
    func cameFromAMQP(username: String?) -> Bool {
        username.map(usernames.contains) ?? false
    }
}

package import Settings

/// Tells messages that came from a bridge, which must not go back.
package struct LoopCheck: Sendable {
    let usernames: Set<String>

    /// - Parameter usernames: ours and those of other bridges on this bus; that of the first bridge is always one.
    init(usernames: some Sequence<String>) {
        self.usernames = Set(usernames).union([BridgeHeader.firstBridge])
    }

    package init(configuration: BridgeConfiguration) {
        self.init(usernames: configuration.toFedmsg.bridgeUsernames + [configuration.toFedmsg.username])
    }

    /// Whether a fedmsg by this user came from AMQP.
    package func cameFromAMQP(username: String?) -> Bool {
        username.map(usernames.contains) ?? false
    }
}

/// A key of a peer's own configuration file, which is taken as it is.
struct PeerKey: Sendable {
    /// Where the peer has it; every key below is meant where it is a table.
    let path: ConfigurationPath
    /// Our key that it sets, unless a file sets that itself; nil where it has no effect.
    let actsAs: ConfigurationPath?
    /// Why it has no effect.
    let reason: String

    /// A key without effect.
    init(_ path: String, unused reason: String) {
        self.path = ConfigurationPath(dotted: path)
        self.actsAs = nil
        self.reason = reason
    }

    /// A key that acts as one of ours.
    init(_ path: String, actsAs key: String) {
        self.path = ConfigurationPath(dotted: path)
        self.actsAs = ConfigurationPath(dotted: key)
        self.reason = "\(key) is set, and counts instead"
    }
}

extension ConfigurationSchema {
    /// fedora-messaging's and the first bridge's keys that are none of ours.
    static let peerKeys: [PeerKey] = [
        PeerKey("callback", unused: "the bridge is the consumer"),
        PeerKey("consumer_config", unused: "settings of a Python consumer"),
        PeerKey("consumer_config.publish_endpoint", actsAs: "to_fedmsg.publish_endpoint"),
        PeerKey("consumer_config.remote_publish", actsAs: "to_fedmsg.remote_publish"),
        PeerKey("log_config", unused: "Python's logging; see [log]"),
        PeerKey("publish_exchange", unused: "to_amqp.exchange is where fedmsgs go; this one would make a loop"),
        PeerKey("qos.prefetch_size", unused: "RabbitMQ knows no limit in bytes"),
        PeerKey("zmq_to_amqp.exchange", actsAs: "to_amqp.exchange"),
        PeerKey("zmq_to_amqp.topics", actsAs: "to_amqp.topics"),
        PeerKey("zmq_to_amqp.zmq_endpoints", actsAs: "to_amqp.zmq_endpoints"),
        PeerKey("verify_missing", unused: "fedmsg-bridge verify needs no queue of its own to be configured"),
    ]

    private static let peersByPath = Dictionary(uniqueKeysWithValues: peerKeys.map { ($0.path, $0) })

    /// The peer's key at exactly `path`.
    static func peerKey(at path: ConfigurationPath) -> PeerKey? { peersByPath[path] }

    /// The places of ours that a peer's, and what is in it, acts as; none for any other.
    static func places(ofPeers path: ConfigurationPath) -> [ConfigurationPath] {
        peerKeys.compactMap { peer in
            guard let target = peer.actsAs, peer.path.contains(path) || path.contains(peer.path) else { return nil }
            return ConfigurationPath(target.components + path.components.dropFirst(peer.path.components.count))
        }
    }

    /// The top-level key of ours that a peer's acts as; of any other, itself.
    static func section(_ name: String) -> String {
        peerKeys.lazy.filter { $0.path.firstKey == name }.compactMap(\.actsAs?.firstKey).first ?? name
    }
}

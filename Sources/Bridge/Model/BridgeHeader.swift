import FedoraMessaging

/// The table that a bridged message carries beside its native headers: where it came from, and what of
/// its envelope has no place in AMQP.
package enum BridgeHeader {
    /// The keys, as they are written.
    enum Key {
        static let name: StaticString = "x-fedmsg-bridge"
        static let origin: StaticString = "origin"
        static let username: StaticString = "username"
        static let counter: StaticString = "i"
        static let timestamp: StaticString = "timestamp"
        static let headers: StaticString = "headers"
    }

    package static let name = Key.name.description
    /// Names that none of the envelope's own headers has on AMQP: those that the bridge gives, and those in which RabbitMQ
    /// reads further routing keys, and refuses anything but an array.
    package static let reserved = NativeHeaders.names.union([name, "CC", "BCC"])
    package static let origin = Key.origin.description
    package static let originFedmsg = "fedmsg"
    /// What every bridge since the first has as `username` of its fedmsgs.
    package static let firstBridge = "amqp-bridge"
    package static let username = Key.username.description
    package static let counter = Key.counter.description
    package static let timestamp = Key.timestamp.description
    package static let headers = Key.headers.description
}

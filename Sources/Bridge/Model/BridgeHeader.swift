/// The table that a bridged message carries beside its native headers: where it came from, and what of
/// its envelope has no place in AMQP.
enum BridgeHeader {
    static let name = "x-fedmsg-bridge"
    static let origin = "origin"
    static let originFedmsg = "fedmsg"
    static let username = "username"
    static let counter = "i"
    static let timestamp = "timestamp"
    static let headers = "headers"
}

/// The table that a bridged message carries beside its native headers: where it came from, and what of
/// its envelope has no place in AMQP.
package enum BridgeHeader {
    package static let name = "x-fedmsg-bridge"
    package static let origin = "origin"
    package static let originFedmsg = "fedmsg"
    /// What every bridge since the first has as `username` of its fedmsgs.
    package static let firstBridge = "amqp-bridge"
    package static let username = "username"
    package static let counter = "i"
    package static let timestamp = "timestamp"
    package static let headers = "headers"
}

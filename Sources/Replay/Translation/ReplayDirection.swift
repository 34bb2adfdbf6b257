/// Which way captured messages go.
package enum ReplayDirection: String, CaseIterable, Sendable {
    /// From fedmsg's envelopes to fedora-messaging's messages.
    case toAMQP = "to-amqp"
    /// The other way.
    case toFedmsg = "to-fedmsg"
}

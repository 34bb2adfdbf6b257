/// Which way a message goes. Raw values are the `direction` labels of the metrics.
public enum Direction: String, CaseIterable, Codable, Sendable {
    /// From fedmsg to AMQP.
    case toAMQP = "to_amqp"
    /// From AMQP to fedmsg.
    case toFedmsg = "to_fedmsg"
}

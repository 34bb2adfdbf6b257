/// The whole configuration, as in force: defaults, files and environment together.
///
/// `BridgeConfiguration()` is the built-in default. Names follow the keys of the files, which follow
/// fedora-messaging's and fedmsg's; each property names its key.
public struct BridgeConfiguration: Sendable, Equatable {
    /// `amqp_url`: URLs of the broker, tried in order; `amqps` for TLS.
    public var amqpURLs = ["amqp://guest:guest@localhost:5672/%2F"]

    /// `passive_declares`: whether exchanges and queues are only looked for, never made. Default false.
    public var passiveDeclares = false

    /// `topic_prefix`: put before topics published to AMQP, joined by one dot. Default empty: none.
    public var topicPrefix = ""

    /// What stands before a topic on AMQP. As fedora-messaging joins it, without dots of its own at its end.
    public var topicPrefixWithDot: String {
        var prefix = topicPrefix[...]
        while prefix.last == "." { prefix.removeLast() }
        return topicPrefix.isEmpty ? "" : prefix + "."
    }

    /// `publish_priority`: the AMQP priority of published messages, 0 to 255. Default none.
    public var publishPriority: UInt8?

    /// `[tls]`: certificates for `amqps`.
    public var tls = TLS()

    /// `[client_properties]`: what the connection says of itself to the broker.
    public var clientProperties: [String: ConfigurationValue] = ["app": "fedmsg-bridge"]

    /// `[exchanges.NAME]`: exchanges that are looked for at start, and made where missing, in order of names.
    public var exchanges = [Exchange(name: "zmq.topic")]

    /// `[queues.NAME]`: queues that are declared and consumed from, in order of names.
    public var queues = [
        Queue(
            name: "fedmsg-bridge",
            arguments: ["x-queue-type": "quorum", "x-single-active-consumer": true]
        )
    ]

    /// `[[bindings]]`: which messages come to the queues.
    public var bindings = [Binding(queue: "fedmsg-bridge", exchange: "amq.topic", routingKeys: ["#"])]

    /// `[qos]`: how many deliveries may be unacknowledged.
    public var qos = QoS()

    /// `[to_amqp]`: the direction from fedmsg to AMQP.
    public var toAMQP = ToAMQP()

    /// `[to_fedmsg]`: the direction from AMQP to fedmsg.
    public var toFedmsg = ToFedmsg()

    /// `[crypto]`: signatures, as in `fedmsg.d/ssl.py`.
    public var crypto = Crypto()

    /// `[spool]`: what waits on disk, and dead letters.
    public var spool = Spool()

    /// `[monitoring]`: the HTTP endpoint for health, metrics and the page.
    public var monitoring = Monitoring()

    /// `[log]`: what is logged and how.
    public var log = Log()

    /// The built-in defaults.
    public init() {}
}

extension BridgeConfiguration {
    /// Whether any URL is one for TLS: only then `[tls]` counts.
    var usesTLS: Bool { amqpURLs.contains { $0.lowercased().hasPrefix("amqps:") } }

    /// The keys whose values are others in `other`, as the files name them, in the order of the files as shipped.
    public func keys(differingFrom other: BridgeConfiguration) -> [String] {
        ConfigurationSchema.keys.filter { $0.value(self) != $0.value(other) }.map { "\($0.path)" }
    }
}

/// The arguments of a queue: a table, and RabbitMQ's documented keys in it with their types.
///
/// A queue that exists has to be declared with equal ones, or the broker refuses (406).
public struct AMQPQueueArguments: Sendable, Equatable {
    /// How the queue keeps its messages.
    public enum Kind: String, Sendable, Hashable {
        /// On one node.
        case classic
        /// On several, by consensus.
        case quorum
        /// A log that consumers read from wherever they like.
        case stream
    }

    /// What happens to a message for which there is no room.
    public enum Overflow: String, Sendable, Hashable {
        /// The oldest goes.
        case dropHead = "drop-head"
        /// The new one is nacked.
        case rejectPublish = "reject-publish"
        /// The new one is nacked, and dead-lettered.
        case rejectPublishDeadLetter = "reject-publish-dlx"
    }

    /// All of them, the typed ones below included, as they go over the wire.
    public var table: AMQPTable

    /// Takes any table; unknown keys are the broker's to refuse.
    public init(_ table: AMQPTable = [:]) {
        self.table = table
    }

    /// `x-queue-type`; nil leaves it to the virtual host.
    public var kind: Kind? {
        get { table["x-queue-type"]?.text.flatMap(Kind.init) }
        set { table["x-queue-type"] = newValue.map { .longString($0.rawValue) } }
    }

    /// `x-single-active-consumer`: of several consumers one gets messages, the others stand by.
    public var singleActiveConsumer: Bool? {
        get { if case .boolean(let value) = table["x-single-active-consumer"] { value } else { nil } }
        set { table["x-single-active-consumer"] = newValue.map { .boolean($0) } }
    }

    /// `x-max-length`, in messages.
    public var maxLength: Int? {
        get { table["x-max-length"]?.integer }
        set { table["x-max-length"] = newValue.map { .int64(Int64($0)) } }
    }

    /// `x-max-length-bytes`, in bytes of bodies.
    public var maxLengthBytes: Int? {
        get { table["x-max-length-bytes"]?.integer }
        set { table["x-max-length-bytes"] = newValue.map { .int64(Int64($0)) } }
    }

    /// `x-overflow`: what happens when one of the lengths is reached.
    public var overflow: Overflow? {
        get { table["x-overflow"]?.text.flatMap(Overflow.init) }
        set { table["x-overflow"] = newValue.map { .longString($0.rawValue) } }
    }

    /// `x-message-ttl`: how long a message may wait, in whole milliseconds.
    public var messageTTL: Duration? {
        get { table["x-message-ttl"]?.integer.map { .milliseconds($0) } }
        set { table["x-message-ttl"] = newValue.map { .int64($0.wholeMilliseconds) } }
    }

    /// `x-expires`: how long the queue may be unused before it goes, in whole milliseconds.
    public var expires: Duration? {
        get { table["x-expires"]?.integer.map { .milliseconds($0) } }
        set { table["x-expires"] = newValue.map { .int64($0.wholeMilliseconds) } }
    }

    /// `x-dead-letter-exchange`: where messages go that were rejected, expired or dropped.
    public var deadLetterExchange: String? {
        get { table["x-dead-letter-exchange"]?.text }
        set { table["x-dead-letter-exchange"] = newValue.map { .longString($0) } }
    }

    /// `x-dead-letter-routing-key`; nil keeps each message's own.
    public var deadLetterRoutingKey: String? {
        get { table["x-dead-letter-routing-key"]?.text }
        set { table["x-dead-letter-routing-key"] = newValue.map { .longString($0) } }
    }

    /// `x-delivery-limit` of quorum queues: deliveries of one message before it is dropped; -1 for no limit
    /// (RabbitMQ 4).
    public var deliveryLimit: Int? {
        get { table["x-delivery-limit"]?.integer }
        set { table["x-delivery-limit"] = newValue.map { .int64(Int64($0)) } }
    }

    /// `x-max-priority` of classic queues, 1 to 255.
    public var maxPriority: Int? {
        get { table["x-max-priority"]?.integer }
        set { table["x-max-priority"] = newValue.map { .int64(Int64($0)) } }
    }
}

extension AMQPQueueArguments {
    /// A queue replicated by consensus.
    public static let quorum = Self(["x-queue-type": "quorum"])
    /// A log.
    public static let stream = Self(["x-queue-type": "stream"])
}

extension AMQPQueueArguments: ExpressibleByDictionaryLiteral {
    /// Arguments of the pairs, in order.
    public init(dictionaryLiteral elements: (String, AMQPFieldValue)...) {
        table = AMQPTable(elements.map { AMQPTable.Entry($0, $1) })
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product + attoseconds / 1_000_000_000_000_000
    }
}

/// A message on one of the buses, as far as the other one's copy has to be like it.
package struct Sighting: Equatable, Sendable {
    /// Digests of what may be long.
    package struct Digest: Hashable, Sendable {
        var high: UInt64
        var low: UInt64
    }

    /// Where it was seen.
    package var place: Heard.Place
    /// What both copies have in common: the id without its year.
    package var key: Digest
    /// The id as it is here, cut to 255 bytes.
    package var messageID: String
    /// The topic, cut to 255 bytes.
    package var topic: String
    /// The body: equal ones mean the same JSON.
    package var body: Digest
    /// Whether a bridge brought it from the other bus, as far as it says so.
    package var isBridged: Bool
    /// Each header that fedmsg and AMQP can both have, name and value; nil where they need not be alike.
    package var headers: Set<Digest>?

    var bus: Bus { place == .amqp ? .amqp : .fedmsg }

    /// Bytes that it takes up, roughly.
    var size: Int { messageID.utf8.count + topic.utf8.count + 32 * (headers?.count ?? 0) + 150 }
}

/// One of the two that are compared.
package enum Bus: String, CaseIterable, Sendable {
    case fedmsg
    case amqp

    var other: Bus { self == .amqp ? .fedmsg : .amqp }
}

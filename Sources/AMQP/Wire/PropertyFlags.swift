/// Which properties a content header has, the first in the highest bit.
struct PropertyFlags: OptionSet {
    let rawValue: UInt16

    static let contentType = Self(rawValue: 1 << 15)
    static let contentEncoding = Self(rawValue: 1 << 14)
    static let headers = Self(rawValue: 1 << 13)
    static let deliveryMode = Self(rawValue: 1 << 12)
    static let priority = Self(rawValue: 1 << 11)
    static let correlationID = Self(rawValue: 1 << 10)
    static let replyTo = Self(rawValue: 1 << 9)
    static let expiration = Self(rawValue: 1 << 8)
    static let messageID = Self(rawValue: 1 << 7)
    static let timestamp = Self(rawValue: 1 << 6)
    static let type = Self(rawValue: 1 << 5)
    static let userID = Self(rawValue: 1 << 4)
    static let appID = Self(rawValue: 1 << 3)
    static let clusterID = Self(rawValue: 1 << 2)

    /// All that there are. Bit 1 means nothing, bit 0 would announce more flags.
    static let all = Self(rawValue: 0xFFFC)
}

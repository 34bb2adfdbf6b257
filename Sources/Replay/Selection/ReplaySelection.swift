/// Which of the captured messages are replayed.
package struct ReplaySelection: Sendable {
    /// One of them must fit; none means any topic.
    package var topics: [TopicPattern]
    /// Seconds since 1970; a message without a time is outside any limits.
    package var from: Int64?
    /// Seconds since 1970, not included.
    package var until: Int64?
    /// How many.
    package var limit: Int?

    package init(topics: [TopicPattern] = [], from: Int64? = nil, until: Int64? = nil, limit: Int? = nil) {
        self.topics = topics
        self.from = from
        self.until = until
        self.limit = limit
    }

    func includes(_ message: ReplayMessage) -> Bool {
        includes(topic: message.topic) && includes(timestamp: message.timestamp)
    }

    func includes(topic: String) -> Bool {
        topics.isEmpty || topics.contains { $0.matches(topic) }
    }

    func includes(timestamp: Int64?) -> Bool {
        guard from != nil || until != nil else { return true }
        guard let timestamp else { return false }
        return timestamp >= from ?? .min && timestamp < until ?? .max
    }
}

/// The consumers of a channel by tag. They are entered before basic.consume goes out: a delivery may come before
/// consume-ok is handled. They leave with cancel-ok: until then deliveries may come, also where the broker cancelled.
struct ConsumerRegistry {
    struct Consumer: Equatable {
        var id: ChannelMachine.ConsumerID
        var noAck: Bool
    }

    private struct Entry {
        var consumer: Consumer
        var isCancelled = false
        /// Who has the tag next. Its basic.consume goes out behind the cancel-ok of a consumer that the broker cancelled.
        var successor: Consumer?
    }

    private var entries: [String: Entry] = [:]
    /// Most channels have one consumer.
    private var last: (tag: String, consumer: Consumer)?

    /// Returns false where somebody has the tag.
    mutating func add(_ consumer: Consumer, tag: String) -> Bool {
        guard let entry = entries[tag] else {
            entries[tag] = Entry(consumer: consumer)
            return true
        }
        guard entry.isCancelled, entry.successor == nil else { return false }
        entries[tag]?.successor = consumer
        return true
    }

    /// The basic.consume of what was added did not go out.
    mutating func withdraw(_ id: ChannelMachine.ConsumerID, tag: String) {
        if entries[tag]?.consumer.id == id { remove(tag: tag) } else { entries[tag]?.successor = nil }
    }

    /// The broker cancelled a consumer.
    mutating func cancelled(tag: String) -> Consumer? {
        entries[tag]?.isCancelled = true
        return entries[tag]?.consumer
    }

    /// The broker answered the cancel of a consumer.
    mutating func remove(tag: String) {
        last = nil
        entries[tag] = entries[tag]?.successor.map { Entry(consumer: $0) }
    }

    mutating func consumer(tag: String) -> Consumer? {
        if let last, last.tag == tag { return last.consumer }
        guard let consumer = entries[tag]?.consumer else { return nil }
        last = (tag, consumer)
        return consumer
    }
}

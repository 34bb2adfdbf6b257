/// The consumers of a channel by tag. They are entered before basic.consume goes out: a delivery may come before
/// consume-ok is handled.
struct ConsumerRegistry {
    struct Consumer: Equatable {
        var id: ChannelMachine.ConsumerID
        var noAck: Bool
    }

    private var consumers: [String: Consumer] = [:]
    /// Most channels have one consumer.
    private var last: (tag: String, consumer: Consumer)?

    mutating func add(_ consumer: Consumer, tag: String) -> Bool {
        guard consumers[tag] == nil else { return false }
        consumers[tag] = consumer
        return true
    }

    mutating func remove(tag: String) -> Consumer? {
        last = nil
        return consumers.removeValue(forKey: tag)
    }

    mutating func consumer(tag: String) -> Consumer? {
        if let last, last.tag == tag { return last.consumer }
        guard let consumer = consumers[tag] else { return nil }
        last = (tag, consumer)
        return consumer
    }
}

import AMQP

/// One run of a consumer: what its channel brought, and what of that is decided.
///
/// Tags count anew on each channel, so a delivery is known by its run's epoch as well.
struct ConsumerRun {
    let queue: String
    let epoch: UInt64
    /// Where its deliveries are acknowledged; known from the first one on, until the run ends.
    private(set) var channel: AMQPChannel?
    /// Sees to it that nothing is sent any more of what it brought, since it ended.
    private(set) var forgetting: Task<Void, Never>?
    private var mark = DeliveryMark()

    init(queue: String, epoch: UInt64) {
        self.queue = queue
        self.epoch = epoch
    }

    /// Deliveries that are not yet acknowledged.
    var count: Int { mark.count }

    mutating func opened(_ tag: UInt64, on channel: AMQPChannel) {
        self.channel = channel
        mark.opened(tag)
    }

    mutating func waits(_ tag: UInt64) {
        mark.waits(tag)
    }

    mutating func decided(_ tag: UInt64) {
        mark.decided(tag)
    }

    /// What to acknowledge now, if anything.
    mutating func takeDue() -> (channel: AMQPChannel, due: DeliveryMark.Due)? {
        guard let channel else { return nil }
        let due = mark.takeDue()
        return due.isEmpty ? nil : (channel, due)
    }

    /// The channel is gone, and its tags with it.
    mutating func end(forgetting: Task<Void, Never>) {
        self.forgetting = forgetting
        channel = nil
        mark.forget()
    }
}

import AMQP
import NIOCore
import Synchronization

/// What became of each numbered message of a soak, by what the publisher was told and what the consumer saw.
final class SoakLedger: Sendable {
    private struct Message {
        var isConfirmed = false
        /// How often the publisher was told that its outcome is unknown. It published it again then.
        var unknown = 0
        /// How often it was delivered, and how often for the first time, by the broker's word.
        var deliveries = 0
        var fresh = 0
    }

    private struct State {
        var messages: [Message] = []
        var confirmed = 0
        var unknown = 0
        var consumed = 0
        var isEnding = false
        var opened: [Opened] = []
    }

    /// What the client opened, for as long as anybody has it.
    private struct Opened {
        weak var channel: AMQPChannel?
        weak var connection: AMQPConnection?
    }

    private let state = Mutex(State())
    private let count: Int
    /// How far publishers may be ahead of the consumer.
    private let maxLag = 2_000

    /// - Parameter count: how many messages there are at least.
    init(count: Int) {
        self.count = count
    }

    var confirmed: Int { state.withLock { $0.confirmed } }
    var unknown: Int { state.withLock { $0.unknown } }
    /// Different messages that came.
    var consumed: Int { state.withLock { $0.consumed } }
    var isFull: Bool { state.withLock { $0.messages.count >= count } }

    // MARK: Publishing

    /// The next message to publish; nil when there are enough.
    func next() async throws -> Int? {
        try await eventually("the consumer keeps up", within: .seconds(120), every: .milliseconds(5)) {
            state.withLock { $0.confirmed - $0.consumed < maxLag }
        }
        return state.withLock { state in
            guard !state.isEnding || state.messages.count < count else { return nil }
            state.messages.append(Message())
            return state.messages.count - 1
        }
    }

    /// No more messages than the least.
    func end() {
        state.withLock { $0.isEnding = true }
    }

    func confirmed(_ number: Int) {
        state.withLock { state in
            state.messages[number].isConfirmed = true
            state.confirmed += 1
        }
    }

    func unknown(_ number: Int) {
        state.withLock { state in
            state.messages[number].unknown += 1
            state.unknown += 1
        }
    }

    // MARK: Consuming

    func arrived(_ delivery: AMQPDelivery) {
        opened(delivery.channel)
        guard let number = Int(String(buffer: delivery.body)) else { return }
        state.withLock { state in
            guard state.messages.indices.contains(number) else { return }
            if state.messages[number].deliveries == 0 { state.consumed += 1 }
            state.messages[number].deliveries += 1
            if !delivery.redelivered { state.messages[number].fresh += 1 }
        }
    }

    // MARK: What is left

    func opened(_ channel: AMQPChannel) {
        state.withLock { state in
            guard state.opened.last?.channel !== channel else { return }
            state.opened.append(Opened(channel: channel, connection: channel.connection))
        }
    }

    /// Channels and connections that somebody still has.
    var alive: Int {
        state.withLock { state in state.opened.count { $0.channel != nil || $0.connection != nil } }
    }

    // MARK: The account

    var lost: [Int] { numbers { $0.isConfirmed && $0.deliveries == 0 } }
    var unaccounted: [Int] { numbers { !$0.isConfirmed } }
    /// Each copy beyond the first is one whose outcome the publisher did not learn.
    var wronglyDoubled: [Int] { numbers { $0.fresh > 1 + $0.unknown } }
    var doubled: Int { numbers { $0.fresh > 1 }.count }
    var total: Int { state.withLock { $0.messages.count } }

    private func numbers(_ condition: (Message) -> Bool) -> [Int] {
        state.withLock { state in state.messages.indices.filter { condition(state.messages[$0]) } }
    }
}

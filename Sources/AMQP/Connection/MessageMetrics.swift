internal import Metrics

/// Counters of what becomes of a connection's messages: `amqp_client_published_total` and so on.
///
/// They are gathered and told once a turn of the event loop: a counter may cost more than a message does.
struct MessageMetrics: Sendable {
    enum Event: Int, CaseIterable {
        /// Went out.
        case published
        /// What became of a publish: ``PublishOutcome``.
        case confirmed, nacked, returned, refused, unknown
        /// Came, to a consumer or in answer to a get.
        case delivered
        /// A delivery that was settled: with basic.ack, or with basic.nack or basic.reject.
        case acknowledged, rejected
    }

    private let counters = Event.allCases.map { Counter(label: "amqp_client_\($0)_total") }
    private var counts = [Int](repeating: 0, count: Event.allCases.count)

    mutating func count(_ event: Event, _ count: Int = 1) {
        counts[event.rawValue] += count
    }

    mutating func report() {
        for index in counts.indices where counts[index] > 0 {
            counters[index].increment(by: counts[index])
            counts[index] = 0
        }
    }
}

extension PublishOutcome {
    var event: MessageMetrics.Event {
        switch self {
        case .confirmed: .confirmed
        case .nacked: .nacked
        case .returned: .returned
        case .refused: .refused
        case .unknown: .unknown
        }
    }
}

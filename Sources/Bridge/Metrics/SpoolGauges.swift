public import Metrics
public import Spool

/// What is measured of the spool.
public struct SpoolGauges: Sendable {
    private let unjournalledMessages: Meter
    private let unjournalledBytes: Meter
    private let messages: Meter
    private let bytes: Meter
    private let fileBytes: Meter
    private let maxBytes: Meter
    private let oldest: Meter
    private let deadLetters: [(Direction, Meter)]
    private let commits: Recorder
    private let evicted: [Direction: [String: Counter]]

    /// The series, each with 0.
    public init(factory: any MetricsFactory) {
        func meter(_ name: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(name, dimensions, factory: factory)
        }
        unjournalledMessages = meter("unjournalled_messages")
        unjournalledBytes = meter("unjournalled_bytes")
        messages = meter("spool_messages")
        bytes = meter("spool_bytes")
        fileBytes = meter("spool_file_bytes")
        maxBytes = meter("spool_max_bytes")
        oldest = meter("spool_oldest_timestamp_seconds")
        deadLetters = Direction.allCases.map { ($0, meter("dead_letters", [("direction", $0.rawValue)])) }
        commits = Recorder(
            label: "fedmsg_bridge_journal_commit_seconds",
            dimensions: [],
            aggregate: true,
            factory: factory
        )
        evicted = .init(
            uniqueKeysWithValues: Direction.allCases.map { direction in
                let counters = RejectReason.allCases.map { reason in
                    let counter = Counter(
                        label: "fedmsg_bridge_dead_letters_evicted_total",
                        dimensions: [("direction", direction.rawValue), ("reason", reason.rawValue)],
                        factory: factory
                    )
                    return (reason.rawValue, counter)
                }
                return (direction, .init(uniqueKeysWithValues: counters))
            }
        )
    }

    /// Brings the gauges up to date.
    public func update(_ status: SpoolStatus) {
        unjournalledMessages.set(status.unjournalledMessages)
        unjournalledBytes.set(status.unjournalledBytes)
        messages.set(status.messages)
        bytes.set(status.bytes)
        fileBytes.set(status.fileBytes)
        maxBytes.set(status.maxBytes)
        oldest.set(status.oldestReceivedAt.map { Double($0) / 1e6 } ?? 0)
        for (direction, meter) in deadLetters { meter.set(status.deadLetters[direction]) }
    }

    func committed(nanoseconds: Int64) { commits.record(Double(nanoseconds) / 1e9) }

    /// Letters fell out. A reason that is none of ours, as another program may have written it, makes no series.
    func evicted(_ count: Int, _ direction: Direction, _ reason: String) {
        evicted[direction]?[reason]?.increment(by: count)
    }
}

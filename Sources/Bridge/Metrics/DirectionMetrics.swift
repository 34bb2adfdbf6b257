public import Metrics
public import Spool

/// What one direction counts. Every series is there from the start with 0.
///
/// Each figure goes to swift-metrics and to the ``StatusBoard``, so that the metrics, `/ready` and the
/// status page never disagree.
public struct DirectionMetrics: Sendable {
    private let direction: Direction
    private let board: StatusBoard
    private let received: Counter
    private let forwarded: Counter
    private let retried: Counter
    private let dropped: [DropReason: Counter]
    private let rejected: [RejectReason: Counter]
    private let lastMessage: Meter
    private let inFlight: Meter
    private let latency: Recorder
    private let connected: Meter
    private let reconnects: Counter

    /// The series of one direction.
    public init(direction: Direction, board: StatusBoard, factory: any MetricsFactory) {
        let dimensions = [("direction", direction.rawValue)]
        func counter(_ name: String, reason: String? = nil) -> Counter {
            Counter(
                label: "fedmsg_bridge_\(name)",
                dimensions: dimensions + (reason.map { [("reason", $0)] } ?? []),
                factory: factory
            )
        }
        func meter(_ name: String) -> Meter { Meter(name, dimensions, factory: factory) }
        self.direction = direction
        self.board = board
        received = counter("received_total")
        forwarded = counter("forwarded_total")
        retried = counter("retried_total")
        dropped = .init(
            uniqueKeysWithValues: DropReason.allCases.map { ($0, counter("dropped_total", reason: $0.rawValue)) }
        )
        rejected = .init(
            uniqueKeysWithValues: RejectReason.allCases.map { ($0, counter("rejected_total", reason: $0.rawValue)) }
        )
        lastMessage = meter("last_message_timestamp_seconds")
        inFlight = meter("in_flight_messages")
        connected = meter("amqp_connected")
        reconnects = counter("amqp_reconnects_total")
        latency = Recorder(
            label: "fedmsg_bridge_latency_seconds",
            dimensions: dimensions,
            aggregate: true,
            factory: factory
        )
    }

    /// Messages were taken over.
    ///
    /// - Parameter time: when the last one came, in seconds since 1970; nil where none did, as of dead letters that are tried
    ///   again.
    public func received(_ count: Int, at time: Double?) {
        guard count > 0 else { return }
        received.increment(by: count)
        if let time { lastMessage.set(time) }
        update {
            $0.received += Int64(count)
            $0.lastMessageAt = time ?? $0.lastMessageAt
        }
    }

    /// Messages were handed on.
    ///
    /// - Parameter latencies: seconds from receipt to hand-over, one for each; below 0, for the clock was set back, counts as 0.
    public func forwarded(latencies: some Sequence<Double>) {
        var count = 0
        for value in latencies {
            latency.record(max(0, value))
            count += 1
        }
        guard count > 0 else { return }
        forwarded.increment(by: count)
        update { $0.forwarded += Int64(count) }
    }

    /// Messages were left out on purpose.
    public func dropped(_ reason: DropReason, count: Int = 1) {
        dropped[reason]?.increment(by: count)
        update { $0.dropped += Int64(count) }
    }

    /// Messages could not be bridged.
    public func rejected(_ reason: RejectReason, count: Int = 1) {
        rejected[reason]?.increment(by: count)
        update { $0.rejected += Int64(count) }
    }

    /// Dead letters were taken up to be tried again.
    public func retried(_ count: Int) {
        retried.increment(by: count)
    }

    /// Messages that were handed to the next bus and not yet answered.
    public func setInFlight(_ count: Int) {
        inFlight.set(count)
    }

    /// The connection to the broker opened.
    ///
    /// - Parameter again: whether one was open before.
    public func connected(again: Bool) {
        connected.set(1)
        if again { reconnects.increment() }
        update { $0.connected = true }
    }

    /// The connection to the broker was lost.
    public func disconnected() {
        connected.set(0)
        update { $0.connected = false }
    }

    private func update(_ change: (inout StatusBoard.DirectionState) -> Void) {
        board.update(direction, change)
    }
}

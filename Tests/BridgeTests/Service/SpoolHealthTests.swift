import Spool
import Testing

@testable import Bridge

@Suite struct SpoolHealthTests {
    private var health = SpoolHealth(now: 0)

    /// The state at a second, with so many messages waiting and so many settled before.
    private mutating func state(
        at second: UInt64,
        waiting: Int = 0,
        settled: Int = 0,
        refusal: SpoolRefusal? = nil,
        busyFor: Duration? = nil
    ) -> SpoolHealth.State {
        var status = SpoolStatus()
        status.messages = waiting
        status.settled = settled
        status.refusal = refusal
        return health.state(of: status, busyFor: busyFor, now: second * 1_000_000_000)
    }

    @Test mutating func `messages that wait for a broker with the spool in order are no trouble of the spool`() {
        #expect(state(at: 0, waiting: 5) == .well)
        #expect(state(at: 1000, waiting: 50_000) == .well)
    }

    @Test mutating func `a spool that takes nothing is a warning while messages leave`() {
        #expect(state(at: 0, waiting: 9, refusal: .diskFull) == .degraded(.diskFull))
        #expect(state(at: 4, waiting: 9, settled: 1, refusal: .diskFull) == .degraded(.diskFull))
        #expect(state(at: 8, waiting: 9, settled: 2, refusal: .diskFull) == .degraded(.diskFull))
    }

    @Test mutating func `it is no more than that while nothing waits`() {
        #expect(state(at: 100, refusal: .maxBytes) == .degraded(.maxBytes))
    }

    @Test mutating func `it is full once what waits does not get less, until it does`() {
        #expect(state(at: 1, waiting: 9, settled: 7, refusal: .maxBytes) == .degraded(.maxBytes))
        #expect(state(at: 6, waiting: 99, settled: 7, refusal: .maxBytes) == .full(.maxBytes))
        #expect(state(at: 7, waiting: 99, settled: 8, refusal: .maxBytes) == .degraded(.maxBytes))
        #expect(state(at: 8, waiting: 98, settled: 9) == .well)
    }

    @Test mutating func `a broker that was away before the spool was full makes it full at once`() {
        #expect(state(at: 1, waiting: 9) == .well)
        #expect(state(at: 100, waiting: 9, refusal: .maxBytes) == .full(.maxBytes))
    }

    @Test mutating func `a disk operation that goes on and on is a stall, whatever else holds`() {
        #expect(state(at: 1, busyFor: .seconds(4)) == .well)
        #expect(state(at: 2, waiting: 1, refusal: .diskFull, busyFor: .seconds(5)) == .stalled(.seconds(5)))
        #expect(state(at: 3) == .well)
    }
}

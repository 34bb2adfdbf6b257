import Testing

@testable import Bridge

@Suite struct LogThrottleTests {
    private var throttle = LogThrottle<String>(interval: 60)

    @Test mutating func `one line of a kind passes in its interval, and the next tells of those between`() {
        #expect(throttle.pass("lost", count: 5, now: 0) == 5)
        #expect(throttle.pass("lost", count: 2, now: 10) == nil)
        #expect(throttle.pass("lost", count: 3, now: 59) == nil)
        #expect(throttle.pass("refused", now: 59) == 1)
        #expect(throttle.pass("lost", now: 60) == 6)
    }

    @Test mutating func `what was held back is told even if nothing follows`() {
        #expect(throttle.pass("lost", now: 0) == 1)
        #expect(throttle.pass("lost", count: 4, now: 1) == nil)
        #expect(throttle.overdue(now: 59).isEmpty)
        #expect(throttle.overdue(now: 60).map(\.1) == [4])
        #expect(throttle.overdue(now: 200).isEmpty)
        #expect(throttle.pass("lost", now: 61) == nil)
        #expect(throttle.overdue(now: nil).map(\.1) == [1], "at the end nothing waits")
        #expect(throttle.overdue(now: nil).isEmpty)
    }

    @Test mutating func `a time from before the last line is taken for no later one`() {
        #expect(throttle.pass("lost", now: 100) == 1)
        #expect(throttle.pass("lost", now: 99) == nil)
        #expect(throttle.overdue(now: 50).isEmpty)
        #expect(throttle.overdue(now: 160).map(\.1) == [1])
    }
}

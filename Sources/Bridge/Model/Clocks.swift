import Foundation

/// The two times that the bridge reckons with. Handed in, so that tests need not wait.
package protocol Clocks: Sendable {
    /// Nanoseconds of a clock that only goes forward.
    var uptime: UInt64 { get }
    /// Microseconds since 1970.
    var now: Int64 { get }
}

/// The system's clocks.
package struct SystemClocks: Clocks {
    package init() {}

    package var uptime: UInt64 { nanoseconds(CLOCK_MONOTONIC) }
    package var now: Int64 { Int64(nanoseconds(CLOCK_REALTIME) / 1000) }

    private func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Duration {
    /// The whole in nanoseconds; 0 for what is negative.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

import Foundation

/// How large this run's tests are, and what chance does in them. The one place that reads the environment for that.
enum TestRun {
    /// Whether outages last as long, and backlogs are as deep, as in the field: `FEDMSG_BRIDGE_TEST_FULL=1`.
    static let isFull = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_TEST_FULL"] == "1"

    /// What chance begins with: `FEDMSG_BRIDGE_TEST_SEED`, or else another every time.
    static let seed =
        ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_TEST_SEED"].flatMap(UInt64.init)
        ?? .random(in: 0...UInt64.max)

    /// A Python environment with another release of the first bridge than the one that can be installed:
    /// `FEDMSG_BRIDGE_TEST_FIRST_BRIDGE`.
    static let firstBridge = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_TEST_FIRST_BRIDGE"].map {
        URL(filePath: $0)
    }

    /// One size for every run, another for a full one.
    static func size(_ usual: Int, full: Int) -> Int { isFull ? full : usual }
}

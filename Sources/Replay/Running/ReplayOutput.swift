/// Where a replay's results go.
package protocol ReplayOutput: AnyObject {
    /// Writes whole lines.
    ///
    /// - Throws: `ClosedPipe` where nobody reads any more.
    func write(_ lines: [UInt8]) throws
    /// A line for standard error.
    func report(_ line: String)
    /// How far the replay is, now and then.
    func progress(_ progress: ReplayProgress)
}

/// Nobody reads the results any more: the end, and no fault.
package struct ClosedPipe: Error {
    package init() {}
}

/// What a comparison came to.
package struct VerifySummary: Equatable, Sendable, CustomStringConvertible {
    /// Messages seen, by bus.
    package var seen: [Bus: Int] = [:]
    /// Messages seen on both.
    package var matched = 0
    /// Reports, by verdict.
    package var verdicts: [Finding.Verdict: Int] = [:]
    /// Messages reported as missing that came after all.
    package var late = 0
    /// Messages without a copy that nothing is said of: one bus was not heard all the time, there was no room, or another bridge
    /// brought them the way that is switched off here.
    package var unjudged = 0
    /// Messages still waiting for their copy at the end.
    package var undecided = 0
    /// Messages that have no id, or are none.
    package var unreadable = 0
    /// Messages that came faster than they could be looked at.
    package var missed = 0

    package init() {}

    /// Whether anything was reported.
    package var hasFindings: Bool { verdicts.values.contains { $0 > 0 } }

    package var description: String {
        var parts = ["\(seen[.fedmsg] ?? 0) on fedmsg, \(seen[.amqp] ?? 0) on amqp, \(matched) on both"]
        parts.append(Finding.Verdict.allCases.map { "\(verdicts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", "))
        let others = [
            (late, "came late"), (undecided, "undecided"), (unjudged, "not judged"), (unreadable, "without an id"),
            (missed, "missed"),
        ]
        let rest = others.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !rest.isEmpty { parts.append(rest.joined(separator: ", ")) }
        return parts.joined(separator: "; ")
    }
}

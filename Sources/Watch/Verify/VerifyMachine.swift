import DequeModule

/// Finds for each message on one bus its copy on the other, within a window of time.
///
/// A plain value: times are nanoseconds of any clock that only goes forward, and nothing happens between two calls.
package struct VerifyMachine: Sendable {
    private enum State {
        /// For its copy on the other bus.
        case waiting(Sighting)
        /// Both were seen, or the second one will not be asked for.
        case settled
        /// Given up; the copy may still come, and is then no news.
        case missing(on: Bus)
    }

    private struct Entry {
        var state: State
        /// How often it was seen, by place.
        var publishers: UInt32 = 0
        var bridge: UInt32 = 0
        var amqp: UInt32 = 0

        mutating func count(_ place: Heard.Place) -> UInt32 {
            switch place {
            case .publishers: publishers.increment()
            case .bridge: bridge.increment()
            case .amqp: amqp.increment()
            }
        }

        var size: Int {
            if case .waiting(let sighting) = state { return 100 + sighting.size }
            return 100
        }
    }

    /// How long a message is remembered after its window: a repetition is no message that lacks its copy.
    static let memory: UInt64 = 3_600_000_000_000
    /// After a bus is heard again, its messages may still be on their way here: nothing is missed there so long.
    static let settling: UInt64 = 1_000_000_000

    private let window: UInt64
    private let limit: Int
    private let topicPrefix: String
    private let origins: Set<Bus>
    private var entries: [Sighting.Digest: Entry] = [:]
    private var size = 0
    /// In the order in which they were first seen.
    private var order: Deque<(key: Sighting.Digest, at: UInt64)> = []
    /// In the order in which their windows ended.
    private var decided: Deque<(key: Sighting.Digest, at: UInt64)> = []
    /// Since when each bus is heard without a break; none while it is not.
    private var heardSince: [Bus: UInt64] = [:]
    private var isClosed = false
    private var waiting = 0

    /// What it came to so far.
    package private(set) var summary = VerifySummary()

    /// - Parameters:
    ///   - window: how long a copy may take.
    ///   - limit: bytes of messages that are remembered, roughly.
    ///   - topicPrefix: what the bridge puts before topics on AMQP, its dot included.
    ///   - origins: buses from which it takes messages. The original of what another bridge brought from elsewhere may well not be
    ///     heard here.
    package init(window: UInt64, limit: Int, topicPrefix: String = "", origins: Set<Bus> = Set(Bus.allCases)) {
        self.window = window
        self.limit = limit
        self.topicPrefix = topicPrefix
        self.origins = origins
    }

    /// Whether no message waits for its copy.
    package var isIdle: Bool { waiting == 0 }

    /// A bus is heard from now on, or is not.
    package mutating func hears(_ bus: Bus, _ isHeard: Bool, now: UInt64) {
        if !isHeard {
            heardSince[bus] = nil
        } else if heardSince[bus] == nil {
            heardSince[bus] = now
        }
    }

    /// From now on only copies of what was seen are looked at.
    package mutating func close() {
        isClosed = true
    }

    /// A message was seen.
    package mutating func saw(_ sighting: Sighting, now: UInt64) -> Finding? {
        guard var entry = entries[sighting.key] else {
            if !isClosed { remember(sighting, now: now) }
            return nil
        }
        size -= entry.size
        defer {
            size += entry.size
            entries[sighting.key] = entry
        }
        let count = entry.count(sighting.place)
        guard count == 1 else {
            return report(Finding(.repeated, sighting, "\(count) times on \(sighting.bus.rawValue)"))
        }
        switch entry.state {
        case .waiting(let first) where first.bus != sighting.bus:
            entry.state = .settled
            waiting -= 1
            summary.seen[sighting.bus, default: 0] += 1
            summary.matched += 1
            return difference(first, sighting).flatMap { report(Finding(.changed, sighting, $0)) }
        case .missing(let bus) where bus == sighting.bus:
            entry.state = .settled
            summary.seen[bus, default: 0] += 1
            summary.late += 1
            return nil
        // The fedmsg publisher's own message, and the bridge's.
        case .waiting, .missing, .settled: return nil
        }
    }

    /// Gives up what has waited for the whole window, and forgets what is too old to matter.
    package mutating func expire(now: UInt64) -> [Finding] {
        var findings: [Finding] = []
        while let first = order.first, now >= first.at + window {
            order.removeFirst()
            if let finding = giveUp(first.key, seenAt: first.at, now: now) { findings.append(finding) }
        }
        while let first = decided.first, now >= first.at + Self.memory {
            decided.removeFirst()
            forget(first.key)
        }
        return findings
    }

    /// Ends the comparison: what still waits stays undecided.
    package mutating func finish() -> VerifySummary {
        summary.undecided = waiting
        return summary
    }

    /// A message that has no id to be known by.
    package mutating func sawUnreadable() {
        summary.unreadable += 1
    }

    /// Messages that were never looked at: each may be the copy of one that waits for it, so none of those is judged.
    package mutating func missed(_ count: Int, now: UInt64) {
        guard count > 0 else { return }
        summary.missed += count
        for bus in heardSince.keys { heardSince[bus] = now }
    }

    // MARK: Remembering

    private mutating func remember(_ sighting: Sighting, now: UInt64) {
        var entry = Entry(state: .waiting(sighting))
        _ = entry.count(sighting.place)
        entries[sighting.key] = entry
        size += entry.size
        order.append((sighting.key, now))
        waiting += 1
        summary.seen[sighting.bus, default: 0] += 1
        while size > limit, let oldest = decided.popFirst() ?? order.popFirst() { forget(oldest.key) }
    }

    private mutating func forget(_ key: Sighting.Digest) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        size -= entry.size
        guard case .waiting = entry.state else { return }
        waiting -= 1
        summary.unjudged += 1
    }

    private mutating func giveUp(_ key: Sighting.Digest, seenAt: UInt64, now: UInt64) -> Finding? {
        guard var entry = entries[key] else { return nil }
        decided.append((key, now))
        guard case .waiting(let sighting) = entry.state else { return nil }
        let bus = sighting.bus.other
        size -= entry.size
        entry.state = .missing(on: bus)
        size += entry.size
        entries[key] = entry
        waiting -= 1
        guard let since = heardSince[bus], since + Self.settling <= seenAt,
            !sighting.isBridged || origins.contains(bus)
        else {
            summary.unjudged += 1
            return nil
        }
        let verdict = bus == .amqp ? Finding.Verdict.onlyFedmsg : .onlyAMQP
        let seconds = Double(window) / 1e9
        return report(Finding(verdict, sighting, "not on \(bus.rawValue) within \(seconds.formatted) s"))
    }

    // MARK: Judging

    private mutating func report(_ finding: Finding) -> Finding {
        summary.verdicts[finding.verdict, default: 0] += 1
        return finding
    }

    /// What is not the same on both, in words.
    private func difference(_ one: Sighting, _ other: Sighting) -> String? {
        let (fedmsg, amqp) = one.bus == .fedmsg ? (one, other) : (other, one)
        var parts: [String] = []
        if amqp.topic != fedmsg.topic, amqp.topic != topicPrefix + fedmsg.topic {
            parts.append("topic \(fedmsg.topic) on fedmsg, \(amqp.topic) on amqp")
        }
        if fedmsg.body != amqp.body { parts.append("body") }
        // On AMQP there may be more: brokers add some, as with the time of receipt.
        if let headers = fedmsg.headers, !headers.isSubset(of: amqp.headers ?? []) { parts.append("headers") }
        return parts.isEmpty ? nil : "differs: " + parts.joined(separator: "; ")
    }
}

extension UInt32 {
    /// - Returns: the new value, which stays at the greatest.
    fileprivate mutating func increment() -> UInt32 {
        if self < .max { self += 1 }
        return self
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

import Foundation

/// What the bridge says became of a direction's messages.
struct Accounting: CustomStringConvertible {
    enum Direction: String, CaseIterable {
        case toAMQP = "to_amqp"
        case toFedmsg = "to_fedmsg"
    }

    let direction: Direction
    let received: Int
    let forwarded: Int
    let dropped: Int
    let rejected: Int
    /// Received and not yet decided: what waits in the spool.
    let spooled: Int

    /// Whether every message that was received is accounted for.
    var balances: Bool { received == forwarded + dropped + rejected + spooled }

    var description: String {
        "\(direction.rawValue): \(received) received = \(forwarded) forwarded + \(dropped) dropped + \(rejected) rejected"
            + " + \(spooled) spooled?"
    }

    /// Reads them from the text of `/metrics`.
    init(_ direction: Direction, metrics: String) {
        let lines = metrics.split(separator: "\n")
        func sum(_ prefix: String) -> Int {
            lines.filter { $0.hasPrefix(prefix) }.reduce(0) {
                $0 + Int(Double($1.split(separator: " ").last ?? "") ?? 0)
            }
        }
        func total(_ what: String) -> Int { sum("fedmsg_bridge_\(what)_total{direction=\"\(direction.rawValue)\"") }
        self.direction = direction
        received = total("received")
        forwarded = total("forwarded")
        dropped = total("dropped")
        rejected = total("rejected")
        spooled = direction == .toAMQP ? sum("fedmsg_bridge_spool_messages ") : 0
    }
}

extension BridgeProcess {
    /// What it says now.
    func accounting(_ direction: Accounting.Direction) async throws -> Accounting {
        guard let body = try await get("/metrics")?.body else {
            throw HarnessError("no /metrics. \(process.lastWords)")
        }
        return Accounting(direction, metrics: String(decoding: body, as: UTF8.self))
    }

    /// Waits for rest, where every message of both directions is accounted for.
    func balances(within limit: Duration = .seconds(30)) async throws {
        var last: [Accounting] = []
        try await eventually("the accounts balance", within: limit, detail: { "\(last). \(process.lastWords)" }) {
            last = []
            for direction in Accounting.Direction.allCases { last.append(try await accounting(direction)) }
            return last.allSatisfy(\.balances)
        }
    }

    /// Waits until it has so many fedmsgs: a publisher is done once its own libzmq has the last.
    func receives(_ count: Int) async throws {
        try await until(#"fedmsg_bridge_received_total{direction="to_amqp"}"#, is: Double(count))
    }

    /// Waits until nothing is left to be decided, and the accounts balance.
    func settles(within limit: Duration = .seconds(120)) async throws {
        try await until("fedmsg_bridge_spool_messages", is: 0, within: limit)
        try await until(#"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#, is: 0, within: limit)
        try await balances()
    }
}

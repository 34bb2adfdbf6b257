import Foundation
import GRDB

/// Which dead letters a command means: those that meet every condition that is set.
public struct DeadLetterFilter: Sendable {
    /// These, by id.
    public var ids: [Int64]?
    /// Those rejected for one reason.
    public var reason: String?
    /// Those rejected before this time, in microseconds since 1970.
    public var rejectedBefore: Int64?

    /// Every dead letter.
    public static let all = DeadLetterFilter()

    /// Those that meet every condition that is set.
    public init(ids: [Int64]? = nil, reason: String? = nil, rejectedBefore: Int64? = nil) {
        self.ids = ids
        self.reason = reason
        self.rejectedBefore = rejectedBefore
    }
}

extension DeadLetterFilter {
    /// An SQL condition and its arguments.
    var condition: (sql: String, arguments: StatementArguments) {
        var conditions = ["TRUE"]
        var arguments = StatementArguments()
        if let ids {
            conditions.append("id IN (SELECT value FROM json_each(?))")
            arguments += ["[\(ids.map(String.init).joined(separator: ","))]"]
        }
        if let reason {
            conditions.append("reason = ?")
            arguments += [reason]
        }
        if let rejectedBefore {
            conditions.append("rejected_at < ?")
            arguments += [rejectedBefore]
        }
        return (conditions.joined(separator: " AND "), arguments)
    }
}

import Bridge
import Settings
import Spool

/// What the page shows, at one moment.
struct StatusPageModel: Sendable {
    /// One direction's numbers and surroundings.
    struct DirectionModel: Sendable {
        var state: StatusBoard.DirectionState
        var rates: RateHistory.Rates
        var deadLetters: Int
        /// How many were left out for each reason, those that were.
        var dropped: [(reason: String, count: Int64)]
        var rejected: [(reason: String, count: Int64)]
    }

    struct Certificate: Sendable {
        var kind: CertificateKind
        /// Seconds since 1970.
        var expiry: Double
    }

    /// Seconds since 1970.
    var now: Double
    var startedAt: Double
    var version: String
    /// Whether more than states and numbers is shown.
    var isFull: Bool
    var snapshot: StatusBoard.Snapshot
    var spool: SpoolStatus
    var toAMQP: DirectionModel
    var toFedmsg: DirectionModel
    var endpoints: Int
    var connectedEndpoints: Int
    var subscribers: Int
    var certificates: [Certificate]
    /// The newest ones, and whether the disk answered in time; what was read before where it did not.
    var letters: [DeadLetterSummary]
    var areLettersCurrent: Bool
    var configuration: BridgeConfiguration

    var status: ReadinessReport.Status { ReadinessReport(snapshot).status }

    func holds(_ codes: ReadinessReason...) -> Bool {
        snapshot.reasons.contains { note in codes.contains { $0.rawValue == note.code } }
    }
}

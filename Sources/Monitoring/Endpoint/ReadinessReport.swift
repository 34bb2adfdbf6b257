public import Bridge

/// What `/ready` answers: fedora-messaging's keys, with reasons and warnings beside them.
public struct ReadinessReport: Codable, Equatable, Sendable {
    /// How things stand, in a word.
    public enum Status: String, Codable, Sendable {
        case ok
        case warning
        case critical
    }

    struct Note: Codable, Equatable, Sendable {
        var code: String
        var text: String
        var since: Double

        init(_ note: StatusBoard.Note) {
            code = note.code
            text = note.text
            since = note.since
        }
    }

    /// As fedora-messaging's own endpoint counts what a consumer received.
    struct Consumed: Codable, Equatable, Sendable {
        var received: Int64
        var processed: Int64
        var dropped: Int64
        var rejected: Int64
        /// Messages whose handling ended in an error: there are none that are not rejected.
        var failed: Int64 = 0
    }

    struct DirectionReport: Codable, Equatable, Sendable {
        enum CodingKeys: String, CodingKey {
            case enabled, connected, forwarded
            case lastMessageAt = "last_message_at"
        }

        var enabled: Bool
        var connected: Bool
        var forwarded: Int64
        var lastMessageAt: Double?

        init(_ state: StatusBoard.DirectionState) {
            enabled = state.enabled
            connected = state.connected
            forwarded = state.forwarded
            lastMessageAt = state.lastMessageAt
        }

        /// `last_message_at` is there as `null` before the first message, so that scripts need no test for the key.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(enabled, forKey: .enabled)
            try container.encode(connected, forKey: .connected)
            try container.encode(forwarded, forKey: .forwarded)
            try container.encode(lastMessageAt, forKey: .lastMessageAt)
        }
    }

    enum CodingKeys: String, CodingKey {
        case status, reasons, warnings, consuming, published, consumed
        case toAMQP = "to_amqp"
        case toFedmsg = "to_fedmsg"
    }

    /// How things stand.
    public let status: Status
    let reasons: [Note]
    let warnings: [Note]
    let consuming: Bool
    let published: Int64
    let consumed: Consumed
    let toAMQP: DirectionReport
    let toFedmsg: DirectionReport

    /// The report of one moment.
    public init(_ snapshot: StatusBoard.Snapshot) {
        status = snapshot.reasons.isEmpty ? (snapshot.warnings.isEmpty ? .ok : .warning) : .critical
        reasons = snapshot.reasons.map(Note.init)
        warnings = snapshot.warnings.map(Note.init)
        consuming = snapshot.consuming
        published = snapshot.toAMQP.forwarded
        consumed = Consumed(
            received: snapshot.toFedmsg.received,
            processed: snapshot.toFedmsg.forwarded,
            dropped: snapshot.toFedmsg.dropped,
            rejected: snapshot.toFedmsg.rejected
        )
        toAMQP = DirectionReport(snapshot.toAMQP)
        toFedmsg = DirectionReport(snapshot.toFedmsg)
    }
}

/// Why one message can't be bridged, in words.
public struct Rejection: Error, Equatable, Sendable {
    /// Why, as metrics and dead letters have it.
    public var reason: RejectReason
    /// What was seen, for a person; may quote the message.
    public var detail: String

    /// A reason and what was seen.
    public init(_ reason: RejectReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

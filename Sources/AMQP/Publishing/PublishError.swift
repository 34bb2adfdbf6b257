/// Why a publish did not end in a confirm.
///
/// A plain `do`/`catch` around more than one call infers `any Error`; write `do throws(PublishError)`.
public enum PublishError: Error, Sendable {
    /// Not a byte of it went out; publishing it again can't make a duplicate.
    case notSent(AMQPError)
    /// The broker could not take it (basic.nack).
    case nacked
    /// It was mandatory, and no queue took it.
    case returned(PublishReturn)
    /// The broker closed the channel over this message.
    case refused(AMQPError)
    /// It went out, and what became of it was not heard: publishing it again may make a duplicate.
    case outcomeUnknown(AMQPError)
}

extension PublishOutcome {
    func get() throws(PublishError) {
        switch self {
        case .confirmed: return
        case .nacked: throw .nacked
        case .returned(let details): throw .returned(details)
        case .refused(let error): throw .refused(error)
        case .unknown(let error): throw .outcomeUnknown(error)
        }
    }
}

/// Why a request has no answer.
public enum AMQPRequestError: Error, Sendable {
    /// The request itself did not arrive, or may not have arrived: ``PublishError`` tells. `returned` means that nobody
    /// has a queue for it.
    case publishFailed(PublishError)
    /// The request went out, and no answer came: in time (`replyTimedOut`, also where the broker has not confirmed the request
    /// by then), before the task was cancelled (`cancelled`), or before the channel was lost (`outcomeUnknown`). It may be
    /// carried out all the same.
    case noAnswer(AMQPError)
}

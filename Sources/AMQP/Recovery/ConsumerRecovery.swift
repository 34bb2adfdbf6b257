/// Whether a consumer that failed is started again, and when.
///
/// What kept it from starting may change by itself (a queue that another connection still holds, whose node is down,
/// that is being declared), so that is tried without end. An exception on its channel, of the broker's or of ours over what
/// came, or on the connection as it began to consume, was provoked by something; the same again, with no delivery settled
/// between, would go on for ever, which only some want.
struct ConsumerRecovery {
    enum Decision: Equatable {
        case retry(after: Duration)
        case giveUp
    }

    /// Two failures are the same when they are of one kind, and the broker gave the same code with the same meaning.
    private struct Exception: Equatable {
        var code: AMQPError.Code
        var replyCode: AMQPReplyCode?
        var cause: AMQPReply.Cause?
    }

    private let retriesForever: Bool
    private var backoff: Backoff
    private var lastException: Exception?

    init(policy: AMQPRecoveryPolicy, retriesForever: Bool = false) {
        self.retriesForever = retriesForever
        backoff = Backoff(policy: policy)
    }

    /// It has stopped so long after the consume-ok. To have started alone says nothing: what ends it may come right then.
    mutating func ran(for duration: Duration) {
        if duration >= backoff.policy.maximumBackoff { backoff.reset() }
    }

    /// A delivery was settled.
    mutating func progressed() {
        lastException = nil
        backoff.reset()
    }

    /// Declaring its queue, opening its channel or basic.consume failed, or the broker cancelled it.
    mutating func didNotRun(using random: inout some RandomNumberGenerator) -> Decision {
        .retry(after: backoff.next(using: &random))
    }

    /// The channel of the running consumer was closed, by the broker or from this side over what came, or the connection over
    /// its basic.consume.
    mutating func refused(_ error: AMQPError, using random: inout some RandomNumberGenerator) -> Decision {
        let exception = Exception(code: error.code, replyCode: error.reply?.code, cause: error.reply?.cause)
        guard exception != lastException || retriesForever else { return .giveUp }
        lastException = exception
        return .retry(after: backoff.next(using: &random))
    }
}

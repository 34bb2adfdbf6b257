import Testing

@testable import AMQP

/// Texts as RabbitMQ 3.10 and 4.0 send them.
@Suite("AMQPReply.cause")
struct AMQPReplyCauseTests {
    static let rows: [(code: AMQPReplyCode, text: String, cause: AMQPReply.Cause)] = [
        (
            .accessRefused,
            "ACCESS_REFUSED - access to topic 'a.b' in exchange 'amq.topic' in vhost '/' refused for user 'u'",
            .topicRefused
        ),
        (
            .accessRefused,
            "ACCESS_REFUSED - write access to topic 'exchange '' in vhost '/' refused' in exchange 'e' in vhost '/'",
            .topicRefused
        ),
        (
            .accessRefused,
            "ACCESS_REFUSED - access to exchange 'it's' in vhost '/' refused for user 'u'",
            .exchangeRefused("it's")
        ),
        (
            .accessRefused,
            "ACCESS_REFUSED - write access to exchange 'amq.topic' in vhost '/' refused for user 'u'",
            .exchangeRefused("amq.topic")
        ),
        (
            .accessRefused, "ACCESS_REFUSED - configure access to queue 'q' in vhost '/' refused for user 'u'",
            .queueRefused("q")
        ),
        (
            .accessRefused,
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
            .loginRefused
        ),
        (.accessRefused, "ACCESS_REFUSED - something else", .other),
        (.accessRefused, "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", .queueInExclusiveUse("q")),
        (.accessRefused, "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'", .other),
        (.accessRefused, "", .other),
        (.notFound, "NOT_FOUND - no exchange 'x' in vhost '/'", .exchangeMissing("x")),
        (.notFound, "NOT_FOUND - no queue 'q' in vhost '/'", .queueMissing("q")),
        (.notFound, "NOT_FOUND - no queue 'in vhost' in vhost '/'", .queueMissing("in vhost")),
        (
            .notFound,
            "NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible",
            .queueDown("q")
        ),
        (.notFound, "NOT_FOUND - no queue 'cut of", .queueMissing("cut of")),
        (
            .resourceLocked,
            "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be …",
            .queueLocked("q")
        ),
        (
            .preconditionFailed,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'",
            .declaredOtherwise
        ),
        (
            .preconditionFailed,
            "PRECONDITION_FAILED - message size 17000000 is larger than configured max size 16777216",
            .messageTooLarge
        ),
        (
            .preconditionFailed,
            "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 60000 ms.",
            .deliveryHeldTooLong
        ),
        (.preconditionFailed, "PRECONDITION_FAILED - unknown delivery tag 7", .other),
        (.notAllowed, "NOT_ALLOWED - vhost nowhere not found", .virtualHostMissing),
        (.notAllowed, "NOT_ALLOWED - access to vhost 'v' refused for user 'u'", .virtualHostRefused),
        (
            .notAllowed, "NOT_ALLOWED - access to vhost 'v' refused for user 'u': connection limit (0) is reached",
            .limitReached
        ),
        (
            .notAllowed,
            "NOT_ALLOWED - access to vhost 'v' refused for user 'u': connection limit cannot be queried, timeout",
            .limitReached
        ),
        (
            .notAllowed, "NOT_ALLOWED - connection refused for user 'u': user connection limit (1) is reached",
            .limitReached
        ),
        (
            .notAllowed,
            "NOT_ALLOWED - number of channels opened for user 'u' has reached the maximum allowed user limit of (1)",
            .limitReached
        ),
        (.connectionForced, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", .forced),
        (.internalError, "INTERNAL_ERROR", .other),
    ]

    @Test("is read off the text's beginning", arguments: rows)
    func reads(code: AMQPReplyCode, text: String, cause: AMQPReply.Cause) {
        #expect(AMQPReply(code: code, text: text).cause == cause)
    }

    @Test(
        "says whose fault it is that a publish was refused",
        arguments: [
            (AMQPReply.Cause.topicRefused, AMQPReply.Cause.Culprit?.some(.message)), (.messageTooLarge, .message),
            (.exchangeRefused("e"), .exchange), (.exchangeMissing("e"), .exchange), (.forced, nil), (.other, nil),
        ]
    )
    func culprit(cause: AMQPReply.Cause, culprit: AMQPReply.Cause.Culprit?) {
        #expect(cause.culprit == culprit)
    }
}

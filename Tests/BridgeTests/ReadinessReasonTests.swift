import AMQP
import Testing

@testable import Bridge

@Suite struct ReadinessReasonTests {
    @Test(
        arguments: [
            (.connectFailed, nil, .brokerAway),
            (.connectionLost, nil, .brokerAway),
            (.authenticationRefused, nil, .accessRefused),
            (.virtualHostRefused, nil, .accessRefused),
            (.tlsHandshakeFailed, nil, .tls),
            (.tlsConfigurationFailed, nil, .tls),
        ] as [(AMQPError.Code, AMQPSubject?, ReadinessReason)]
    )
    func `an error without words of the broker's`(code: AMQPError.Code, subject: AMQPSubject?, reason: ReadinessReason)
    {
        #expect(ReadinessReason(AMQPError(code, "…"), about: subject) == reason)
    }

    @Test(
        arguments: [
            (.notFound, "NOT_FOUND - no exchange 'zmq.topic' in vhost '/'", .exchangeMissing),
            (.notFound, "NOT_FOUND - no queue 'q' in vhost '/'", .queueDown),
            (
                .notFound, "NOT_FOUND - home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible",
                .queueDown
            ),
            (
                .resourceLocked, "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'",
                .queueDown
            ),
            (.accessRefused, "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", .queueDown),
            (.accessRefused, "ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'u'", .accessRefused),
            (
                .accessRefused, "ACCESS_REFUSED - access to exchange 'e' in vhost '/' refused for user 'u'",
                .accessRefused
            ),
            (
                .notAllowed, "NOT_ALLOWED - connection refused for user 'u': user connection limit (1) is reached",
                .brokerAway
            ),
        ] as [(AMQPReplyCode, String, ReadinessReason)]
    )
    func `the broker's words decide, whatever it was about`(code: AMQPReplyCode, text: String, reason: ReadinessReason)
    {
        let error = AMQPError(.channelClosedByBroker, "…", reply: AMQPReply(code: code, text: text))
        #expect(ReadinessReason(error) == reason)
        #expect(ReadinessReason(error, about: .exchange("e")) == reason)
    }

    @Test func `a limit that is reached is named as what to raise`() {
        let words = "NOT_ALLOWED - number of channels opened for user 'u' has reached"
        let reply = AMQPReply(code: .notAllowed, text: words)
        let text = ReadinessReason.brokerAway.text(AMQPError(.connectionClosedByBroker, "…", reply: reply))
        #expect(text.contains("list_user_limits"))
    }

    @Test(
        arguments: [
            (.exchange("e"), .exchangeMissing),
            (.queue("q"), .queueDown),
            (.binding(source: "e", destination: "q", routingKey: "#"), .queueDown),
        ] as [(AMQPSubject, ReadinessReason)]
    )
    func `what it was about decides where nothing else does, as when no answer came`(
        subject: AMQPSubject,
        reason: ReadinessReason
    ) {
        let error = AMQPError(.replyTimedOut, "no answer to queue.declare within 30 s")
        #expect(ReadinessReason(error, about: subject) == reason)
    }
}

internal import NIOCore

/// Asks over RabbitMQ's direct reply-to: requests go out on a channel of their own, and the answers to them come back there,
/// without a queue.
struct RequestLine: Sendable {
    private static let replyQueue = "amq.rabbitmq.reply-to"

    let line: PublishingLine
    private let answers: PendingAnswers

    init(on connection: RecoveringConnection, eventLoop: any EventLoop) {
        let answers = PendingAnswers()
        self.answers = answers
        line = PublishingLine(
            on: connection,
            eventLoop: eventLoop,
            // The broker refuses a request of a channel that takes no answers yet.
            prepare: { channel async throws(AMQPError) in
                try await channel.consume(
                    Self.replyQueue,
                    tag: "answers",
                    needsSettlement: false,
                    handlers: AMQPConsumerHandlers { deliveries in
                        for delivery in deliveries { answers.received(delivery) }
                    }
                )
            },
            handlers: AMQPChannelHandlers(closed: { answers.fail($0) })
        )
    }

    /// - Parameter sleep: measures `timeout`; throws when it is cancelled.
    func request(
        _ message: AMQPMessage,
        within timeout: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async throws(AMQPRequestError) -> AMQPDelivery {
        let result = await withTaskGroup(of: Result<AMQPDelivery, AMQPRequestError>?.self) { group in
            group.addTask { await ask(message) }
            group.addTask {
                do {
                    try await sleep(timeout)
                    return .failure(.noAnswer(AMQPError(.replyTimedOut, "no answer within \(timeout)")))
                } catch {
                    return nil
                }
            }
            var results: [Result<AMQPDelivery, AMQPRequestError>] = []
            for await result in group {
                group.cancelAll()
                if let result { results.append(result) }
            }
            return Self.verdict(results)
        }
        return try result.get()
    }

    /// The first result, but that after the time-out the request's own end tells whether it went out at all.
    private static func verdict(
        _ results: [Result<AMQPDelivery, AMQPRequestError>]
    ) -> Result<AMQPDelivery, AMQPRequestError> {
        guard let first = results.first else {
            return .failure(.noAnswer(AMQPError(.cancelled, "the task that asked was cancelled")))
        }
        guard case .failure(.noAnswer(let late)) = first, late.code == .replyTimedOut, results.count > 1 else {
            return first
        }
        let last = results[1]
        return switch last {
        case .success: last
        case .failure(.publishFailed(.notSent)): .failure(.publishFailed(.notSent(late)))
        case .failure: first
        }
    }

    private func ask(_ message: AMQPMessage) async -> Result<AMQPDelivery, AMQPRequestError> {
        var message = message
        message.mandatory = true
        message.properties.replyTo = Self.replyQueue
        while true {
            guard let channel = await line.openChannel() else {
                return .failure(.publishFailed(.notSent(.noChannel)))
            }
            let id = answers.begin()
            defer { answers.end(id) }
            message.properties.correlationID = id
            do throws(PublishError) {
                try await channel.publish(message)
            } catch {
                if case .notSent(let cause) = error, cause.isLossOfChannel { continue }
                return .failure(.publishFailed(error))
            }
            return await answers.answer(to: id).mapError { .noAnswer($0) }
        }
    }
}

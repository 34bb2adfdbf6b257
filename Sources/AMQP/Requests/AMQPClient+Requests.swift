public import NIOCore

extension AMQPClient {
    /// Publishes a request and waits for its answer, over RabbitMQ's direct reply-to: the answers come back on the channel
    /// that asks, without a queue. Waits for a connection where there is none, and for exchanges as ``publish(_:resendingUnknown:)``
    /// does.
    ///
    /// ```swift
    /// let answer = try await client.request(AMQPMessage(routingKey: "prices", body: question), within: .seconds(5))
    /// ```
    ///
    /// Whoever answers publishes ``AMQPDelivery/answer(_:properties:)``. The request is sent once; it is mandatory, so
    /// that one for which there is no queue fails at once.
    ///
    /// - Parameters:
    ///   - message: its `replyTo` and `correlationID` are replaced.
    ///   - timeout: for all of it, the wait for a connection included.
    /// - Returns: the answer; it needs no settlement.
    /// - Throws: ``AMQPRequestError``, which tells whether the request may be carried out. A cancelled task's may be, where
    ///   it went out.
    public nonisolated func request(
        _ message: AMQPMessage,
        within timeout: Duration = .seconds(30)
    ) async throws(AMQPRequestError) -> AMQPDelivery {
        let requests: RequestLine
        do throws(AMQPError) {
            requests = try await requestLine()
        } catch {
            throw .publishFailed(.notSent(error))
        }
        return try await requests.request(message, within: timeout, sleep: environment.sleep)
    }

    /// Made at the first request: a channel that nobody uses is not opened.
    private func requestLine() throws(AMQPError) -> RequestLine {
        if let requests { return requests }
        guard !isClosing else { throw .noChannel }
        let made = RequestLine(on: try connection(of: .publishing), eventLoop: eventLoop)
        requests = made
        newJobs.yield { await made.line.run() }
        return made
    }
}

extension AMQPDelivery {
    /// The message that answers this one: it goes where `replyTo` says, with the same `correlationID`.
    ///
    /// - Returns: Nil where nobody asked for an answer.
    public func answer(
        _ body: ByteBuffer,
        properties: AMQPBasicProperties = AMQPBasicProperties()
    ) -> AMQPMessage? {
        let asked = self.properties
        guard let replyTo = asked.replyTo else { return nil }
        var properties = properties
        properties.correlationID = asked.correlationID
        return AMQPMessage(routingKey: replyTo, properties: properties, body: body)
    }
}

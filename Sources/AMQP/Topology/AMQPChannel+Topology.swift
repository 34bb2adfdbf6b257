extension AMQPChannel {
    /// Declares an exchange, or passively, as always where it ``AMQPExchange/isExpected``: checks that it is there.
    ///
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    public func declare(_ exchange: AMQPExchange, passive: Bool = false) async throws(AMQPError) {
        let method = Method.Exchange.Declare(
            exchange: exchange.name,
            type: exchange.kind.name,
            passive: passive || exchange.isExpected,
            durable: exchange.durable,
            autoDelete: exchange.autoDelete,
            isInternal: exchange.isInternal,
            arguments: exchange.arguments
        )
        try await call(method, about: .exchange(exchange.name))
    }

    /// Declares a queue, or passively, as always where it ``AMQPQueue/isExpected``: checks that it is there.
    ///
    /// - Returns: its name, which the broker chose where it was to, and how much is in it.
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    @discardableResult
    public func declare(_ queue: AMQPQueue, passive: Bool = false) async throws(AMQPError) -> AMQPDeclaredQueue {
        let method = Method.Queue.Declare(
            queue: queue.wireName,
            passive: passive || queue.isExpected,
            durable: queue.durable,
            exclusive: queue.exclusive,
            autoDelete: queue.autoDelete,
            arguments: queue.arguments.table
        )
        let reply = try await call(method, about: .queue(queue.wireName))
        guard case .queueDeclareOk(let declared) = reply else { throw .unexpectedReply(self) }
        return AMQPDeclaredQueue(
            name: declared.queue,
            messageCount: Int(declared.messageCount),
            consumerCount: Int(declared.consumerCount)
        )
    }

    /// Leads messages from an exchange to a queue or another exchange.
    ///
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    public func bind(_ binding: AMQPBinding) async throws(AMQPError) {
        try await call(binding.bind, about: binding.subject)
    }

    /// Removes a binding; RabbitMQ does not mind if there is none.
    ///
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    public func unbind(_ binding: AMQPBinding) async throws(AMQPError) {
        try await call(binding.unbind, about: binding.subject)
    }

    /// Deletes an exchange.
    ///
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(AMQPError) {
        try await call(Method.Exchange.Delete(exchange: name, ifUnused: ifUnused), about: .exchange(name))
    }

    /// Deletes a queue.
    ///
    /// - Returns: how many messages went with it.
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    @discardableResult
    public func deleteQueue(
        _ name: String,
        ifUnused: Bool = false,
        ifEmpty: Bool = false
    ) async throws(AMQPError) -> Int {
        let method = Method.Queue.Delete(queue: name, ifUnused: ifUnused, ifEmpty: ifEmpty)
        guard case .queueDeleteOk(let deleted) = try await call(method, about: .queue(name)) else {
            throw .unexpectedReply(self)
        }
        return Int(deleted.messageCount)
    }

    /// Drops all messages of a queue that wait for a consumer.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    @discardableResult
    public func purge(_ queue: String) async throws(AMQPError) -> Int {
        guard case .queuePurgeOk(let purged) = try await call(Method.Queue.Purge(queue: queue), about: .queue(queue))
        else { throw .unexpectedReply(self) }
        return Int(purged.messageCount)
    }

    @discardableResult
    private func call(_ method: some MethodArguments, about subject: AMQPSubject) async throws(AMQPError) -> Method {
        do throws(AMQPError) {
            guard case .method(let reply) = try await call(method) else { throw .unexpectedReply(self) }
            return reply
        } catch {
            var error = error
            // What it was about says more than the channel's number.
            error.subject = subject
            throw error
        }
    }
}

/// What the broker says of a queue when it is declared.
public struct AMQPDeclaredQueue: Sendable, Hashable {
    /// The queue's name.
    public let name: String
    /// Messages that wait for a consumer.
    public let messageCount: Int
    /// Consumers of the queue.
    public let consumerCount: Int
}

extension AMQPBinding {
    fileprivate var subject: AMQPSubject { AMQPTopology.Entity.binding(self).subject }

    fileprivate var bind: any MethodArguments {
        switch destination {
        case .queue(let name):
            Method.Queue.Bind(queue: name, exchange: source, routingKey: routingKey, arguments: arguments)
        case .exchange(let name):
            Method.Exchange.Bind(destination: name, source: source, routingKey: routingKey, arguments: arguments)
        }
    }

    fileprivate var unbind: any MethodArguments {
        switch destination {
        case .queue(let name):
            Method.Queue.Unbind(queue: name, exchange: source, routingKey: routingKey, arguments: arguments)
        case .exchange(let name):
            Method.Exchange.Unbind(destination: name, source: source, routingKey: routingKey, arguments: arguments)
        }
    }
}

extension AMQPError {
    /// Replies are matched before they get here; this keeps the compiler content and a fault of ours visible.
    static func unexpectedReply(_ channel: AMQPChannel) -> AMQPError {
        AMQPError(.protocolViolation, "a reply of another kind", subject: .channel(channel.number))
    }
}

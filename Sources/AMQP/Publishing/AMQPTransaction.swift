internal import Synchronization

/// What is done in a transaction: it counts as a whole once `body` has returned, or not at all.
///
/// RabbitMQ holds that for one queue; what goes to several may reach some of them only, where the broker fails amid the
/// commit. Each commit waits for the disk. To know that messages arrived, confirms are enough, and much faster.
public struct AMQPTransaction: Sendable {
    fileprivate let channel: AMQPChannel
    fileprivate let ending: ChannelEnding

    /// Publishes a message with the commit. Waits for room on the socket at most. Traced, it carries the task's context, and has
    /// no span of its own.
    ///
    /// - Throws: ``AMQPError`` with `invalidArgument` where it can't be sent, or is mandatory: the broker would hand it back
    ///   when all else is committed. Otherwise the reason for which the channel is closed; then nothing is committed.
    public func publish(_ message: AMQPMessage) async throws(AMQPError) {
        guard !message.mandatory else {
            throw AMQPError(.invalidArgument, "a transaction takes no mandatory messages")
        }
        do throws(PublishError) {
            _ = try await channel.submit(message)
        } catch {
            throw ending.error ?? error.cause ?? .channelClosed(channel.number)
        }
    }

    /// Fetches one message, if there is one. Settled within the transaction, it leaves its queue with the commit; otherwise,
    /// and after a rollback, it goes back there.
    ///
    /// - Returns: the message, and how many more wait; nil where the queue is empty.
    /// - Throws: ``AMQPError``.
    public func get(_ queue: String) async throws(AMQPError) -> (delivery: AMQPDelivery, messageCount: Int)? {
        try await channel.get(queue)
    }
}

extension AMQPConnection {
    /// Runs `body` in a transaction, on a channel of its own, and commits what it did when it returns; when it throws, or
    /// the task is cancelled, all is rolled back.
    ///
    /// What `body` publishes otherwise than by the transaction waits while an ``AMQPClient`` closes or reconnects, and that waits
    /// for the transaction.
    ///
    /// - Throws: what `body` throws; or ``AMQPError``: with `outcomeUnknown` where the commit went out and its answer was
    ///   lost, with any other code where nothing was committed.
    public nonisolated func transaction<Value>(
        _ body: (AMQPTransaction) async throws -> Value
    ) async throws -> Value {
        let transaction = try await openTransaction()
        do {
            let value = try await body(transaction)
            try await commit(transaction)
            try? await transaction.channel.close()
            return value
        } catch {
            try? await rollBack(transaction.channel)
            try? await transaction.channel.close()
            throw error
        }
    }

    private func openTransaction() async throws(AMQPError) -> AMQPTransaction {
        let ending = ChannelEnding()
        let channel = try await openChannel(
            selecting: Method.Tx.Select(),
            // What waits for the commit waits at the broker: nothing here bounds it but the socket.
            window: PublishWindow(messages: .max, bytes: .max),
            handlers: AMQPChannelHandlers(closed: { ending.error = $0 })
        )
        return AMQPTransaction(channel: channel, ending: ending)
    }

    private func commit(_ transaction: AMQPTransaction) async throws(AMQPError) {
        let channel = transaction.channel
        guard !Task.isCancelled else {
            throw AMQPError(.cancelled, "the task was cancelled before the commit", subject: .channel(channel.number))
        }
        // Up to here nothing went out, and so nothing is committed.
        do throws(AMQPError) {
            _ = try context(of: channel)
        } catch {
            throw transaction.ending.error ?? error
        }
        do throws(AMQPError) {
            _ = try await call(Method.Tx.Commit(), on: channel)
        } catch {
            // A broker that closes the channel over a publish has not come to the commit.
            if let reply = error.reply, reply.classID == Method.Basic.Publish.classID { throw error }
            throw AMQPError(
                .outcomeUnknown,
                "the commit's answer did not come",
                reply: error.reply,
                subject: .channel(channel.number),
                underlying: error
            )
        }
        if let context = try? context(of: channel) { noteChange(of: context) }
        changed()
    }

    private func rollBack(_ channel: AMQPChannel) async throws(AMQPError) {
        _ = try await call(Method.Tx.Rollback(), on: channel)
    }
}

extension AMQPClient {
    /// Waits for a connection and runs `body` in a transaction on it, as ``AMQPConnection/transaction(_:)`` does. On the publishing
    /// one it waits, too, while an exchange of the topology can't be declared.
    ///
    /// - Throws: what `body` throws; or ``AMQPError``: with `outcomeUnknown` where the commit went out and its answer was
    ///   lost, with any other code where nothing was committed.
    public nonisolated func transaction<Value>(
        on role: AMQPConnectionRole = .publishing,
        _ body: (AMQPTransaction) async throws -> Value
    ) async throws -> Value {
        try await openConnection(of: role, needsExchanges: role == .publishing).transaction(body)
    }
}

/// Why a channel ended, for whom it matters and comes late.
private final class ChannelEnding: Sendable {
    private let state = Mutex<AMQPError?>(nil)

    var error: AMQPError? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

extension PublishError {
    /// The error beneath, where there is one.
    fileprivate var cause: AMQPError? {
        switch self {
        case .notSent(let error), .refused(let error), .outcomeUnknown(let error): error
        case .nacked, .returned: nil
        }
    }
}

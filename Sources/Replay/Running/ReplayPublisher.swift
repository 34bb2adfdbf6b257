import AMQP
import Bridge
import Logging
import NIOPosix
import Settings

/// Publishes batches until each message has its outcome, over as many connections as that takes.
final class ReplayPublisher {
    /// What became of messages.
    struct Outcome {
        /// Those that the broker will never take, and why.
        var rejected: [(ReplaySource.Item, Rejection)] = []
        /// Those that it may not have. All others are confirmed.
        var unsettled: [ReplaySource.Item]
        /// Why it takes none, whoever's: the exchange is missing, or closed to the user, or all is nacked.
        var fault: (any Error)?
    }

    private static let retryDelay = Duration.seconds(1)
    /// Waits after nacks, as long as nothing is taken; then it is given up.
    private static let nackDelays = [0.5, 1, 2, 4, 8, 16].map { Duration.seconds($0) }

    private let configuration: BridgeConfiguration
    private let amqp: AMQPConfiguration
    private let logger: Logger
    private var connection: AMQPConnection?
    private var channel: AMQPChannel?
    private var hasWarned = false

    init(_ configuration: BridgeConfiguration, logger: Logger) throws(AMQPError) {
        self.configuration = configuration
        self.logger = logger
        amqp = try AMQPConfiguration(configuration)
    }

    /// Connects to the first endpoint that answers, and looks for the exchanges.
    func connect() async throws(AMQPError) {
        var last = AMQPError(.connectFailed, "amqp_url is empty")
        for endpoint in amqp.endpoints {
            do throws(AMQPError) {
                let connection = try await AMQPConnection.connect(
                    to: endpoint,
                    configuration: amqp,
                    eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                    logger: logger,
                    onEvent: { [logger] in Self.log($0, to: logger) }
                )
                do throws(AMQPError) {
                    try await declareExchanges(on: connection)
                    channel = try await connection.openChannel(confirms: true)
                } catch {
                    await connection.close()
                    throw error
                }
                self.connection = connection
                return
            } catch {
                last = error
            }
        }
        throw last
    }

    /// Publishes messages and waits for their outcomes; what was lost with a connection or nacked goes out again. Where the
    /// broker closes the channel over one of many, they go out one at a time until it shows itself. So they do after a nack,
    /// and then more and more: other queues get what one nacks each time.
    ///
    /// Cancelling the task ends the wait for what is on its way after `drain_timeout`, with the connection.
    ///
    /// - Returns: once all is settled, the broker takes nothing, or the task was cancelled.
    func publish(_ items: [ReplaySource.Item]) async -> Outcome {
        var result = Outcome(unsettled: items)
        var isSearching = false
        var (atOnce, nackedRounds) = (items.count, 0)
        while !result.unsettled.isEmpty, !Task.isCancelled {
            let batch = Array(result.unsettled.prefix(isSearching ? 1 : atOnce))
            let outcomes = await send(batch.compactMap(\.message.amqp))
            var again: [ReplaySource.Item] = []
            var (isTaken, isNacked, isLost) = (false, false, false)
            for (item, outcome) in zip(batch, outcomes) {
                switch outcome {
                case .success: isTaken = true
                case .failure(.returned(let details)):
                    isTaken = true
                    result.rejected.append((item, Rejection(.unroutable, details.replyText)))
                case .failure(.refused(let error)) where error.reply?.cause.culprit != .exchange:
                    result.rejected.append((item, Rejection(.refused, "\(error)")))
                    (isSearching, isLost) = (false, true)
                case .failure(.notSent(let error)) where error.code == .invalidArgument:
                    result.rejected.append((item, Rejection(.badHeaders, "\(error)")))
                case .failure(.refused(let error)), .failure(.outcomeUnknown(let error)):
                    isLost = true
                    again.append(item)
                    if error.reply?.cause.culprit == .exchange { result.fault = error }
                    if error.code == .channelClosedByBroker { isSearching = true }
                case .failure(.notSent):
                    isLost = true
                    again.append(item)
                case .failure(.nacked):
                    isNacked = true
                    again.append(item)
                }
            }
            result.unsettled = again + result.unsettled.dropFirst(batch.count)
            if result.fault != nil || Task.isCancelled { break }
            if isTaken { nackedRounds = 0 }
            atOnce = isNacked ? 1 : min(atOnce * 2, items.count)
            if isLost {
                if !result.unsettled.isEmpty { await recover() }
            } else if isNacked {
                result.fault = await waitAfterNack(nackedRounds)
                nackedRounds += 1
                if result.fault != nil { break }
            }
        }
        return result
    }

    /// Waits, each time in vain longer.
    ///
    /// - Returns: a fault where that is over.
    private func waitAfterNack(_ round: Int) async -> BrokerNacks? {
        let nacks = BrokerNacks(exchange: configuration.toAMQP.exchange)
        guard round < Self.nackDelays.count else { return nacks }
        if !hasWarned { logger.warning("what was nacked goes out again", metadata: ["error": "\(nacks)"]) }
        hasWarned = true
        try? await Task.sleep(for: Self.nackDelays[round])
        return nil
    }

    /// Closes the connection in good order.
    func close() async {
        await connection?.close()
    }

    private func send(_ messages: [AMQPMessage]) async -> [Result<Void, PublishError>] {
        guard let channel else {
            let error = AMQPError(.connectFailed, "not connected")
            return messages.map { _ in .failure(.notSent(error)) }
        }
        // A task of its own, which a stop does not cancel: what is on its way is waited for.
        let sending = Task { await channel.publish(contentsOf: messages) }
        return await withTaskCancellationHandler {
            await sending.value
        } onCancel: { [connection, limit = configuration.spool.drainTimeout] in
            Task {
                try? await Task.sleep(for: limit)
                await connection?.close()
            }
        }
    }

    private static func log(_ event: AMQPConnectionEvent, to logger: Logger) {
        switch event {
        case .blocked(let reason):
            logger.warning("the broker takes no messages", metadata: [LogKey.reason: "\(reason)"])
        case .unblocked: logger.notice("the broker takes messages again")
        case .closed, .tokenRenewalFailed: break
        }
    }

    /// Waits, and connects again where the channel is gone.
    private func recover() async {
        try? await Task.sleep(for: Self.retryDelay)
        await connection?.close()
        (connection, channel) = (nil, nil)
        do {
            try await connect()
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("not connected to the broker", metadata: ["error": "\(error)"])
        }
    }

    private func declareExchanges(on connection: AMQPConnection) async throws(AMQPError) {
        for exchange in configuration.exchanges {
            let channel = try await connection.openChannel(confirms: false)
            do throws(AMQPError) {
                try await channel.declare(AMQPExchange(exchange), passive: true)
                try await channel.close()
            } catch {
                guard error.reply?.code == .notFound, !configuration.passiveDeclares, !exchange.passive else {
                    throw error
                }
                let another = try await connection.openChannel(confirms: false)
                try await another.declare(AMQPExchange(exchange))
                try await another.close()
            }
        }
    }
}

extension ReplayMessage {
    fileprivate var amqp: AMQPMessage? {
        guard case .amqp(let fedmsg) = content else { return nil }
        return fedmsg.message
    }
}

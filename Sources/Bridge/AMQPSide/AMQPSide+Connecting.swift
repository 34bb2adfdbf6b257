import AMQP
import Logging
import Settings

extension AMQPSide {
    /// Connects, works until the connection is lost, and connects again: for ever, until cancelled.
    func keepConnected(_ role: BrokerRole) async {
        var backOff = ReconnectBackOff()
        var wasConnected = false
        while !Task.isCancelled {
            do throws(AMQPError) {
                let connection = try await connect(role)
                backOff.reset()
                metrics(of: role).connected(again: wasConnected)
                wasConnected = true
                board.clearReasons(source: role.rawValue)
                logger.info(
                    "connected to the broker",
                    metadata: ["role": "\(role)", LogKey.endpoint: "\(connection.endpoint)"]
                )
                await withTaskCancellationHandler {
                    await work(on: connection, role)
                } onCancel: {
                    Task { await connection.close() }
                }
                metrics(of: role).disconnected()
                throw await connection.closed()
            } catch {
                guard !Task.isCancelled else { return }
                note(error, role)
            }
            try? await Task.sleep(for: backOff.next())
        }
    }

    /// Tries each endpoint in turn.
    private func connect(_ role: BrokerRole) async throws(AMQPError) -> AMQPConnection {
        var last = AMQPError(.connectFailed, "amqp_url is empty")
        for endpoint in amqp.endpoints {
            do throws(AMQPError) {
                return try await AMQPConnection.connect(
                    to: endpoint,
                    configuration: amqp,
                    eventLoop: eventLoop,
                    logger: logger
                ) { [weak self] event in
                    self?.assumeIsolated { $0.note(event, role) }
                }
            } catch {
                last = error
                if Task.isCancelled { break }
            }
        }
        throw last
    }

    private func work(on connection: AMQPConnection, _ role: BrokerRole) async {
        switch role {
        case .publishing: await publish(on: connection)
        case .consuming: await consume(on: connection)
        }
        await connection.close()
    }

    private func note(_ event: AMQPConnectionEvent, _ role: BrokerRole) {
        switch event {
        case .blocked(let reason):
            gauges.setBlocked(true)
            board.raise(.blocked, source: role.rawValue, "the broker takes no messages: \(reason)")
            logger.warning("blocked by the broker", metadata: [LogKey.reason: "\(reason)"])
        case .unblocked:
            gauges.setBlocked(false)
            board.clear(.blocked, source: role.rawValue)
            logger.info("unblocked by the broker")
        case .closed: gauges.setBlocked(false)
        }
    }

    /// A connection could not be had, or was lost.
    func note(_ error: AMQPError, _ role: BrokerRole) {
        let reason = ReadinessReason(error)
        board.raise(reason, source: role.rawValue, "\(error)")
        board.clearReasons(source: role.rawValue, except: reason)
        logger.warning("not connected to the broker", metadata: ["role": "\(role)", LogKey.error: "\(error)"])
    }

    func metrics(of role: BrokerRole) -> DirectionMetrics {
        switch role {
        case .publishing: toAMQP
        case .consuming: toFedmsg
        }
    }
}

extension ReadinessReason {
    /// What an operator has to look at.
    init(_ error: AMQPError) {
        switch error.code {
        case .authenticationRefused, .virtualHostRefused, .noCommonMechanism: self = .accessRefused
        case .tlsHandshakeFailed, .tlsConfigurationFailed: self = .tls
        default:
            switch error.reply?.cause {
            case .exchangeMissing: self = .exchangeMissing
            case .queueDown, .queueMissing, .queueLocked: self = .queueDown
            case .topicRefused, .exchangeRefused, .queueRefused, .loginRefused, .virtualHostRefused,
                .virtualHostMissing:
                self = .accessRefused
            default: self = .brokerAway
            }
        }
    }
}

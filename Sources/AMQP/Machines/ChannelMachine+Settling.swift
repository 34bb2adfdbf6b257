import DequeModule
import NIOCore

extension ChannelMachine {
    /// What to tell the broker about deliveries.
    enum Settlement: Equatable {
        case ack
        case nack(requeue: Bool)
        /// Not the same as nack: RabbitMQ 4.3 counts it as a failed delivery.
        case reject(requeue: Bool)
    }

    /// Settles one delivery.
    ///
    /// - Throws: ``AMQPError`` for what the broker would close the channel over; nothing is sent then.
    mutating func settle(_ tag: UInt64, as settlement: Settlement, output: inout FrameWriter) throws(AMQPError) {
        guard isOpen else { throw .stale(number) }
        do throws(DeliveryLedger.Violation) {
            try deliveries.settle(tag)
        } catch {
            throw .settlement(of: tag, channel: number, error)
        }
        switch settlement {
        case .ack: output.writeOwn(Method.Basic.Ack(deliveryTag: tag), channel: number)
        case .nack(let requeue):
            output.writeOwn(Method.Basic.Nack(deliveryTag: tag, requeue: requeue), channel: number)
        case .reject(let requeue):
            output.writeOwn(Method.Basic.Reject(deliveryTag: tag, requeue: requeue), channel: number)
        }
    }

    /// Settles all that is unsettled up to and including `tag`: with basic.ack, or basic.nack where `requeue` is given.
    ///
    /// - Throws: ``AMQPError`` where there is nothing to settle; nothing is sent then.
    mutating func settle(
        through tag: UInt64,
        nackRequeue requeue: Bool? = nil,
        output: inout FrameWriter
    ) throws(AMQPError) {
        guard isOpen else { throw .stale(number) }
        let last: UInt64
        do throws(DeliveryLedger.Violation) {
            last = try deliveries.settle(through: tag)
        } catch {
            throw .settlement(of: tag, channel: number, error)
        }
        if let requeue {
            output.writeOwn(Method.Basic.Nack(deliveryTag: last, multiple: true, requeue: requeue), channel: number)
        } else {
            output.writeOwn(Method.Basic.Ack(deliveryTag: last, multiple: true), channel: number)
        }
    }
}

extension AMQPError {
    static func stale(_ channel: UInt16) -> AMQPError {
        let message = "the channel that brought the delivery is gone; the broker delivers the message again"
        return AMQPError(.staleDelivery, message, subject: .channel(channel))
    }

    fileprivate static func settlement(
        of tag: UInt64,
        channel: UInt16,
        _ violation: DeliveryLedger.Violation
    ) -> AMQPError {
        switch violation {
        case .alreadySettled:
            AMQPError(.deliveryAlreadySettled, "delivery \(tag) was settled before", subject: .channel(channel))
        case .unknownTag:
            AMQPError(
                .invalidArgument,
                "there was no delivery \(tag), or it needs no settlement",
                subject: .channel(channel)
            )
        }
    }
}

import NIOCore

@testable import AMQP

extension Dialogue {
    static func words(for event: ConnectionMachine.Event) -> String {
        switch event {
        case .opened: "opened"
        case .blocked(let reason): "blocked: \(reason)"
        case .unblocked: "unblocked"
        case .tokenDue: "token due"
        case .channel(let number, let event): "\(number): \(words(for: event))"
        case .closed(let error): "closed: \(words(for: error))"
        }
    }

    static func words(for event: ChannelMachine.Event) -> String {
        switch event {
        case .replied(let request, let method): "\(request) replied \(type(of: method.arguments).id)"
        case .got(let request, let message, let count): "\(request) got \(words(for: message)), \(count) left"
        case .delivered(let consumer, let message): "\(consumer) delivered \(words(for: message))"
        case .consumerCancelled(let consumer): "\(consumer) cancelled"
        case .publishingChanged: "publishing changed"
        case .timedOut(let request, let method): "\(request) \(method) timed out"
        case .closed(let error, let failed, let settlements):
            "closed: \(words(for: error))"
                + (failed.isEmpty ? "" : ", failed \(failed)")
                + settlements.map { ", \(words(for: $0))" }.joined()
        case .released(let closer): closer.map { "\($0) released" } ?? "released"
        }
    }

    static func words(for message: ReceivedMessage) -> String {
        "\(message.deliveryTag) '\(String(buffer: message.body))'"
    }

    static func words(for settlement: PublishSettlement) -> String {
        let numbers = settlement.numbers
        let range =
            numbers.count == 1 ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)...\(numbers.upperBound)"
        return switch settlement.outcome {
        case .confirmed: "\(range) confirmed"
        case .nacked: "\(range) nacked"
        case .returned(let details): "\(range) returned \(details.replyCode)"
        case .refused(let error): "\(range) refused \(words(for: error))"
        case .unknown(let error): "\(range) unknown \(words(for: error))"
        }
    }

    static func words(for error: AMQPError) -> String {
        error.reply.map { "\(error.code) \($0.code)" } ?? "\(error.code)"
    }

    static func words(for frame: Frame) -> String {
        switch frame {
        case .method(let channel, .connectionClose(let close)): "\(channel): connection.close \(close.replyCode)"
        case .method(let channel, .channelClose(let close)): "\(channel): channel.close \(close.replyCode)"
        case .method(let channel, .basicAck(let ack)):
            "\(channel): basic.ack \(ack.multiple ? "through " : "")\(ack.deliveryTag)"
        case .method(let channel, .basicNack(let nack)):
            "\(channel): basic.nack \(nack.multiple ? "through " : "")\(nack.deliveryTag)\(nack.requeue ? " requeue" : "")"
        case .method(let channel, .basicReject(let reject)):
            "\(channel): basic.reject \(reject.deliveryTag)\(reject.requeue ? " requeue" : "")"
        case .method(let channel, let method): "\(channel): \(type(of: method.arguments).id)"
        case .header(let channel, let header): "\(channel): header \(header.bodySize)"
        case .body(let channel, let bytes): "\(channel): body \(bytes.readableBytes)"
        case .heartbeat: "heartbeat"
        }
    }
}

extension ByteBuffer {
    /// A frame of any kind, right or wrong.
    static func frame(_ type: UInt8, channel: UInt16, payload: ByteBuffer, end: UInt8 = 206) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(type, channel, UInt32(payload.readableBytes))
        bytes.writeImmutableBuffer(payload)
        bytes.writeInteger(end)
        return bytes
    }

    static func contentHeader(
        _ properties: AMQPBasicProperties = AMQPBasicProperties(),
        classID: UInt16 = 60,
        weight: UInt16 = 0,
        size: UInt64,
        channel: UInt16 = 1
    ) -> ByteBuffer {
        var payload = ByteBuffer()
        payload.writeMultipleIntegers(classID, weight, size)
        let count = (try? properties.encodedSize()) ?? 2
        payload.writeWithOutputRawSpan(minimumWritableBytes: count) { properties.append(to: &$0) }
        return frame(2, channel: channel, payload: payload)
    }
}

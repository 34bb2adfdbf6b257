import NIOCore

@testable import AMQP

extension ByteBuffer {
    /// basic.publish with its content, the body copied.
    mutating func writePublish(
        _ publish: Method.Basic.Publish,
        properties: AMQPBasicProperties,
        body: ByteBuffer,
        channel: UInt16,
        frameMax: UInt32
    ) throws {
        let layout = try PublishLayout(publish, properties, bodySize: body.readableBytes, frameMax: frameMax)
        writePublish(layout, body: body, channel: channel) { span in
            layout.appendHead(to: &span, publish, properties, channel: channel)
        }
    }
}

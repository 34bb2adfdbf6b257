package import AMQP
package import NIOCore

/// A message as a bystander got it.
package struct Heard: Sendable {
    /// Where it was heard.
    package enum Place: Hashable, Sendable {
        /// At the fedmsg publishers of `zmq_endpoints`, or where `--listen` says.
        case publishers
        /// At `publish_endpoint`, where the bridge publishes.
        case bridge
        /// At the broker.
        case amqp
    }

    package var place: Place
    /// The topic frame, or the routing key.
    package var topic: ByteBuffer
    /// How many frames it had; an AMQP message counts as two.
    package var frames = 2
    /// Of an AMQP message.
    package var properties = AMQPBasicProperties()
    /// The envelope, or the AMQP body.
    package var payload: ByteBuffer

    package init(place: Place, topic: ByteBuffer, payload: ByteBuffer) {
        self.place = place
        self.topic = topic
        self.payload = payload
    }

    init(_ delivery: AMQPDelivery) {
        self.init(place: .amqp, topic: ByteBuffer(string: delivery.routingKey), payload: delivery.body)
        properties = delivery.properties
    }

    /// Bytes that it takes up, roughly.
    var size: Int { topic.readableBytes + payload.readableBytes + 1000 }
}

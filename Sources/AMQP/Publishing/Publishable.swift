import NIOCore

/// What a channel can publish: a message, encoded or not.
protocol Publishable {
    var body: ByteBuffer { get }

    /// Writes its frames. On an error nothing has been written.
    ///
    /// - Parameter number: the publish's on the channel.
    func write(to output: inout FrameWriter, number: UInt64, channel: UInt16) throws(WireError)
}

extension AMQPMessage: Publishable {
    func write(to output: inout FrameWriter, number: UInt64, channel: UInt16) throws(WireError) {
        let publish = Method.Basic.Publish(self)
        if mandatory {
            try output.write(publish, properties: try properties.numbered(number), body: body, channel: channel)
        } else {
            try output.write(publish, properties: properties, body: body, channel: channel)
        }
    }
}

extension EncodedPublish: Publishable {
    func write(to output: inout FrameWriter, number: UInt64, channel: UInt16) throws(WireError) {
        try output.write(self, number: number, channel: channel)
    }
}

extension Method.Basic.Publish {
    init(_ message: AMQPMessage) {
        self.init(exchange: message.exchange, routingKey: message.routingKey, mandatory: message.mandatory)
    }
}

extension AMQPBasicProperties {
    /// With the number of a mandatory publish, which ends the headers.
    func numbered(_ number: UInt64) throws(WireError) -> AMQPBasicProperties {
        var numbered = self
        var headers = headers ?? AMQPHeaders([:])
        do throws(AMQPCodingError) {
            try headers.append(AMQPMessage.publishNumberHeader, .int64(Int64(clamping: number)))
        } catch {
            throw error.reason
        }
        numbered.headers = headers
        return numbered
    }
}

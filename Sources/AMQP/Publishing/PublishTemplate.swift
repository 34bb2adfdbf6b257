package import NIOCore

/// What publishes to one exchange have alike, encoded once: all of their method and content header but the routing key,
/// the headers and the message id.
package struct PublishTemplate: Sendable {
    /// What ends the headers of a mandatory publish.
    private static let number = AMQPTable.Entry(AMQPMessage.publishNumberHeader, .int64(0))
    /// Key and value, with the length of one and the type of the other.
    private static let numberSize = 1 + AMQPMessage.publishNumberHeader.utf8.count + 1 + MemoryLayout<Int64>.size

    private let bytes: ByteBuffer
    private let methodSize: Int
    /// Where an empty routing key, empty headers and an empty message id are cut out.
    private let keyOffset: Int
    private let tableOffset: Int
    private let idOffset: Int
    private let mandatory: Bool

    /// - Parameter properties: those of every message; headers and message id are each message's own.
    /// - Throws: ``AMQPError`` with `invalidArgument` where no such message can be sent.
    package init(exchange: String, mandatory: Bool, properties: AMQPBasicProperties) throws(AMQPError) {
        do throws(WireError) {
            try self.init(Method.Basic.Publish(exchange: exchange, routingKey: "", mandatory: mandatory), properties)
        } catch {
            throw AMQPError(.invalidArgument, "the message can't be sent: \(error)")
        }
    }

    private init(_ publish: Method.Basic.Publish, _ properties: AMQPBasicProperties) throws(WireError) {
        var upToTable = AMQPBasicProperties()
        upToTable.contentType = properties.contentType
        upToTable.contentEncoding = properties.contentEncoding
        var upToID = upToTable
        upToID.headers = [:]
        upToID.deliveryMode = properties.deliveryMode
        upToID.priority = properties.priority
        upToID.correlationID = properties.correlationID
        upToID.replyTo = properties.replyTo
        upToID.expiration = properties.expiration
        var all = properties
        all.headers = [:]
        all.messageID = ""

        let layout = try PublishLayout(publish, all, bodySize: 0, frameMax: .max)
        let list = layout.methodSize + Frame.overhead + Frame.payloadOffset + ContentHeader.sizeBeforeProperties
        methodSize = layout.methodSize
        // Class, method and a reserved field stand before the exchange.
        keyOffset = try Frame.payloadOffset + 6 + publish.exchange.shortStringSize()
        tableOffset = try list + upToTable.encodedSize()
        idOffset = try list + upToID.encodedSize()
        mandatory = publish.mandatory
        var bytes = ByteBuffer()
        bytes.writeWithOutputRawSpan(minimumWritableBytes: layout.headSize) { span in
            layout.appendHead(to: &span, publish, all, channel: 0)
        }
        self.bytes = bytes
    }

    /// Writes a message's method and content header behind those of others.
    ///
    /// - Parameters:
    ///   - routingKey: UTF-8, as is `messageID`.
    ///   - headersCapacity: bytes that `headers` needs at most; where that is too little, it traps.
    ///   - headers: writes the entries of the table.
    /// - Throws: ``AMQPError`` with `invalidArgument` where the message can't be sent: nothing was written.
    package func write(
        routingKey: RawSpan,
        messageID: RawSpan,
        headersCapacity: Int,
        to heads: inout ByteBuffer,
        headers: (inout OutputRawSpan) -> Void
    ) throws(AMQPError) -> EncodedPublish.Head {
        let longest = max(routingKey.byteCount, messageID.byteCount)
        guard longest <= UInt8.max else {
            let error = WireError.shortStringTooLong(length: longest)
            throw AMQPError(.invalidArgument, "the message can't be sent: \(error)")
        }
        let start = heads.readableBytes
        let methodSize = methodSize + routingKey.byteCount
        let headerOffset = methodSize + Frame.overhead
        var headerSize = 0
        var numberOffset: Int?
        let texts = routingKey.byteCount + messageID.byteCount
        let capacity = bytes.readableBytes + texts + headersCapacity + Self.numberSize
        heads.writeWithOutputRawSpan(minimumWritableBytes: capacity) { span in
            let bytes = bytes.readableBytesSpan
            span.appendBytes(bytes.extracting(..<keyOffset))
            span.appendShortString(routingKey)
            span.appendBytes(bytes.extracting((keyOffset + 1)..<tableOffset))
            span.appendWithLength { table in
                headers(&table)
                if mandatory { table.appendEntry(Self.number) }
            }
            if mandatory { numberOffset = span.byteCount - MemoryLayout<Int64>.size }
            span.appendBytes(bytes.extracting((tableOffset + MemoryLayout<UInt32>.size)..<idOffset))
            span.appendShortString(messageID)
            span.appendBytes(bytes.extracting((idOffset + 1)...))
            headerSize = span.byteCount - headerOffset - Frame.overhead
            var frames = span.mutableBytes
            frames.storeSize(methodSize, ofFrameAt: 0)
            frames.storeSize(headerSize, ofFrameAt: headerOffset)
        }
        return EncodedPublish.Head(
            start: start,
            methodSize: methodSize,
            headerSize: headerSize,
            numberOffset: numberOffset
        )
    }
}

extension MutableRawSpan {
    fileprivate mutating func storeSize(_ size: Int, ofFrameAt offset: Int) {
        storeBytes(of: UInt32(size).bigEndian, toByteOffset: offset + Frame.sizeOffset, as: UInt32.self)
    }
}

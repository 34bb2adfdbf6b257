import NIOCore

extension AMQPBasicProperties {
    private var flags: PropertyFlags {
        var flags: PropertyFlags = []
        if contentType != nil { flags.insert(.contentType) }
        if contentEncoding != nil { flags.insert(.contentEncoding) }
        if headers != nil { flags.insert(.headers) }
        if deliveryMode != nil { flags.insert(.deliveryMode) }
        if priority != nil { flags.insert(.priority) }
        if correlationID != nil { flags.insert(.correlationID) }
        if replyTo != nil { flags.insert(.replyTo) }
        if expiration != nil { flags.insert(.expiration) }
        if messageID != nil { flags.insert(.messageID) }
        if timestamp != nil { flags.insert(.timestamp) }
        if type != nil { flags.insert(.type) }
        if userID != nil { flags.insert(.userID) }
        if appID != nil { flags.insert(.appID) }
        if clusterID != nil { flags.insert(.clusterID) }
        return flags
    }

    /// Writes property flags and list.
    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(flags.rawValue)
        if let contentType { try buffer.writeShortString(contentType) }
        if let contentEncoding { try buffer.writeShortString(contentEncoding) }
        if let headers { try headers.write(to: &buffer) }
        if let deliveryMode { buffer.writeInteger(deliveryMode) }
        if let priority { buffer.writeInteger(priority) }
        if let correlationID { try buffer.writeShortString(correlationID) }
        if let replyTo { try buffer.writeShortString(replyTo) }
        if let expiration { try buffer.writeShortString(expiration) }
        if let messageID { try buffer.writeShortString(messageID) }
        if let timestamp { buffer.writeInteger(timestamp) }
        if let type { try buffer.writeShortString(type) }
        if let userID { try buffer.writeShortString(userID) }
        if let appID { try buffer.writeShortString(appID) }
        if let clusterID { try buffer.writeShortString(clusterID) }
    }
}

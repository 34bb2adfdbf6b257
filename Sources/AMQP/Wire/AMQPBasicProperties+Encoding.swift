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

    /// The bytes of flags and list.
    func encodedSize() throws(WireError) -> Int {
        var size = 2
        if let contentType { size += try contentType.shortStringSize() }
        if let contentEncoding { size += try contentEncoding.shortStringSize() }
        if let headers { size += try headers.encodedSize() }
        if deliveryMode != nil { size += 1 }
        if priority != nil { size += 1 }
        if let correlationID { size += try correlationID.shortStringSize() }
        if let replyTo { size += try replyTo.shortStringSize() }
        if let expiration { size += try expiration.shortStringSize() }
        if let messageID { size += try messageID.shortStringSize() }
        if timestamp != nil { size += 8 }
        if let type { size += try type.shortStringSize() }
        if let userID { size += try userID.shortStringSize() }
        if let appID { size += try appID.shortStringSize() }
        if let clusterID { size += try clusterID.shortStringSize() }
        return size
    }

    /// Appends flags and list, whose size `encodedSize` found fit.
    func append(to span: inout OutputRawSpan) {
        span.appendInteger(flags.rawValue)
        if let contentType { span.appendShortString(contentType) }
        if let contentEncoding { span.appendShortString(contentEncoding) }
        if let headers { headers.append(to: &span) }
        if let deliveryMode { span.appendInteger(deliveryMode.rawValue) }
        if let priority { span.appendInteger(priority) }
        if let correlationID { span.appendShortString(correlationID) }
        if let replyTo { span.appendShortString(replyTo) }
        if let expiration { span.appendShortString(expiration) }
        if let messageID { span.appendShortString(messageID) }
        if let timestamp { span.appendInteger(timestamp) }
        if let type { span.appendShortString(type) }
        if let userID { span.appendShortString(userID) }
        if let appID { span.appendShortString(appID) }
        if let clusterID { span.appendShortString(clusterID) }
    }
}

/// A value for each key of an envelope that has it.
///
/// Members, as reading an element of an `InlineArray` copies all of it.
struct EnvelopeValues: Sendable {
    private var topic, msg, msgID, timestamp, i, username, headers: JSONValue?
    private var crypto, signature, certificate: JSONValue?
    private var sourceName, sourceVersion: JSONValue?

    @inline(__always)
    subscript(key: Envelope.Key) -> JSONValue? {
        get {
            switch key {
            case .topic: topic
            case .msg: msg
            case .msgID: msgID
            case .timestamp: timestamp
            case .i: i
            case .username: username
            case .headers: headers
            case .crypto: crypto
            case .signature: signature
            case .certificate: certificate
            case .sourceName: sourceName
            case .sourceVersion: sourceVersion
            }
        }
        set {
            switch key {
            case .topic: topic = newValue
            case .msg: msg = newValue
            case .msgID: msgID = newValue
            case .timestamp: timestamp = newValue
            case .i: i = newValue
            case .username: username = newValue
            case .headers: headers = newValue
            case .crypto: crypto = newValue
            case .signature: signature = newValue
            case .certificate: certificate = newValue
            case .sourceName: sourceName = newValue
            case .sourceVersion: sourceVersion = newValue
            }
        }
    }
}

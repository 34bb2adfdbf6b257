extension Envelope {
    /// The keys that fedmsg itself, its signatures and its archive put into an envelope.
    public enum Key: Int, CaseIterable, Sendable {
        case topic, msg, msgID, timestamp, i, username, headers
        case crypto, signature, certificate
        case sourceName, sourceVersion

        /// As it is written in an envelope.
        public var name: String { "\(text)" }

        var text: StaticString {
            switch self {
            case .topic: "topic"
            case .msg: "msg"
            case .msgID: "msg_id"
            case .timestamp: "timestamp"
            case .i: "i"
            case .username: "username"
            case .headers: "headers"
            case .crypto: "crypto"
            case .signature: "signature"
            case .certificate: "certificate"
            case .sourceName: "source_name"
            case .sourceVersion: "source_version"
            }
        }

        /// The key that a string is, however it is written.
        init?(_ key: JSONString, in bytes: RawSpan) {
            if key.isEscaped {
                var decoded: [UInt8] = []
                JSONText.decode(bytes.extracting(key.contents), into: &decoded)
                self.init(decoded.span.bytes, at: decoded.indices)
            } else {
                self.init(bytes, at: key.contents)
            }
        }

        /// Length and first letter leave one candidate.
        private init?(_ bytes: RawSpan, at range: Range<Int>) {
            guard !range.isEmpty else { return nil }
            let first = bytes[range.lowerBound]
            let candidate: Key
            switch range.count {
            case 1: candidate = .i
            case 3: candidate = .msg
            case 5: candidate = .topic
            case 6: candidate = first == UInt8(ascii: "m") ? .msgID : .crypto
            case 7: candidate = .headers
            case 8: candidate = .username
            case 9: candidate = first == UInt8(ascii: "t") ? .timestamp : .signature
            case 11: candidate = first == UInt8(ascii: "c") ? .certificate : .sourceName
            case 14: candidate = .sourceVersion
            default: return nil
            }
            guard bytes.equals(candidate.text, at: range) else { return nil }
            self = candidate
        }
    }
}

extension Envelope {
    /// The keys that fedmsg itself, its signatures and its archive put into an envelope.
    public enum Key: Int, CaseIterable, Sendable {
        case topic, msg, msgID, timestamp, i, username, headers
        case crypto, signature, certificate
        case sourceName, sourceVersion

        /// As it is written in an envelope.
        public var name: String { "\(text)" }

        @inline(__always)
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

        /// By the length, which leaves two candidates at most.
        private init?(_ bytes: RawSpan, at range: Range<Int>) {
            @inline(__always)
            func match(_ candidate: Key) -> Key? { bytes.equals(candidate.text, at: range) ? candidate : nil }
            let found =
                switch range.count {
                case 1: match(.i)
                case 3: match(.msg)
                case 5: match(.topic)
                case 6: match(.msgID) ?? match(.crypto)
                case 7: match(.headers)
                case 8: match(.username)
                case 9: match(.timestamp) ?? match(.signature)
                case 11: match(.certificate) ?? match(.sourceName)
                case 14: match(.sourceVersion)
                default: nil as Key?
                }
            guard let found else { return nil }
            self = found
        }
    }
}

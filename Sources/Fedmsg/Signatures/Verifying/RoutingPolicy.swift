/// Who may send on which topic, as fedmsg's `routing_policy` and `routing_nitpicky` say it.
struct RoutingPolicy: Sendable {
    /// Keyed by bytes: `String` takes names for equal that Python keeps apart.
    private let signers: [[UInt8]: Set<[UInt8]>]
    private let isNitpicky: Bool

    init(_ policy: [String: [String]], isNitpicky: Bool) {
        var signers: [[UInt8]: Set<[UInt8]>] = [:]
        for (topic, names) in policy { signers[Array(topic.utf8)] = Set(names.map { Array($0.utf8) }) }
        self.signers = signers
        self.isNitpicky = isNitpicky
    }

    /// Why the holder of a certificate may not send a message; nil where he may.
    func objection(to commonName: String, sending envelope: Envelope, in bytes: RawSpan) -> SignatureRefusal? {
        let topic = envelope[.topic]
        // Python raises: neither can be a key of its dictionary.
        if topic?.kind == .object || topic?.kind == .array {
            return SignatureRefusal(.policy, "\(commonName), on a topic that is no text")
        }
        if signers.isEmpty, !isNitpicky { return nil }
        var text: [UInt8] = []
        if let topic, case .text = topic.kind {
            JSONText.decode(bytes.extracting(topic.contents), into: &text)
            if let allowed = signers[text] {
                if allowed.contains(Array(commonName.utf8)) { return nil }
                return SignatureRefusal(.policy, "\(commonName), whom routing_policy does not name for the topic")
            }
        }
        guard isNitpicky else { return nil }
        return SignatureRefusal(.policy, "\(commonName), on a topic that routing_policy does not name")
    }
}

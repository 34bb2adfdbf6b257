/// A fedmsg as received: where in its bytes the values of the keys that fedmsg knows stand.
///
/// One checking pass finds them; nothing is decoded, nothing copied, so `msg` can be sent on byte for byte. Keys
/// are compared decoded (`"\u006dsg"` is `msg`) and the last of duplicates counts, as in Python. The envelope does
/// not hold the bytes: whoever asks for a value hands in the same ones again.
public struct Envelope: Sendable {
    private let values: EnvelopeValues

    /// Where `msg` stands: always an object.
    public let body: Range<Int>

    /// Checks the bytes of an envelope and finds its values.
    ///
    /// - Throws: `EnvelopeError.badJSON`, `.notAnObject`, `.noBody` or `.bodyNotAnObject`.
    public init(_ bytes: RawSpan) throws(EnvelopeError) {
        var index = TopLevelIndex<EnvelopeKeys>()
        do throws(JSONError) {
            try JSONScanner.scan(bytes, into: &index)
        } catch {
            throw .badJSON(error)
        }
        guard index.kind == .object else { throw .notAnObject(index.kind) }
        guard let body = index.keys.values[.msg] else { throw .noBody }
        guard body.kind == .object else { throw .bodyNotAnObject(body.kind) }
        self.body = body.range
        self.values = index.keys.values
    }

    /// Checks the bytes of an envelope and finds its values.
    ///
    /// - Throws: `EnvelopeError.badJSON`, `.notAnObject`, `.noBody` or `.bodyNotAnObject`.
    public init(_ bytes: [UInt8]) throws(EnvelopeError) {
        try self.init(bytes.span.bytes)
    }

    /// Bytes of an id, as AMQP has room for: any other counts as none.
    package static let messageIDLengths = 1...255

    /// The id of what may be no envelope for another reason; nil where it can't be read, or has another length.
    package static func messageID(of bytes: RawSpan) -> String? {
        var index = TopLevelIndex<EnvelopeKeys>()
        guard (try? JSONScanner.scan(bytes, into: &index)) != nil, index.kind == .object,
            let id = index.keys.values[.msgID]?.text(in: bytes), messageIDLengths.contains(id.utf8.count)
        else { return nil }
        return id
    }

    /// The value of a key, nil where the envelope has it not.
    public subscript(key: Key) -> JSONValue? { values[key] }
}

/// The values of an envelope's keys, as they are found.
private struct EnvelopeKeys: TopLevelKeys {
    var values = EnvelopeValues()
    private var current: Envelope.Key?

    mutating func key(_ key: JSONString, in bytes: RawSpan) {
        current = Envelope.Key(key, in: bytes)
    }

    mutating func value(_ value: JSONValue) {
        if let current { values[current] = value }
    }
}

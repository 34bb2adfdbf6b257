/// An entry of an envelope's `headers`.
public struct EnvelopeHeader: Hashable, Sendable {
    /// What an entry holds, as far as AMQP has a field for it.
    public enum Value: Hashable, Sendable {
        case text(String)
        case bool(Bool)
        case integer(Int64)
        /// Null, a float, a container, an integer over 64 bits, or text that UTF-8 can't hold.
        case other
    }

    /// The decoded key.
    public let name: String
    /// What came with it last.
    public let value: Value

    /// An entry.
    public init(name: String, value: Value) {
        self.name = name
        self.value = value
    }
}

extension Envelope {
    /// The entries of `headers`; none where it is absent or no object.
    ///
    /// A name that comes twice stands where it came first and has the value that came last, as in a Python
    /// dictionary. A name that UTF-8 can't hold is left out.
    public func headers(in bytes: RawSpan) -> [EnvelopeHeader] {
        guard let value = self[.headers], value.kind == .object else { return [] }
        let object = bytes.extracting(value.range)
        var index = TopLevelIndex<NamedMembers>()
        // The envelope's own pass has checked these bytes: only other bytes than its own could fail here.
        guard (try? JSONScanner.scan(object, into: &index)) != nil else { return [] }
        return index.keys.members.compactMap { name, value in
            guard let name = String(validating: name, as: UTF8.self) else { return nil }
            return EnvelopeHeader(name: name, value: EnvelopeHeader.Value(value, in: object))
        }
    }
}

extension EnvelopeHeader.Value {
    fileprivate init(_ value: JSONValue, in bytes: RawSpan) {
        self =
            switch value.kind {
            case .text: value.text(in: bytes).map(Self.text) ?? .other
            case .integer: value.integer(in: bytes).map(Self.integer) ?? .other
            case .bool(let bool): .bool(bool)
            case .float, .null, .object, .array: .other
            }
    }
}

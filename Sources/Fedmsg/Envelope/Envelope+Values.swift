extension Envelope {
    /// Whether the topic is, byte for byte, that of a topic frame: `==` on `String` takes different bytes for equal where
    /// Unicode holds them equivalent.
    ///
    /// - Throws: `EnvelopeError.badTopic` where it has a lone surrogate.
    public func isTopic(_ frame: RawSpan, in bytes: RawSpan) throws(EnvelopeError) -> Bool {
        if let plain = self[.topic]?.plainText { return bytes.extracting(plain).hasSameBytes(as: frame) }
        guard let value = self[.topic], case .text = value.kind else { return false }
        var topic: [UInt8] = []
        guard JSONText.decode(bytes.extracting(value.contents), into: &topic) else { throw .badTopic }
        return topic.span.bytes.hasSameBytes(as: frame)
    }

    /// The text of a key; nil where the envelope has it not, where it is no text, or none that UTF-8 can hold.
    public func text(_ key: Key, in bytes: RawSpan) -> String? {
        guard let value = self[key] else { return nil }
        return value.text(in: bytes)
    }

    /// The number of a key that is an integer of 64 bits, else nil. `1.0` and `true` are none.
    public func integer(_ key: Key, in bytes: RawSpan) -> Int64? {
        guard let value = self[key] else { return nil }
        return value.integer(in: bytes)
    }

    /// `timestamp` in whole seconds since 1970, fractions cut towards the past; nil where it is no number between
    /// the years 1 and 9999.
    public func timestamp(in bytes: RawSpan) -> Int64? {
        guard let value = self[.timestamp] else { return nil }
        return value.timestamp(in: bytes)
    }
}

extension JSONValue {
    /// Seconds since 1970 from the beginning of year 1 to the end of year 9999, in UTC.
    private static let datableSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// As an envelope's `timestamp`: a number in whole seconds since 1970, else nil.
    package func timestamp(in bytes: RawSpan) -> Int64? {
        switch kind {
        case .integer:
            guard let seconds = integer(in: bytes), Self.datableSeconds.contains(seconds) else { return nil }
            return seconds
        case .float:
            guard let whole = JSONNumber.floor(bytes.extracting(range)), Self.datableSeconds.contains(whole)
            else { return nil }
            return whole
        default:
            return nil
        }
    }

    /// What is between the quotes of a text.
    var contents: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }

    /// A text, nil where it has a lone surrogate, and nil for any other kind.
    package func text(in bytes: RawSpan) -> String? {
        guard case .text(let escaped) = kind else { return nil }
        let contents = bytes.extracting(contents)
        if escaped { return JSONText.string(contents) }
        return contents.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// An integer that fits 64 bits, else nil.
    package func integer(in bytes: RawSpan) -> Int64? {
        guard kind == .integer else { return nil }
        return JSONNumber.int64(bytes.extracting(range))
    }
}

extension RawSpan {
    func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for offset in 0..<byteCount where self[offset] != other[offset] { return false }
        return true
    }
}

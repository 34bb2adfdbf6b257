/// Text of an envelope, which is not decoded where it can be used as it stands.
package enum EnvelopeText: Sendable {
    /// Where in the envelope's bytes it stands: UTF-8, nothing in it escaped.
    case inPlace(Range<Int>)
    /// Text that was decoded, or that is not the envelope's.
    case decoded(String)

    /// Bytes of the text in UTF-8.
    package var byteCount: Int {
        switch self {
        case .inPlace(let range): range.count
        case .decoded(let text): text.utf8.count
        }
    }

    /// The text.
    ///
    /// - Parameter bytes: the envelope's, here and below.
    package func string(in bytes: RawSpan) -> String {
        switch self {
        case .inPlace(let range):
            bytes.extracting(range).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        case .decoded(let text): text
        }
    }

    /// Hands the text in UTF-8 to a closure.
    @inlinable
    package func withUTF8<Result, Failure: Error>(
        in bytes: RawSpan,
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch self {
        case .inPlace(let range): try body(bytes.extracting(range))
        case .decoded(let text): try body(text.utf8Span.span.bytes)
        }
    }
}

extension Envelope {
    /// The text of a key; nil where the envelope has it not, where it is no text, or none that UTF-8 can hold.
    package func undecodedText(_ key: Key, in bytes: RawSpan) -> EnvelopeText? {
        guard let value = self[key] else { return nil }
        if let range = value.plainText { return .inPlace(range) }
        return value.text(in: bytes).map(EnvelopeText.decoded)
    }

    /// The topic, nil where the envelope has none that is text.
    ///
    /// - Throws: `EnvelopeError.badTopic` where it has a lone surrogate.
    package func undecodedTopic(in bytes: RawSpan) throws(EnvelopeError) -> EnvelopeText? {
        guard let value = self[.topic], case .text = value.kind else { return nil }
        guard let topic = undecodedText(.topic, in: bytes) else { throw .badTopic }
        return topic
    }
}

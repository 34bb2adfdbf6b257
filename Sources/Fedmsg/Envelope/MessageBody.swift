/// What may become an envelope's `msg`.
public enum MessageBody {
    /// Checks that an AMQP body is one JSON object, as every fedora-messaging body is.
    ///
    /// - Throws: `EnvelopeError.badJSON` or `.bodyNotAnObject`.
    public static func check(_ bytes: RawSpan) throws(EnvelopeError) {
        var index = TopLevelIndex<NoKeys>()
        do throws(JSONError) {
            try JSONScanner.scan(bytes, into: &index)
        } catch {
            throw .badJSON(error)
        }
        guard index.kind == .object else { throw .bodyNotAnObject(index.kind) }
        // An envelope has one level more, and has to be read again.
        guard index.deepest < JSONNesting.limit else { throw .badJSON(JSONError(offset: 0, expected: .fewerLevels)) }
    }
}

/// What Python's `json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))` gives, byte for byte: the
/// form that fedmsg signs.
///
/// It is written straight from the bytes, without a tree of objects: one pass checks them and sorts each object's
/// keys, a second writes. A value of this type holds nothing but room to work in; kept, it saves the allocations.
public struct CanonicalForm {
    private var index = CanonicalIndex()
    private var writer = CanonicalWriter()

    /// Room to work in.
    public init() {}

    /// Appends the canonical form of any JSON.
    ///
    /// - Parameter omitted: keys to leave out where the text is an object, in it and in none inside it.
    /// - Throws: `JSONError` where the text is none that Python reads; then nothing is appended.
    public mutating func write(
        _ bytes: RawSpan,
        omitting omitted: Envelope.KeySet = [],
        to output: inout [UInt8]
    ) throws(JSONError) {
        try write(bytes, omitting: omitted, replacement: nil, to: &output)
    }

    mutating func write(
        _ bytes: RawSpan,
        omitting omitted: Envelope.KeySet,
        replacement: (offset: Int, json: [UInt8])?,
        to output: inout [UInt8]
    ) throws(JSONError) {
        // What the index keeps of a place has 31 bits.
        guard bytes.byteCount < Int(Int32.max) else { throw JSONError(offset: 0, expected: .fewerBytes) }
        index.reset()
        index.omitted = omitted
        try JSONScanner.scan(bytes, into: &index)
        // Eight more, so that whole words can be written to the end.
        let capacity = 8 + bytes.byteCount + index.growth + (replacement?.json.count ?? 0)
        output.append(capacity: capacity) { output in
            writer.write(bytes, index, replacement: replacement, into: &output)
        }
    }
}

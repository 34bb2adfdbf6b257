extension CanonicalForm {
    /// Appends what of an envelope is signed: all but `signature` and `certificate`.
    ///
    /// - Parameters:
    ///   - envelope: the one that `bytes` hold.
    ///   - isStored: whether the message comes out of datanommer, which adds `source_name`, `source_version` and
    ///     empty `headers` and makes `timestamp` a float. Where both of the first are there, this is undone as fedmsg
    ///     undoes it for a backlog: the first two are left out, `headers` where Python takes them for false, and
    ///     `timestamp` becomes what Python's `int` makes of it.
    /// - Throws: `EnvelopeError.badTimestamp` for a stored `timestamp` of which `int` makes nothing.
    public mutating func writeSigned(
        _ envelope: Envelope,
        in bytes: RawSpan,
        isStored: Bool = false,
        to output: inout [UInt8]
    ) throws(EnvelopeError) {
        var omitted: Envelope.KeySet = [.signature, .certificate]
        var replacement: (offset: Int, json: [UInt8])?
        if isStored, envelope[.sourceName] != nil, envelope[.sourceVersion] != nil {
            omitted.insert(.sourceName)
            omitted.insert(.sourceVersion)
            if let headers = envelope[.headers], headers.isFalse(in: bytes) { omitted.insert(.headers) }
            if let timestamp = envelope[.timestamp], timestamp.kind != .integer {
                guard let json = timestamp.pythonInteger(in: bytes) else { throw .badTimestamp }
                replacement = (timestamp.range.lowerBound, json)
            }
        }
        do throws(JSONError) {
            try write(bytes, omitting: omitted, replacement: replacement, to: &output)
        } catch {
            throw .badJSON(error)
        }
    }
}

extension JSONValue {
    /// Whether Python takes the value for false: nothing, zero or empty.
    fileprivate func isFalse(in bytes: RawSpan) -> Bool {
        switch kind {
        case .null: true
        case .bool(let bool): !bool
        case .integer, .float: JSONNumber.double(bytes.extracting(range)) == 0
        case .text: range.count == 2
        case .object, .array:
            JSONScanner.skipWhiteSpace(in: bytes, from: range.lowerBound + 1) == range.upperBound - 1
        }
    }

    /// What Python's `int` makes of a value that is no integer yet, canonical; nil where it raises.
    ///
    /// Floats past 64 bits, and text with digits or spaces that are not ASCII, are taken to raise too: no publisher
    /// had such a timestamp.
    fileprivate func pythonInteger(in bytes: RawSpan) -> [UInt8]? {
        switch kind {
        case .bool(let bool):
            return [UInt8(ascii: bool ? "1" : "0")]
        case .float:
            let whole = JSONNumber.double(bytes.extracting(range)).rounded(.towardZero)
            return Int64(exactly: whole).map { Array($0.description.utf8) }
        case .text:
            return text(in: bytes).flatMap(pythonInteger)
        case .integer, .null, .object, .array:
            return nil
        }
    }

    /// Python allows white space around, a sign, leading zeros, and single underscores between digits.
    private func pythonInteger(_ text: String) -> [UInt8]? {
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte || 0x1C...0x1F ~= byte }
        var digits = text.utf8.drop(while: isSpace)
        while let last = digits.last, isSpace(last) { digits.removeLast() }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        let groups = digits.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy { 0x30...0x39 ~= $0 } }) else { return nil }
        let significant = Array(groups.joined().drop { $0 == UInt8(ascii: "0") })
        guard groups.reduce(0, { $0 + $1.count }) <= JSONScanner.integerDigitLimit else { return nil }
        if significant.isEmpty { return [UInt8(ascii: "0")] }
        return isNegative ? [UInt8(ascii: "-")] + significant : significant
    }
}

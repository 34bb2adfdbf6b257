/// Finds where a JSON value or a Python literal ends, line by line, by its brackets and quotes alone.
struct BracketScanner {
    /// How many brackets are open.
    private(set) var depth = 0
    /// Inside a string: its quote.
    private var quote: UInt8?
    private var isEscaped = false
    /// The last byte that is no white space: a bracket or comma means that a value follows.
    private(set) var lastByte: UInt8 = 0

    /// Whether a string was left open, which no line break may do.
    var isInString: Bool { quote != nil }

    /// Whether the next line can only go on with a value of this text.
    var expectsValue: Bool {
        lastByte == UInt8(ascii: "[") || lastByte == UInt8(ascii: ",") || lastByte == UInt8(ascii: ":")
    }

    /// Reads on.
    ///
    /// - Parameter isPython: whether a single quote begins a string.
    /// - Returns: how many bytes there are up to the end of the outermost brackets; nil where they stay open.
    mutating func scan(_ bytes: some Collection<UInt8>, isPython: Bool) -> Int? {
        var count = 0
        for byte in bytes {
            count += 1
            if let quote {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == quote {
                    self.quote = nil
                }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0D, 0x0A: continue
            case UInt8(ascii: "\""): quote = byte
            case UInt8(ascii: "'"): if isPython { quote = byte }
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"):
                depth -= 1
                if depth <= 0 { return count }
            default: break
            }
            lastByte = byte
        }
        return nil
    }
}

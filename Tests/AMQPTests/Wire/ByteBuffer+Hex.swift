import NIOCore

extension ByteBuffer {
    /// Bytes from hexadecimal digits; spaces and line breaks are for the reader.
    init(hex: String) {
        let digits = hex.filter { !$0.isWhitespace }
        self.init()
        var index = digits.startIndex
        while index < digits.endIndex {
            let next = digits.index(index, offsetBy: 2)
            writeInteger(UInt8(digits[index..<next], radix: 16) ?? 0)
            index = next
        }
    }

    var hex: String { hexDump(format: .compact) }
}

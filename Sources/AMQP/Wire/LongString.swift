/// A method's argument of type longstr: bytes, often text, sometimes a secret. So it prints as its length.
struct LongString: Sendable, Equatable {
    var bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The bytes as text, what is not UTF-8 replaced.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension LongString: ExpressibleByStringLiteral, CustomStringConvertible, CustomReflectable {
    init(stringLiteral value: String) {
        self.init(value)
    }

    var description: String { "<\(bytes.count) bytes>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where each key and array element of a TOML text stands.
///
/// TOMLKit tells positions of syntax errors only. It decides what a text means; this index only finds
/// places, in a text that TOMLKit has taken. Any other text gives an index that means nothing.
struct TOMLKeyIndex: Sendable {
    private(set) var positions: [ConfigurationPath: TOMLPosition] = [:]

    /// The first escape of U+0000, which TOMLKit's C strings would cut off.
    private(set) var zeroEscape: TOMLPosition?

    /// Where inline tables have a colon for their equals sign, in bytes: the first bridge's example has,
    /// and its TOML reader took it.
    private(set) var colons: [Int] = []

    /// The first mistake of those that TOMLKit may not see: nesting without end, and where toml++ 3.4 ends the
    /// process instead of reporting it (tomlplusplus#294). What stands before its expression, so many bytes, may.
    private(set) var fault: (failure: TOMLDocument.Failure, expression: Int)?

    init(_ text: String) {
        var walker = Walker(TOMLScanner(text))
        walker.walk()
        positions = walker.positions
        zeroEscape = walker.scanner.zeroEscape
        fault = walker.fault
        colons = walker.colons
    }

    /// The place of `path`, or of what it is part of; the beginning where nothing is known.
    func position(of path: ConfigurationPath) -> TOMLPosition {
        var path = path
        while true {
            if let position = positions[path] { return position }
            guard let parent = path.parent else { return TOMLPosition(line: 1, column: 1) }
            path = parent
        }
    }
}

extension TOMLKeyIndex {
    /// Follows the grammar's expressions: headers, key-value pairs, and the values that hold keys.
    private struct Walker {
        var scanner: TOMLScanner
        var positions: [ConfigurationPath: TOMLPosition] = [:]
        var fault: (failure: TOMLDocument.Failure, expression: Int)?
        /// Where the expression begins, in bytes.
        private var expression = 0
        var colons: [Int] = []
        /// How many elements each `[[array of tables]]` has so far.
        private var elements: [ConfigurationPath: Int] = [:]

        /// Deeper tables and arrays are refused: nothing in the configuration needs them.
        private static let maxDepth = 32

        init(_ scanner: TOMLScanner) { self.scanner = scanner }

        mutating func walk() {
            var table = ConfigurationPath()
            while true {
                scanner.skipBlank()
                guard let byte = scanner.peek else { return }
                expression = scanner.offset
                if byte == UInt8(ascii: "[") {
                    table = header()
                } else {
                    pair(in: table, depth: 0)
                }
                scanner.skipLine()
            }
        }

        private mutating func header() -> ConfigurationPath {
            scanner.advance()
            let isArray = scanner.take(UInt8(ascii: "["))
            scanner.skipSpace()
            if !scanner.isAtKey { note("expected a table's name after the bracket") }
            var path = ConfigurationPath()
            let keys = scanner.dottedKey()
            guard keys.count <= Self.maxDepth else {
                note("nested more than \(Self.maxDepth) levels deep")
                return path
            }
            for (offset, key) in keys.enumerated() {
                path = path.key(key.name)
                note(path, key.position)
                if isArray && offset == keys.count - 1 {
                    elements[path, default: 0] += 1
                }
                if let count = elements[path] {
                    path = path.index(count - 1)
                    note(path, key.position)
                }
            }
            return path
        }

        private mutating func pair(in table: ConfigurationPath, depth: Int) {
            var path = table
            for key in scanner.dottedKey().prefix(Self.maxDepth + 1) {
                path = path.key(key.name)
                note(path, key.position)
            }
            scanner.skipSpace()
            if depth > 0 && scanner.peek == UInt8(ascii: ":") {
                colons.append(scanner.offset)
                scanner.advance()
            } else if !scanner.take(UInt8(ascii: "=")) {
                return
            }
            value(at: path, depth: depth)
        }

        private mutating func value(at path: ConfigurationPath, depth: Int) {
            scanner.skipSpace()
            guard path.components.count <= Self.maxDepth else {
                return note("nested more than \(Self.maxDepth) levels deep")
            }
            switch scanner.peek {
            case UInt8(ascii: "["): array(at: path, depth: depth + 1)
            case UInt8(ascii: "{"): inlineTable(at: path, depth: depth + 1)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): scanner.skipString()
            default: scanner.skipScalar()
            }
        }

        private mutating func array(at path: ConfigurationPath, depth: Int) {
            scanner.advance()
            var count = 0
            while true {
                scanner.skipBlank()
                guard scanner.peek != nil, !scanner.take(UInt8(ascii: "]")) else { return }
                let start = scanner.offset
                if !scanner.isAtValue { note("expected a value or a closing bracket") }
                note(path.index(count), scanner.position)
                value(at: path.index(count), depth: depth)
                count += 1
                scanner.skipBlank()
                guard scanner.take(UInt8(ascii: ",")) || scanner.offset > start else { return }
            }
        }

        private mutating func inlineTable(at path: ConfigurationPath, depth: Int) {
            scanner.advance()
            while true {
                scanner.skipBlank()
                guard scanner.peek != nil, !scanner.take(UInt8(ascii: "}")) else { return }
                let start = scanner.offset
                pair(in: path, depth: depth)
                scanner.skipSpace()
                guard scanner.take(UInt8(ascii: ",")) || scanner.offset > start else { return }
            }
        }

        private mutating func note(_ fault: String) {
            guard self.fault == nil else { return }
            self.fault = (TOMLDocument.Failure(position: scanner.position, text: fault), expression)
        }

        /// The first mention of a key is its place.
        private mutating func note(_ path: ConfigurationPath, _ position: TOMLPosition) {
            if positions[path] == nil { positions[path] = position }
        }
    }
}

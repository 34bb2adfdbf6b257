/// An AMQP table: keys and values in the order of the wire, each with its exact type.
///
/// A peer may send a key twice. Both stay, so that a table goes out as it came in; looked up by key, the last one
/// counts, as in peers that read tables into dictionaries.
public struct AMQPTable: Sendable, Equatable {
    /// One key and its value.
    public struct Entry: Sendable, Equatable {
        /// At most 255 bytes of UTF-8.
        public var key: String
        /// The value, with its type.
        public var value: AMQPFieldValue

        /// Creates an entry.
        public init(_ key: String, _ value: AMQPFieldValue) {
            self.key = key
            self.value = value
        }
    }

    /// The entries, in order.
    public var entries: [Entry]

    /// Creates a table of entries in order; none by default.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// Whether there is no entry.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of the last entry with this key.
    ///
    /// Setting it replaces the value where that entry stands, or appends one; setting nil removes every entry
    /// with the key.
    public subscript(key: String) -> AMQPFieldValue? {
        get { entries.last { $0.key == key }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.key == key } }
            if let index = entries.lastIndex(where: { $0.key == key }) {
                entries[index].value = newValue
            } else {
                entries.append(Entry(key, newValue))
            }
        }
    }
}

extension AMQPTable: ExpressibleByDictionaryLiteral {
    /// A table of the pairs, in the order in which they are written.
    public init(dictionaryLiteral elements: (String, AMQPFieldValue)...) {
        entries = elements.map { Entry($0, $1) }
    }
}

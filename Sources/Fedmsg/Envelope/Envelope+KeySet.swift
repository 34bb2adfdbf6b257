extension Envelope {
    /// A set of keys without an allocation.
    public struct KeySet: ExpressibleByArrayLiteral, Hashable, Sendable {
        private var bits: UInt16 = 0

        /// The keys listed.
        public init(arrayLiteral keys: Key...) {
            for key in keys { insert(key) }
        }

        /// Whether no key is in it.
        public var isEmpty: Bool { bits == 0 }

        /// Adds a key.
        public mutating func insert(_ key: Key) { bits |= 1 << UInt16(key.rawValue) }

        /// Whether a key is in it.
        public func contains(_ key: Key) -> Bool { bits & 1 << UInt16(key.rawValue) != 0 }
    }
}

/// The messages of the last minutes, to know one that comes again: a digest and a time each.
///
/// A ring in order of arrival, and a table of places in the ring (open addressing, at most half full): 32 bytes an id.
/// Both grow with what is in them.
public struct DuplicateWindow: Sendable {
    /// A message that passed.
    public struct Entry: Hashable, Sendable {
        /// Stands for the message.
        public var digest: MessageDigest
        /// When it was received, in microseconds since 1970.
        public var receivedAt: Int64

        /// An entry.
        public init(digest: MessageDigest, receivedAt: Int64) {
            self.digest = digest
            self.receivedAt = receivedAt
        }
    }

    /// Ids kept in one window; the oldest go first.
    public static let defaultCapacity = 500_000

    private let length: Int64
    private let capacity: Int
    /// Entries from `head` on, wrapping around.
    private var ring: [Entry] = []
    private var head = 0
    /// Entries in the ring.
    public private(set) var count = 0
    /// A place in the ring and one, or 0 for none.
    private var table: [UInt32] = []

    /// An empty window.
    ///
    /// - Parameters:
    ///   - seconds: How long an id is known.
    ///   - capacity: Ids kept.
    public init(seconds: Int, capacity: Int = Self.defaultCapacity) {
        self.length = Int64(seconds) * 1_000_000
        self.capacity = max(1, capacity)
    }

    /// Whether a message with this digest was received at most the window's length before `receivedAt`.
    public func contains(_ digest: MessageDigest, at receivedAt: Int64) -> Bool {
        guard let place = place(of: digest) else { return false }
        return receivedAt - ring[place].receivedAt <= length
    }

    /// Remembers a message that passed; what is older than the window goes.
    public mutating func insert(_ digest: MessageDigest, at receivedAt: Int64) {
        while count > 0, receivedAt - ring[head].receivedAt > length { removeOldest() }
        if count == capacity { removeOldest() }
        if count == ring.count { grow() }
        let place = (head + count) % ring.count
        ring[place] = Entry(digest: digest, receivedAt: receivedAt)
        count += 1
        // An older entry of the same digest stays in the ring until its turn, known by no slot.
        table[slot(of: digest)] = UInt32(place + 1)
    }

    /// Bytes of memory in use.
    var memory: Int { ring.capacity * MemoryLayout<Entry>.stride + table.capacity * MemoryLayout<UInt32>.stride }
}

extension DuplicateWindow {
    private func place(of digest: MessageDigest) -> Int? {
        guard !table.isEmpty else { return nil }
        let value = table[slot(of: digest)]
        return value == 0 ? nil : Int(value) - 1
    }

    private func home(of digest: MessageDigest) -> Int {
        Int(truncatingIfNeeded: digest.low) & (table.count - 1)
    }

    /// The slot that has the digest, or the free one where it belongs.
    private func slot(of digest: MessageDigest) -> Int {
        var slot = home(of: digest)
        while table[slot] != 0, ring[Int(table[slot]) - 1].digest != digest { slot = (slot + 1) & (table.count - 1) }
        return slot
    }

    private mutating func removeOldest() {
        let slot = slot(of: ring[head].digest)
        if table[slot] == UInt32(head + 1) { vacate(slot) }
        head = (head + 1) % ring.count
        count -= 1
    }

    /// Empties a slot and moves up those behind it that it was in the way of.
    private mutating func vacate(_ slot: Int) {
        let mask = table.count - 1
        var free = slot
        var next = (slot + 1) & mask
        while table[next] != 0 {
            let home = home(of: ring[Int(table[next]) - 1].digest)
            if (next - home) & mask >= (next - free) & mask {
                table[free] = table[next]
                free = next
            }
            next = (next + 1) & mask
        }
        table[free] = 0
    }

    private mutating func grow() {
        let size = min(capacity, max(1024, ring.count * 2))
        var grown: [Entry] = []
        grown.reserveCapacity(size)
        for index in 0..<count { grown.append(ring[(head + index) % ring.count]) }
        let unused = Entry(digest: MessageDigest(high: 0, low: 0), receivedAt: 0)
        grown.append(contentsOf: repeatElement(unused, count: size - count))
        ring = grown
        head = 0
        var slots = 2
        while slots < size * 2 { slots *= 2 }
        table = [UInt32](repeating: 0, count: slots)
        for place in 0..<count { table[slot(of: ring[place].digest)] = UInt32(place + 1) }
    }
}

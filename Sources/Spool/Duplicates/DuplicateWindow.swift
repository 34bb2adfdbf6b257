/// The messages of the last minutes, to know one that comes again: a digest and a time each.
///
/// A ring in order of arrival, and a table of places in the ring (open addressing, at most half full): 32 bytes an id.
/// Both grow with what is in them. The first message of a name has its slot by that, so that others of the name can be told
/// to be; these have theirs by the rest of the digest, so that many of one name do not crowd.
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
    private var table: [Slot] = []

    /// An empty window.
    ///
    /// - Parameters:
    ///   - seconds: How long an id is known.
    ///   - capacity: Ids kept.
    public init(seconds: Int, capacity: Int = Self.defaultCapacity) {
        self.length = Int64(seconds) * 1_000_000
        self.capacity = min(max(1, capacity), Slot.maxPlaces)
    }

    /// Whether anything is ever known.
    public var hasLength: Bool { length > 0 }

    /// Whether a message with this digest was received at most the window's length before `receivedAt`.
    public func contains(_ digest: MessageDigest, at receivedAt: Int64) -> Bool {
        guard let place = place(of: digest) else { return false }
        return isWithin(ring[place], of: receivedAt)
    }

    /// Whether a message with the same name and another body was received at most the window's length before `receivedAt`; the
    /// first of the name, if it is still remembered.
    public func containsAnother(_ digest: MessageDigest, at receivedAt: Int64) -> Bool {
        guard !table.isEmpty, let entry = entry(at: slot(ofName: digest.name)) else { return false }
        return entry.digest != digest && isWithin(entry, of: receivedAt)
    }

    /// Whether they are no further apart than the window is long, either way: clocks are set back, and a backlog is old.
    private func isWithin(_ entry: Entry, of receivedAt: Int64) -> Bool {
        hasLength && (receivedAt - entry.receivedAt).magnitude <= length.magnitude
    }

    /// Remembers a message that passed; what is older than the window goes.
    public mutating func insert(_ digest: MessageDigest, at receivedAt: Int64) {
        while count > 0, receivedAt - ring[head].receivedAt > length { removeOldest() }
        if count == capacity { removeOldest() }
        if count == ring.count { grow() }
        let place = (head + count) % ring.count
        ring[place] = Entry(digest: digest, receivedAt: receivedAt)
        count += 1
        enter(place)
    }

    /// Bytes of memory in use.
    var memory: Int { ring.capacity * MemoryLayout<Entry>.stride + table.capacity * MemoryLayout<Slot>.stride }
}

extension DuplicateWindow {
    /// A place in the ring, and 11 further bits of the hash that it has the slot by: nearly every look at a slot ends
    /// here, without one at the ring, which is seldom in the processor's cache.
    private struct Slot {
        static let maxPlaces = 1 << 20 - 1
        private static let tagMask: UInt32 = 0x7FF << 20
        private static let firstMask: UInt32 = 1 << 31

        /// The place and one, or 0 for none; then the tag; then whether it has the slot by its name.
        private var bits: UInt32 = 0

        static let free = Slot()

        private init() {}

        init(_ place: Int, hash: UInt64, isFirst: Bool) {
            bits = UInt32(place + 1) | Self.tag(hash) | (isFirst ? Self.firstMask : 0)
        }

        var isFree: Bool { bits == 0 }
        var isFirst: Bool { bits & Self.firstMask != 0 }
        var place: Int { Int(bits & UInt32(Self.maxPlaces)) - 1 }

        /// Whether it may be of an entry with this hash.
        func mayBe(_ hash: UInt64, isFirst: Bool) -> Bool {
            bits & (Self.tagMask | Self.firstMask) == Self.tag(hash) | (isFirst ? Self.firstMask : 0)
        }

        /// Bits that no table is large enough to choose a slot by.
        private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) << 20 & tagMask }
    }

    private func place(of digest: MessageDigest) -> Int? {
        guard !table.isEmpty else { return nil }
        let named = slot(ofName: digest.name)
        if entry(at: named)?.digest == digest { return place(at: named) }
        return place(at: slot(of: digest))
    }

    /// Gives a new entry its slot. An older one of the same digest stays in the ring until its turn, known by no slot or a
    /// later one.
    private mutating func enter(_ place: Int) {
        let digest = ring[place].digest
        let named = slot(ofName: digest.name)
        if let first = entry(at: named), first.digest != digest {
            table[slot(of: digest)] = Slot(place, hash: digest.low, isFirst: false)
        } else {
            table[named] = Slot(place, hash: digest.name, isFirst: true)
        }
    }

    private func place(at slot: Int) -> Int? {
        table[slot].isFree ? nil : table[slot].place
    }

    private func entry(at slot: Int) -> Entry? { place(at: slot).map { ring[$0] } }

    /// The slot of the first with the name, or the free one where it belongs.
    private func slot(ofName name: UInt64) -> Int {
        slot(from: name, isFirst: true) { $0.name == name }
    }

    /// The slot of one with the digest that is not the first of its name, or the free one where it belongs.
    private func slot(of digest: MessageDigest) -> Int {
        slot(from: digest.low, isFirst: false) { $0 == digest }
    }

    @inline(__always)
    private func slot(from hash: UInt64, isFirst: Bool, where isWanted: (MessageDigest) -> Bool) -> Int {
        var slot = home(of: hash)
        while !table[slot].isFree {
            if table[slot].mayBe(hash, isFirst: isFirst), isWanted(ring[table[slot].place].digest) { return slot }
            slot = (slot + 1) & (table.count - 1)
        }
        return slot
    }

    private func home(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (table.count - 1) }

    private func home(ofEntryAt slot: Int) -> Int {
        let digest = ring[place(at: slot) ?? 0].digest
        return home(of: table[slot].isFirst ? digest.name : digest.low)
    }

    private mutating func removeOldest() {
        let digest = ring[head].digest
        let named = slot(ofName: digest.name)
        let slot = place(at: named) == head ? named : slot(of: digest)
        if place(at: slot) == head { vacate(slot) }
        head = (head + 1) % ring.count
        count -= 1
    }

    /// Empties a slot and moves up those behind it that it was in the way of.
    private mutating func vacate(_ slot: Int) {
        let mask = table.count - 1
        var free = slot
        var next = (slot + 1) & mask
        while !table[next].isFree {
            let home = home(ofEntryAt: next)
            if (next - home) & mask >= (next - free) & mask {
                table[free] = table[next]
                free = next
            }
            next = (next + 1) & mask
        }
        table[free] = .free
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
        table = [Slot](repeating: .free, count: slots)
        for place in 0..<count { enter(place) }
    }
}

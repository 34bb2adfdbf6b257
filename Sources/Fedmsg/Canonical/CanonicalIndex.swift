/// Where a text's objects and their keys are, each object's keys in the order of the canonical form.
///
/// The first of two passes: the second writes an object's members in another order than they are read in, and so
/// must find any of them at once.
struct CanonicalIndex {
    struct Object {
        var members: Range<UInt32>
        /// Past its closing brace.
        var end: UInt32
        /// Number of the first object that begins after this one's end.
        var following: UInt32
    }

    /// Objects are numbered as they begin.
    private(set) var objects: [Object] = []
    /// Each object's in a row, sorted, without those that a later duplicate or an omission takes away.
    private(set) var members: [CanonicalMember] = []
    /// Bytes that the canonical form has more than the text, at most.
    private(set) var growth = 0

    /// Top-level keys to leave out.
    var omitted: Envelope.KeySet = []

    /// Members of the objects that are open, the innermost last.
    private var pending: [CanonicalMember] = []
    private var open: [(object: Int, firstPending: Int)] = []
    private var depth = 0
    /// Keys that had escapes, decoded.
    private var decoded: [UInt8] = []

    /// Forgets a text but keeps the room, unless the text was far larger than messages are.
    mutating func reset() {
        let keepsRoom = members.capacity < 1 << 16 && objects.capacity < 1 << 16
        objects.removeAll(keepingCapacity: keepsRoom)
        members.removeAll(keepingCapacity: keepsRoom)
        pending.removeAll(keepingCapacity: keepsRoom)
        decoded.removeAll(keepingCapacity: keepsRoom)
        open.removeAll(keepingCapacity: true)
        depth = 0
        growth = 0
    }
}

extension CanonicalIndex: JSONHandler {
    @inline(__always)
    mutating func beginObject(at offset: Int) {
        open.append((objects.count, pending.count))
        objects.append(Object(members: 0..<0, end: 0, following: 0))
        depth += 1
    }

    @inline(__always)
    mutating func endObject(at end: Int, in bytes: RawSpan) {
        depth -= 1
        guard let (object, firstPending) = open.popLast() else { return }
        let first = UInt32(members.count)
        pending.sortObject(from: firstPending, in: bytes, decoded: decoded)
        members.append(contentsOf: pending[firstPending...])
        pending.removeLast(pending.count - firstPending)
        objects[object] = Object(
            members: first..<UInt32(members.count),
            end: UInt32(end),
            following: UInt32(objects.count)
        )
    }

    @inline(__always)
    mutating func beginArray(at offset: Int) { depth += 1 }

    @inline(__always)
    mutating func endArray(at end: Int) { depth -= 1 }

    @inline(__always)
    mutating func key(_ key: JSONString, in bytes: RawSpan) {
        growth &+= key.growth
        if depth == 1, !omitted.isEmpty, let known = Envelope.Key(key, in: bytes), omitted.contains(known) { return }
        pending.append(CanonicalMember(key, firstObject: objects.count, in: bytes, decoded: &decoded))
    }

    @inline(__always)
    mutating func text(_ text: JSONString) { growth &+= text.growth }

    @inline(__always)
    mutating func scalar(_ kind: JSONValue.Kind, _ range: Range<Int>) {
        // "1e5" becomes "100000.0"; no float has more than 24 characters.
        if kind == .float { growth &+= 24 }
    }
}

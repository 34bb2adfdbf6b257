/// Which containers are open, one bit each, so that no input can make the scanner recurse.
struct JSONNesting {
    /// Python's own limit is near 1000 and depends on its caller's depth.
    static let limit = 900

    private(set) var depth = 0
    private var objects = InlineArray<15, UInt64>(repeating: 0)

    /// Whether the innermost open container is an object.
    private(set) var isInObject = false

    /// - Returns: false where the limit is reached.
    @inline(__always)
    mutating func push(isObject: Bool) -> Bool {
        guard depth < Self.limit else { return false }
        let bit = UInt64(1) << UInt64(depth & 63)
        if isObject {
            objects[depth >> 6] |= bit
        } else {
            objects[depth >> 6] &= ~bit
        }
        depth += 1
        isInObject = isObject
        return true
    }

    @inline(__always)
    mutating func pop() {
        depth -= 1
        guard depth > 0 else { return }
        let outer = depth - 1
        isInObject = objects[outer >> 6] & (UInt64(1) << UInt64(outer & 63)) != 0
    }
}

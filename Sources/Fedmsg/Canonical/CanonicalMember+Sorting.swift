/// Objects rarely have more keys than this; insertion is quickest for so few.
private let fewMembers = 16

extension [CanonicalMember] {
    /// Puts the members from a place on, which are one object's, into the order of the canonical form, and takes
    /// away those that a later one of the same text overrides.
    @inline(__always)
    mutating func sortObject(from first: Int, in bytes: RawSpan, decoded: [UInt8]) {
        let decoded = decoded.span.bytes
        if isStrictlySorted(from: first, in: bytes, decoded: decoded) { return }
        if count - first <= fewMembers {
            insertionSort(from: first, in: bytes, decoded: decoded)
        } else {
            withUnsafeMutableBufferPointer { members in
                unsafe members[first...].sort { $0.precedes($1, in: bytes, decoded: decoded) }
            }
        }
        removeLast(count - foldDuplicates(from: first, in: bytes, decoded: decoded))
    }

    /// In order, and without duplicates.
    private func isStrictlySorted(from first: Int, in bytes: RawSpan, decoded: RawSpan) -> Bool {
        let members = span
        var place = first + 1
        while place < members.count {
            let isInOrder = members[place - 1].precedes(members[place], in: bytes, decoded: decoded)
            if !isInOrder || members[place - 1].hasText(of: members[place], in: bytes, decoded: decoded) {
                return false
            }
            place += 1
        }
        return true
    }

    private mutating func insertionSort(from first: Int, in bytes: RawSpan, decoded: RawSpan) {
        var members = mutableSpan
        var end = first + 1
        while end < members.count {
            let member = members[end]
            var place = end
            while place > first, member.precedes(members[place - 1], in: bytes, decoded: decoded) {
                members[place] = members[place - 1]
                place -= 1
            }
            members[place] = member
            end += 1
        }
    }

    /// Keeps the last of each run of the same text; what is equal stands in the order of the bytes.
    ///
    /// - Returns: the end of those that are kept.
    private mutating func foldDuplicates(from first: Int, in bytes: RawSpan, decoded: RawSpan) -> Int {
        var members = mutableSpan
        var kept = first
        var place = first + 1
        while place < members.count {
            if !members[kept].hasText(of: members[place], in: bytes, decoded: decoded) { kept += 1 }
            members[kept] = members[place]
            place += 1
        }
        return kept + 1
    }
}
